/**
 * Answers the queries of a panel, Explore, a variable or an alert rule.
 *
 * All queries of a request run at once and each has its own fate: an error in one is that query's answer, and the others
 * keep theirs.
 */
import { buildFrames } from '../data-frames/build-frames';
import { ProxyError } from '../errors/proxy-error';
import { type Instance } from '../instances/instance';
import { type InstanceStore, type Lease } from '../instances/instance-store';
import { type AnswerBuffers, type BufferPool } from '../memory/buffer-pool';
import { type MemoryBudget, type QueryMemory } from '../memory/memory-budget';
import { type DataQuery, type DataResponse, type QueryDataAnswer, type QueryDataRequest } from './plugin-request';
import { parseModel, sqlOf, startQuery } from './prepare-query';
import { failedResponse, logFailure, QueryRecord, type RecordDeps } from './query-record';

export interface QueryDataDeps extends RecordDeps {
  store: InstanceStore;
  memory: MemoryBudget;
  buffers: BufferPool;
}

/** The instance that a request asks, or why there is none. */
export function leaseFor(request: QueryDataRequest, deps: QueryDataDeps): Lease | ProxyError {
  const saved = request.context.dataSource;
  if (saved === undefined) {
    return new ProxyError('settings_invalid', { detail: 'Grafana sent no settings.' });
  }
  try {
    return deps.store.acquire(saved);
  } catch (reason) {
    const error = ProxyError.from(reason);
    request.queries.forEach(({ refId }) => logFailure(deps.logger, refId, error));
    return error;
  }
}

/** What one query holds until its answer has gone out. */
interface Held {
  memory: QueryMemory;
  buffers: AnswerBuffers;
}

async function answerQuery(
  instance: Instance,
  request: QueryDataRequest,
  query: DataQuery,
  { memory, buffers }: Held,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<DataResponse> {
  const { encoding } = request;
  const record = new QueryRecord(query.refId, encoding, request.context.user, deps);
  const { startedMs } = record;
  try {
    const model = parseModel(query);
    record.format = model.query.format;
    if (model.isEmpty) {
      memory.end(0);
      record.succeeded(0, 0);
      return { frames: [], status: 200 };
    }
    record.sql = sqlOf(model, query);
    const context = { instance, request, memory, buffers, startedMs, now: deps.now, signal };
    const { messages, options } = startQuery(query, model, record.sql, context);
    const { frames, rows, bytes } = await buildFrames(messages, options);
    if (encoding === 'json') {
      // Text holds nothing of what it was made from.
      buffers.release();
    }
    memory.end(Math.max(bytes, buffers.takenBytes));
    record.succeeded(rows, bytes);
    return { frames, encoding, status: 200 };
  } catch (reason) {
    buffers.release();
    memory.end(0);
    return record.failed(reason);
  }
}

/** Never rejects. */
export async function queryData(
  request: QueryDataRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<QueryDataAnswer> {
  const lease = leaseFor(request, deps);
  if (lease instanceof ProxyError) {
    const response = failedResponse(lease, request.context.user);
    return { responses: new Map(request.queries.map(({ refId }) => [refId, response])), done: () => undefined };
  }
  const call = deps.memory.openCall();
  const held = request.queries.map((): Held => ({ memory: call.openQuery(), buffers: deps.buffers.open() }));
  const done = () => {
    call.close();
    held.forEach(({ buffers }) => buffers.release());
  };
  try {
    const answers = request.queries.map(
      async (query, index) =>
        [query.refId, await answerQuery(lease.instance, request, query, held[index], deps, signal)] as const
    );
    return { responses: new Map(await Promise.all(answers)), done };
  } finally {
    lease.release();
  }
}
