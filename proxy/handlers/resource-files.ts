/** Routes of the resource API that return files. */
import { ProxyError } from '../errors/proxy-error';
import { readImageAddress } from '../images/image-query';
import { imageHeaders, readImage } from '../images/read-image';
import { type Lease, type InstanceStore } from '../instances/instance-store';
import { type MemoryAccount } from '../memory/memory-account';
import { type MemoryBudget } from '../memory/memory-budget';
import { readTraceRequest, type TraceFileRequest, traceHeaders, tracePieces } from '../perfetto/trace-pieces';
import { callerOf } from './caller';
import { type FileResponse, type PluginContext, type ResourceRequest } from './plugin-request';
import { type OpenFiles } from './open-files';
import { readWith } from './read-with';
import { parameter } from './resource-parameters';

export interface FileDeps {
  store: Pick<InstanceStore, 'acquire'>;
  memory: MemoryBudget;
  files: OpenFiles;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Time limit of a download, in milliseconds: the browser of a slow connection needs longer than a query. */
const DOWNLOAD_MS = 30 * 60_000;
/** Time limit for sending an image that was read, in milliseconds. */
const SENDING_MS = 60_000;
/** Bytes of an image that are sent at once. */
const PIECE_BYTES = 256 * 1024;

/** The instance of the data source that the request names. Release it. */
export function leaseFor({ dataSource }: PluginContext, store: FileDeps['store']): Lease {
  if (dataSource === undefined) {
    throw new ProxyError('resource_invalid', { detail: 'The call has no data source.' });
  }
  return store.acquire(dataSource);
}

/** Reads as the user of the request. `purpose` is shown in the server's audit log. */
function readerOf(
  { context, headers, trace }: ResourceRequest,
  { memory: budget, now }: FileDeps,
  { instance }: Lease,
  limits: { purpose: 'image' | 'perfetto'; signal: AbortSignal; timeoutMs?: number }
) {
  const caller = callerOf(context.user, headers, limits.purpose);
  return readWith({ instance, caller, trace, budget, now, signal: limits.signal, timeoutMs: limits.timeoutMs });
}

/** @throws {ProxyError} 'too_many_files', and see `readImageAddress` and `readImage`. */
export async function imageFile(request: ResourceRequest, deps: FileDeps, signal: AbortSignal): Promise<FileResponse> {
  const address = readImageAddress((name) => parameter(request, name));
  const lease = leaseFor(request.context, deps.store);
  let ended: (() => void) | undefined;
  try {
    ended = deps.files.begin('image', request.context, signal);
    const image = await readImage(address, readerOf(request, deps, lease, { purpose: 'image', signal }));
    const deadlineMs = deps.now() + lease.instance.settings.timeoutMs;
    const memory = deps.memory.open({ signal, deadlineMs });
    return { status: 200, headers: imageHeaders(image), parts: sending({ bytes: image.bytes }, memory, ended) };
  } catch (reason) {
    ended?.();
    throw reason;
  } finally {
    lease.release();
  }
}

/** A caller who does not read gets the rest within `SENDING_MS`, or never. Then the memory is free also while nothing is pulled. */
export async function* sending(
  image: { bytes: Uint8Array | undefined },
  memory: MemoryAccount,
  ended: () => void
): FileResponse['parts'] {
  const length = image.bytes?.length ?? 0;
  const end = () => {
    image.bytes = undefined;
    memory.close();
    ended();
  };
  const timer = setTimeout(end, SENDING_MS).unref();
  try {
    await memory.reserve(length);
    memory.adopt(length);
    for (let at = 0; at < length; at += PIECE_BYTES) {
      if (image.bytes === undefined) {
        throw new ProxyError('query_timeout', { detail: `(limit ${SENDING_MS / 1000} s for sending an image)` });
      }
      yield image.bytes.subarray(at, at + PIECE_BYTES);
    }
  } finally {
    clearTimeout(timer);
    end();
  }
}

/**
 * A file that is read while it is sent: no more is read than the caller takes.
 *
 * @throws {ProxyError} 'too_many_files', see `readTraceRequest`, and errors before the first piece of `tracePieces`.
 */
export async function perfettoFile(
  request: ResourceRequest,
  deps: FileDeps,
  signal: AbortSignal
): Promise<FileResponse> {
  const asked = readTraceRequest((name) => parameter(request, name));
  const ended = deps.files.begin('perfetto', request.context, signal);
  const pieces = reading(asked, request, deps, { signal, ended });
  const first = await pieces.next();
  return { status: 200, headers: traceHeaders(asked), parts: startingWith(first, pieces) };
}

async function* reading(
  asked: TraceFileRequest,
  request: ResourceRequest,
  deps: FileDeps,
  { signal, ended }: { signal: AbortSignal; ended: () => void }
): FileResponse['parts'] {
  let lease: Lease | undefined;
  try {
    lease = leaseFor(request.context, deps.store);
    const timeoutMs = Math.max(DOWNLOAD_MS, lease.instance.settings.timeoutMs);
    yield* tracePieces(asked, readerOf(request, deps, lease, { purpose: 'perfetto', signal, timeoutMs }));
  } finally {
    lease?.release();
    ended();
  }
}

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
