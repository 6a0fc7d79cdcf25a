/**
 * Runs the queries of a request, and returns their results in parts. The next part of a query is built when most of the
 * previous part has been sent. So users see rows early, and only a small part of a large result is in memory.
 *
 * All queries run at the same time, and their parts are sent in the order in which they are ready. If a query fails,
 * its last part contains the error. The other queries are not affected.
 */
import { merge } from '../base/async/merge';
import { ProxyError } from '../base/errors/proxy-error';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type DataChunk, type DataResponse, type QueryDataRequest } from '../query/plugin-request';
import { failedResponse } from '../query/query-record';
import { type RequestedQuery } from '../query/query-run';
import { prepareQuery } from '../query/prepare-query';
import {
  accountOptions,
  deadlineOf,
  failedQueries,
  acquireInstance,
  openQueries,
  type QueryDataDeps,
} from './open-request';

/** Id of the frame with an error. */
const ERROR = 'error';

function failedChunk(refId: string, { frames, ...outcome }: DataResponse): DataChunk {
  return { refId, frameId: ERROR, frame: frames[0] ?? [], ...outcome };
}

/** The result of one query in parts. Never throws: a failure becomes the last part. */
async function* chunksOf(requested: RequestedQuery, memory: MemoryAccount): AsyncGenerator<DataChunk> {
  const { record, deadline, query, request } = requested;
  const { refId } = query;
  const { encoding } = request;
  let rows = 0;
  let bytes = 0;
  let isOver = false;
  try {
    const prepared = await prepareQuery(requested);
    for await (const part of prepared.parts(memory)) {
      deadline.check();
      rows += part.rows;
      bytes += part.pieces.reduce((sum, piece) => sum + piece.length, 0);
      record.sending();
      yield { refId, frameId: part.frameId, frame: part.pieces, encoding, status: 200 };
      record.sent();
    }
    isOver = true;
    record.succeeded(rows, bytes);
  } catch (reason) {
    isOver = true;
    const chunk = failedChunk(refId, record.failed(deadline.errorOf(reason)));
    record.sending();
    yield chunk;
  } finally {
    memory.close();
    if (!isOver) {
      record.failed(deadline.errorOf(new ProxyError('query_cancelled')));
    }
    record.end();
  }
}

/**
 * Runs all queries of a request, and yields their results in parts. Never throws: a failed query has a part with its
 * error.
 */
export async function* queryChunkedData(
  request: QueryDataRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): AsyncGenerator<DataChunk> {
  const handle = acquireInstance(request, deps);
  if (handle instanceof ProxyError) {
    const response = failedResponse(handle, request.context.user);
    yield* failedQueries(request).map(({ refId }) => failedChunk(refId, response));
    return;
  }
  const call = deps.memory.open();
  const deadline = deadlineOf(handle.instance, deps, signal);
  const queries = openQueries(request, handle.instance, deadline, deps);
  try {
    const chunks = queries.map((requested) => chunksOf(requested, call.open(accountOptions(requested))));
    for await (const chunk of merge(chunks)) {
      yield { ...chunk, deadline: deadline.signal };
    }
  } finally {
    deadline.end();
    // If the iteration of a query never started, the record of the query is still open.
    queries.forEach(({ record }) => record.end());
    call.close();
    handle.release();
  }
}
