/** Downloads the Perfetto trace of a process from the backend, part by part. */
import { t } from '@grafana/i18n';
import { type FetchResponse, getBackendSrv } from '@grafana/runtime';
import { type PerfettoQuery, perfettoPath, TRACE_END } from '../../../contract/resources/perfetto';
import { failureMessage } from '../../shared/failure-message';

/** A complete trace, held by the browser until it is saved. */
export interface TraceFile {
  content: Blob;
  name: string;
}

interface DownloadOptions {
  /** Cancels the download, and with it the query on the server. */
  signal: AbortSignal;
  /** Called with the number of bytes received so far. */
  onBytes: (bytes: number) => void;
}

const TYPE = 'application/octet-stream';
/** Maximum size of the body of a failed request. Error messages are shorter. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Downloads the trace of a process.
 *
 * @throws {Error} with a message for users, also if the file is incomplete.
 */
export async function downloadTrace(uid: string, query: PerfettoQuery, options: DownloadOptions): Promise<TraceFile> {
  const received = new ReceivedFile();
  await receive(uid, query, options, (response) => {
    received.add(response);
    options.onBytes(received.bytes);
  });
  return received.finish(`${query.processId}.perfetto-trace`);
}

function receive(
  uid: string,
  query: PerfettoQuery,
  { signal }: DownloadOptions,
  onPart: (response: FetchResponse<Uint8Array | undefined>) => void
): Promise<void> {
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}/resources/${perfettoPath(query)}`;
  return new Promise((resolve, reject) => {
    const parts = getBackendSrv()
      .chunked({ url, method: 'GET', showErrorAlert: false })
      .subscribe({ next: onPart, error: (reason) => reject(new Error(failureMessage(reason))), complete: resolve });
    signal.addEventListener('abort', () => {
      // Ending the subscription aborts the request.
      parts.unsubscribe();
      reject(new Error(t('perfetto.cancelled', 'The download was cancelled.')));
    });
  });
}

class ReceivedFile {
  readonly #parts: Array<Uint8Array<ArrayBuffer>> = [];
  readonly #end = new Uint8Array(TRACE_END.length);
  #response: FetchResponse<unknown> | undefined;
  bytes = 0;

  add(response: FetchResponse<Uint8Array | undefined>): void {
    this.#response ??= response;
    const { data } = response;
    if (data === undefined || (!response.ok && this.bytes > MAX_ERROR_BYTES)) {
      return;
    }
    // The bytes of a response are never in a SharedArrayBuffer.
    this.#parts.push(data as Uint8Array<ArrayBuffer>);
    this.bytes += data.length;
    const known = data.subarray(-this.#end.length);
    this.#end.copyWithin(0, known.length);
    this.#end.set(known, this.#end.length - known.length);
  }

  finish(defaultName: string): TraceFile {
    if (this.#response?.ok !== true) {
      throw new Error(failureMessage({ data: errorOf(this.#parts), statusText: this.#response?.statusText }));
    }
    if (!this.#end.every((byte, index) => byte === TRACE_END[index])) {
      throw new Error(
        t(
          'perfetto.incomplete',
          'The server stopped before the end of the trace, so no file was saved. Try a shorter time range.'
        )
      );
    }
    const [, name] = /filename="([\w.-]+)"/.exec(this.#response.headers.get('content-disposition') ?? '') ?? [];
    return { content: new Blob(this.#parts, { type: TYPE }), name: name ?? defaultName };
  }
}

/** The parsed body of a failed request. Undefined if the body is not JSON. */
function errorOf(parts: readonly Uint8Array[]): unknown {
  const decoder = new TextDecoder();
  try {
    return JSON.parse(parts.map((part) => decoder.decode(part, { stream: true })).join(''));
  } catch {
    return undefined;
  }
}
