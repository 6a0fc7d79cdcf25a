/**
 * Answers the queries of a request in parts. Each part is sent before more is received, so that users see rows early and
 * little of a large result is held in memory.
 *
 * All queries run at the same time, and their parts are sent in the order in which they are ready. If a query fails, its
 * last part contains the error. The other queries are not affected.
 */
import { type Deadline } from '../base/async/deadline';
import { merge } from '../base/async/merge';
import { ProxyError } from '../base/errors/proxy-error';
import { type Instance } from '../lakehouse/instances/instance';
import { streamFrames } from '../frames/data-frames/stream-frames';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { editedQuery } from '../query/edit-query';
import { type DataChunk, type DataQuery, type DataResponse, type QueryDataRequest } from '../query/plugin-request';
import { expandedSql, parseModel, startQuery, writtenSql } from '../query/prepare-query';
import {
  accountOptions,
  deadlineOf,
  failedQueries,
  leaseFor,
  openRecord,
  type QueryDataDeps,
  typedContext,
} from './query-data';
import { answerTyped } from '../query/query-typed';
import { boundedQuery } from './request-bounds';
import { failedResponse, type QueryRecord } from '../query/query-record';

/** Id of the frame with an error. */
const ERROR = 'error';

function failedChunk(refId: string, { frames, ...outcome }: DataResponse): DataChunk {
  return { refId, frameId: ERROR, frame: frames[0] ?? [], ...outcome };
}

interface RunningQuery {
  record: QueryRecord;
  memory: MemoryAccount;
}

/** Never throws. */
async function* chunksOf(
  instance: Instance,
  request: QueryDataRequest,
  requested: DataQuery,
  { record, memory }: RunningQuery,
  deps: QueryDataDeps,
  deadline: Deadline
): AsyncGenerator<DataChunk> {
  const { encoding } = request;
  const { refId } = requested;
  let rows = 0;
  let bytes = 0;
  let isOver = false;
  try {
    const bounded = boundedQuery(requested);
    const saved = parseModel(bounded, request);
    record.format = saved.query.request?.type ?? saved.query.format;
    record.isVolume = saved.query.supplementary !== undefined;
    record.purpose = saved.purpose;
    record.sql = saved.query.sql;
    const typed = saved.query.request;
    if (!saved.isEmpty && typed !== undefined) {
      const context = typedContext(saved, { instance, request, record, deadline, memory }, deps);
      const built = await answerTyped(typed, bounded, context);
      ({ rows, bytes } = built);
      for (const [index, frame] of built.frames.entries()) {
        deadline.check();
        record.sending();
        yield { refId, frameId: String(index), frame, encoding, status: 200 };
        record.sent();
      }
    } else if (!saved.isEmpty) {
      const steps = { instance, request, record, deadline };
      const { model, query } = await editedQuery(saved, bounded, steps, deps);
      const prepared = expandedSql(model, query, request);
      record.prepared = prepared;
      const sql = await writtenSql(prepared, memory);
      record.sql = sql;
      const { filterable, freshness, now } = deps;
      const context = { instance, request, record, memory, filterable, freshness, now, deadline };
      const { messages, options } = startQuery(query, model, { sql, prepared }, context);
      for await (const part of streamFrames(messages, options)) {
        deadline.check();
        rows += part.rows;
        bytes += part.pieces.reduce((sum, piece) => sum + piece.length, 0);
        record.sending();
        yield { refId, frameId: part.frameId, frame: part.pieces, encoding, status: 200 };
        record.sent();
      }
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
      record.failed(new ProxyError('query_cancelled'));
    }
    record.end();
  }
}

/** Never throws. */
export async function* queryChunkedData(
  request: QueryDataRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): AsyncGenerator<DataChunk> {
  const lease = leaseFor(request, deps);
  if (lease instanceof ProxyError) {
    const response = failedResponse(lease, request.context.user);
    yield* failedQueries(request).map(({ refId }) => failedChunk(refId, response));
    return;
  }
  const call = deps.memory.open();
  const deadline = deadlineOf(lease.instance, deps, signal);
  const queries = request.queries.map((query) => {
    const record = openRecord(query, request, lease.instance, deps);
    return { query, record, memory: call.open(accountOptions(deadline, record, deps)) };
  });
  try {
    const chunks = queries.map(({ query, ...running }) =>
      chunksOf(lease.instance, request, query, running, deps, deadline)
    );
    for await (const chunk of merge(chunks)) {
      yield { ...chunk, deadline: deadline.signal };
    }
  } finally {
    deadline.end();
    // A query whose iteration never began has not ended itself.
    queries.forEach(({ record }) => record.end());
    call.close();
    lease.release();
  }
}
