/** The file of a Perfetto trace, read from the table function `perfetto_trace_chunks` of the server. */
import { isInstanceId } from '../../../contract/resources/lookups';
import { PERFETTO_SPANS, type PerfettoSpans, TRACE_END } from '../../../contract/resources/perfetto';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { ProxyError } from '../../base/errors/proxy-error';
import { type LakeReader } from '../lake-reader/lake-reader';
import { type ResultColumns } from '../lake-reader/result-columns';
import { msLiteral } from '../../../contract/sql/time-literals';

/** A checked request of the route `perfetto`. */
export interface TraceFileRequest {
  processId: string;
  spans: PerfettoSpans;
  /** Milliseconds since 1970, both inclusive. */
  fromMs: number;
  toMs: number;
}

/** Maximum size of a file, in bytes. */
export const MAX_TRACE_BYTES = 4 * 1024 ** 3;
/** Size of a piece, in bytes. A chunk of the server has about 1 KiB. */
const PIECE_BYTES = 64 * 1024;
/** Maximum number of chunks. A file of the maximum size has fewer chunks. */
const MAX_CHUNKS = 100_000_000;

/**
 * Reads a request from its parameters.
 *
 * @param parameter Returns the value of a parameter by its name; empty if it is missing.
 * @throws {ProxyError} 'resource_invalid'
 */
export function readTraceRequest(parameter: (name: string) => string): TraceFileRequest {
  const processId = parameter('process');
  if (!isInstanceId(processId)) {
    throw new ProxyError('resource_invalid', { detail: 'The parameter process is not the id of a process.' });
  }
  const spans = PERFETTO_SPANS.find((each) => each === (parameter('spans') || 'both'));
  if (spans === undefined) {
    throw new ProxyError('resource_invalid', {
      detail: `The parameter spans must be one of ${PERFETTO_SPANS.join(', ')}.`,
    });
  }
  const [fromMs, toMs] = [readTime('from', parameter('from')), readTime('to', parameter('to'))];
  if (fromMs > toMs) {
    throw new ProxyError('resource_invalid', { detail: 'The parameter from is later than the parameter to.' });
  }
  return { processId, spans, fromMs, toMs };
}

/** Reads a time in milliseconds, which must be in the range of 64-bit nanoseconds. */
function readTime(name: string, time: string): number {
  const epochMs = Number(time);
  if (!/^\d{1,13}$/.test(time) || epochMs > Date.UTC(2262, 3, 11)) {
    throw new ProxyError('resource_invalid', {
      detail: `The parameter ${name} is not a time in milliseconds since 1970.`,
    });
  }
  return epochMs;
}

/**
 * The bytes of the trace, then `TRACE_END`. If the iteration ends early, the statement is cancelled.
 *
 * @param take Allocates the memory of the pieces. A piece is valid until the next piece is pulled.
 * @throws {ProxyError} 'result_malformed' for missing chunks, 'result_too_large', and errors of the statement.
 */
export async function* tracePieces(
  request: TraceFileRequest,
  read: LakeReader['read'],
  take: (bytes: number) => Uint8Array
): AsyncGenerator<Uint8Array> {
  let chunks = 0;
  let bytes = 0;
  const piece = take(PIECE_BYTES);
  let used = 0;
  // The range is an argument in the SQL, because `perfetto_trace_chunks` ignores the range of the call.
  for await (const batch of read({
    sql: traceSql(request),
    range: undefined,
    maxRows: MAX_CHUNKS,
    columns: CHUNK_COLUMNS,
  })) {
    const ids = batch.numbers('chunk_id');
    const data = batch.bytes('chunk_data');
    for (let row = 0; row < batch.length; row++) {
      if (ids[row] !== chunks) {
        throw malformed(`chunk ${ids[row]} of the trace follows chunk ${chunks - 1}`);
      }
      chunks++;
      const chunk = data(row);
      bytes += chunk.length;
      if (bytes > MAX_TRACE_BYTES) {
        throw new ProxyError('result_too_large', { detail: `(the trace has more than ${MAX_TRACE_BYTES} bytes)` });
      }
      for (let at = 0; at < chunk.length;) {
        const part = chunk.subarray(at, at + PIECE_BYTES - used);
        piece.set(part, used);
        used += part.length;
        at += part.length;
        if (used === PIECE_BYTES) {
          yield piece;
          used = 0;
        }
      }
    }
  }
  if (bytes === 0) {
    throw malformed('the trace has no chunks');
  }
  if (used > 0) {
    yield piece.subarray(0, used);
  }
  yield TRACE_END;
}

function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail });
}

/** The columns of `traceSql`. */
const CHUNK_COLUMNS: ResultColumns = { chunk_id: 'number', chunk_data: 'bytes' };

/** Without ORDER BY, the server sends each chunk as soon as it is written. */
function traceSql({ processId, spans, fromMs, toMs }: TraceFileRequest): string {
  const args = [quoteLiteral(processId), quoteLiteral(spans), msLiteral(fromMs), msLiteral(toMs)];
  return `SELECT chunk_id, chunk_data FROM perfetto_trace_chunks(${args.join(', ')})`;
}

/** Headers that make browsers save the file. */
export function traceHeaders({ processId, fromMs }: TraceFileRequest): Record<string, string> {
  const at = new Date(fromMs).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replace(/:/g, '-');
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename="${processId.toLowerCase()}-${at}Z.perfetto-trace"`,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}
