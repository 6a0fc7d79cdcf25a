/** Routes of the resource API that return files. */
import { type StartTimer, TimeoutError, withLimits } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { readImageAddress } from '../views/images/image-query';
import { imageHeaders, MAX_IMAGE_BYTES, readImage } from '../views/images/read-image';
import { type InstanceHandle, type InstanceStore } from '../lakehouse/instances/instance-store';
import { type ReservedMemory } from '../observe/memory/file-memory';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { readTraceRequest, type TraceFileRequest, traceHeaders, tracePieces } from '../views/perfetto/trace-pieces';
import { callerOf } from '../query/caller';
import { type FileKind, type OpenFiles } from './open-files';
import { type FileResponse, type PluginContext, type ResourceRequest } from '../query/plugin-request';
import { type LakeReadOptions, lakeRead } from '../query/lake-read';
import { checkLongestRange } from '../query/request-bounds';
import { parameter } from './resource-parameters';

interface FileDeps {
  store: Pick<InstanceStore, 'acquire'>;
  memory: MemoryBudget;
  files: OpenFiles;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** Default: the timer of the process. */
  startTimer?: StartTimer;
}

/**
 * Bytes of memory that are reserved for each file. They hold a whole image, or the received bytes of a trace that are
 * not sent yet.
 */
const FILE_BYTES = MAX_IMAGE_BYTES;
/**
 * Time limit for the statement that reads a trace, in milliseconds. The data are read only as fast as the caller
 * receives the file, so this statement takes longer than a statement of a panel.
 */
const DOWNLOAD_MS = 30 * 60_000;
/** Time limit for sending an image, in milliseconds. */
const SENDING_MS = 60_000;
/** Bytes of an image that are sent at once. */
const PIECE_BYTES = 64 * 1024;
/** Time limit for the caller to receive one part of an image, in milliseconds. */
const IMAGE_PART_MS = 10_000;
/** Time limit for the caller to receive one part of a trace, in milliseconds. */
const TRACE_PART_MS = 60_000;
/**
 * Time limit in milliseconds for each wait for data from the server during a trace. If the query timeout of the data
 * source is longer, that timeout applies.
 */
const SILENCE_MS = 60_000;

/** The instance of the request's data source. The caller must release it. */
export function handleFor({ dataSource }: PluginContext, store: FileDeps['store']): InstanceHandle {
  if (dataSource === undefined) {
    throw new ProxyError('resource_invalid', { detail: 'The call has no data source.' });
  }
  return store.acquire(dataSource);
}

/**
 * Returns a function that runs statements with the identity of the requesting user. The server's audit log contains
 * `purpose`.
 */
function readerOf(
  { context, headers, trace }: ResourceRequest,
  { instance }: InstanceHandle,
  options: Pick<LakeReadOptions, 'budget' | 'signal' | 'timeoutMs'> & { purpose: 'image' | 'perfetto' }
) {
  const caller = callerOf(context.user, headers, options.purpose);
  return lakeRead({ instance, caller, trace, lane: 'file', ...options });
}

/** The resources of a file while it is sent. */
interface OpenFile {
  handle: InstanceHandle;
  memory: ReservedMemory;
  /** Call this at the end of the file. Further calls have no effect. */
  end: () => void;
}

/**
 * Counts the file as open, acquires the instance, and waits for memory.
 *
 * @throws {ProxyError} 'too_many_files', 'memory_busy' if there is no memory within the time limit of the data source,
 *   'query_cancelled' if `signal` aborts, and the errors of `handleFor`.
 */
async function openFile(
  kind: FileKind,
  { context }: ResourceRequest,
  { store, files, memory: budget }: FileDeps,
  signal: AbortSignal
): Promise<OpenFile> {
  const endCount = files.begin(kind, context, signal);
  let handle: InstanceHandle | undefined;
  try {
    handle = handleFor(context, store);
    const limitMs = handle.instance.settings.timeoutMs;
    const memory = await budget.files.reserve(FILE_BYTES, { signal, limitMs });
    const held = handle;
    const end = once(() => {
      memory.close();
      held.release();
      endCount();
    });
    return { handle, memory, end };
  } catch (reason) {
    handle?.release();
    endCount();
    throw reason;
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) {
      isDone = true;
      action();
    }
  };
}

/**
 * The file response for an image.
 *
 * @throws {ProxyError} See `openFile`, `readImageAddress` and `readImage`.
 */
export async function imageFile(request: ResourceRequest, deps: FileDeps, signal: AbortSignal): Promise<FileResponse> {
  const address = readImageAddress((name) => parameter(request, name));
  const file = await openFile('image', request, deps, signal);
  try {
    const read = readerOf(request, file.handle, { purpose: 'image', budget: deps.memory, signal });
    const image = await readImage(address, read, (bytes) => file.memory.account.take(bytes));
    file.memory.trim();
    const parts = sending(image.bytes, file.end, deps.elapsedMs);
    return { status: 200, headers: imageHeaders(image), partMs: IMAGE_PART_MS, parts };
  } catch (reason) {
    file.end();
    throw reason;
  }
}

async function* sending(bytes: Uint8Array, end: () => void, elapsedMs: () => number): FileResponse['parts'] {
  const deadlineMs = elapsedMs() + SENDING_MS;
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (elapsedMs() > deadlineMs) {
        throw new ProxyError('file_not_read', { detail: `(limit ${SENDING_MS / 1000} s for an image)` });
      }
      yield bytes.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    end();
  }
}

/**
 * The file response for a Perfetto trace, which is read while it is sent. The server's data are read only as fast as
 * the caller receives the file.
 *
 * @throws {ProxyError} Errors of `openFile` and `readTraceRequest`, and errors that occur before the first piece of the
 * trace.
 */
export async function perfettoFile(
  request: ResourceRequest,
  deps: FileDeps,
  signal: AbortSignal
): Promise<FileResponse> {
  const asked = readTraceRequest((name) => parameter(request, name));
  const file = await openFile('perfetto', request, deps, signal);
  const pieces = piecesOf(asked, request, deps, file, signal);
  const first = await pieces.next();
  return { status: 200, headers: traceHeaders(asked), partMs: TRACE_PART_MS, parts: startingWith(first, pieces) };
}

/**
 * The pieces of a trace. Frees the resources of the file at the end.
 *
 * @throws {ProxyError} 'query_timeout' if the server sends no data for too long, 'time_range_too_long'.
 */
async function* piecesOf(
  asked: TraceFileRequest,
  request: ResourceRequest,
  deps: FileDeps,
  { handle, memory, end }: OpenFile,
  signal: AbortSignal
): FileResponse['parts'] {
  const { timeoutMs } = handle.instance.settings;
  const limits = { limitMs: Math.max(SILENCE_MS, timeoutMs), startTimer: deps.startTimer };
  const statement = new AbortController();
  const stop = () => statement.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const read = readerOf(request, handle, {
    purpose: 'perfetto',
    budget: memory.account,
    signal: statement.signal,
    timeoutMs: Math.max(DOWNLOAD_MS, timeoutMs),
  });
  const pieces = tracePieces(asked, read, (bytes) => memory.account.take(bytes));
  try {
    checkLongestRange(asked, handle.instance.settings);
    let next = await withLimits(limits, () => pieces.next());
    while (next.done !== true) {
      yield next.value;
      next = await withLimits(limits, () => pieces.next());
    }
  } catch (reason) {
    const detail = `(limit ${limits.limitMs / 1000} s without data from the server)`;
    throw reason instanceof TimeoutError ? new ProxyError('query_timeout', { detail }) : reason;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await pieces.return(undefined);
    end();
  }
}

/** Yields `first`, then `rest`. */
async function* startingWith(
  first: IteratorResult<Uint8Array, void>,
  rest: FileResponse['parts']
): FileResponse['parts'] {
  try {
    if (first.done !== true) {
      yield first.value;
      yield* rest;
    }
  } finally {
    await rest.return(undefined);
  }
}
