/**
 * Answers the queries of a panel, Explore, a variable or an alert rule.
 *
 * All queries of a request run at the same time. A failed query gets an error as its answer, and the other queries are not
 * affected.
 */
import { TextMap } from '../../contract/text-map';
import { Deadline } from '../base/async/deadline';
import { type StartTimer } from '../base/async/with-limits';
import { buildFrames, type BuiltFrames } from '../frames/data-frames/build-frames';
import { ProxyError } from '../base/errors/proxy-error';
import { type Freshness } from '../views/freshness/freshness';
import { type Instance } from '../lakehouse/instances/instance';
import { type InstanceStore, type Lease } from '../lakehouse/instances/instance-store';
import { type AccountOptions, type MemoryAccount } from '../observe/memory/memory-account';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type FilterableColumns } from '../sql/edit/filterable-columns';
import { editedQuery } from '../query/edit-query';
import {
  type DataQuery,
  type DataResponse,
  type QueryDataAnswer,
  type QueryDataRequest,
} from '../query/plugin-request';
import { expandedSql, parseModel, type QueryModel, startQuery, writtenSql } from '../query/prepare-query';
import { type FilterDeps, type QueryStep } from '../query/query-filters';
import { answerTyped, type TypedContext } from '../query/query-typed';
import { boundedQuery, MAX_QUERIES } from './request-bounds';
import { failedResponse, QueryRecord, type RecordDeps } from '../query/query-record';

export interface QueryDataDeps extends RecordDeps, FilterDeps {
  store: InstanceStore;
  memory: MemoryBudget;
  filterable: Pick<FilterableColumns, 'of'>;
  freshness: Pick<Freshness, 'begin'>;
  /** Timer of the deadline. Default: that of the process. */
  startTimer?: StartTimer;
}

/** The queries that get an error if the whole request fails: at most `MAX_QUERIES`. */
export function failedQueries({ queries }: QueryDataRequest): readonly DataQuery[] {
  return queries.slice(0, MAX_QUERIES);
}

/** The instance for a request, or the error of all its queries. */
export function leaseFor(request: QueryDataRequest, deps: QueryDataDeps): Lease | ProxyError {
  if (request.queries.length > MAX_QUERIES) {
    return new ProxyError('too_many_queries', {
      detail: `The request has ${request.queries.length} queries; at most ${MAX_QUERIES} are allowed.`,
    });
  }
  const saved = request.context.dataSource;
  if (saved === undefined) {
    return new ProxyError('settings_invalid', { detail: 'Grafana sent no settings.' });
  }
  try {
    return deps.store.acquire(saved);
  } catch (reason) {
    const error = ProxyError.from(reason);
    // The queries are reported, although they do not run.
    for (const { refId } of request.queries) {
      const record = new QueryRecord(refId, request, deps);
      record.failed(error);
      record.end();
    }
    return error;
  }
}

/** The deadline of the queries of a request, which start together. */
export function deadlineOf(
  { settings }: Instance,
  { elapsedMs, startTimer }: QueryDataDeps,
  signal: AbortSignal
): Deadline {
  return new Deadline({ limitMs: settings.timeoutMs, signal, elapsedMs, startTimer });
}

/** Options of a query's account: the limits of its waits for memory. */
export function accountOptions(deadline: Deadline, { stages }: QueryRecord, { now }: QueryDataDeps): AccountOptions {
  return { signal: deadline.signal, deadlineMs: now() + deadline.leftMs(), stages };
}

/** The record of a query. @param instance Runs the query. */
export function openRecord(
  { refId }: DataQuery,
  request: QueryDataRequest,
  instance: Instance,
  deps: QueryDataDeps
): QueryRecord {
  const record = new QueryRecord(refId, request, deps);
  const { host, port } = instance.settings.server;
  record.server = { host, port };
  return record;
}

/** How often a query is restarted after it had to release its memory for older queries. */
const MAX_RESTARTS = 2;

/** The account of one query. It is replaced when the query restarts. */
interface QueryAccount {
  current: MemoryAccount;
  /** Opens a new account, which gets memory after all other accounts. */
  reopen(): MemoryAccount;
}

interface RunningQuery {
  record: QueryRecord;
  account: QueryAccount;
}

/**
 * Runs the query. A query that got no memory is restarted after all others. This is possible because no part of its answer
 * is sent yet.
 */
async function framesOf(
  account: QueryAccount,
  run: (memory: MemoryAccount) => Promise<BuiltFrames>
): Promise<BuiltFrames> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await run(account.current);
    } catch (reason) {
      if (!(reason instanceof ProxyError && reason.code === 'memory_busy') || restarts >= MAX_RESTARTS) {
        throw reason;
      }
      account.current.close();
      account.current = account.reopen();
    }
  }
}

/** Runs the SQL of a query. */
async function sqlRunner(
  requested: DataQuery,
  saved: QueryModel,
  { record, ...steps }: QueryStep & { record: QueryRecord },
  deps: QueryDataDeps
): Promise<(memory: MemoryAccount) => Promise<BuiltFrames>> {
  const step = { ...steps, record };
  const { model, query } = await editedQuery(saved, requested, step, deps);
  const prepared = expandedSql(model, query, steps.request);
  record.prepared = prepared;
  const { filterable, freshness, now } = deps;
  const context = { ...step, filterable, freshness, now };
  return async (memory) => {
    const sql = await writtenSql(prepared, memory);
    record.sql = sql;
    const { messages, options } = startQuery(query, model, { sql, prepared }, { ...context, memory });
    return buildFrames(messages, options);
  };
}

/** What a query without SQL of its own needs. */
export function typedContext(
  { purpose, query }: QueryModel,
  { record, ...steps }: Omit<QueryStep, 'record'> & { record: QueryRecord; memory: MemoryAccount },
  { memory: budget, now }: QueryDataDeps
): TypedContext {
  const { filters, timezone } = query;
  const hasFilters = filters.length > 0;
  return { ...steps, record, budget, now, purpose, timezone, hasFilters, onSql: (sql) => (record.sql = sql) };
}

async function answerQuery(
  instance: Instance,
  request: QueryDataRequest,
  requested: DataQuery,
  { record, account }: RunningQuery,
  deps: QueryDataDeps,
  deadline: Deadline
): Promise<DataResponse> {
  const { encoding } = request;
  try {
    const query = boundedQuery(requested);
    const saved = parseModel(query, request);
    record.format = saved.query.request?.type ?? saved.query.format;
    record.isVolume = saved.query.supplementary !== undefined;
    record.purpose = saved.purpose;
    record.sql = saved.query.sql;
    if (saved.isEmpty) {
      account.current.end([]);
      record.succeeded(0, 0);
      return { frames: [], status: 200 };
    }
    const steps = { instance, request, record, deadline };
    const typed = saved.query.request;
    const run =
      typed === undefined
        ? await sqlRunner(query, saved, steps, deps)
        : (memory: MemoryAccount) => answerTyped(typed, query, typedContext(saved, { ...steps, memory }, deps));
    const { frames, rows, bytes } = await framesOf(account, run);
    account.current.end(frames.flat());
    record.succeeded(rows, bytes);
    return { frames, encoding, status: 200 };
  } catch (reason) {
    account.current.end([]);
    return record.failed(deadline.errorOf(reason));
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
    return {
      responses: new TextMap(failedQueries(request).map(({ refId }) => [refId, response])),
      done: () => undefined,
    };
  }
  const call = deps.memory.open();
  const deadline = deadlineOf(lease.instance, deps, signal);
  // All records and accounts are opened before the first query runs, because `done` ends them together.
  const running = request.queries.map((query): RunningQuery => {
    const record = openRecord(query, request, lease.instance, deps);
    const options = { ...accountOptions(deadline, record, deps), pooled: true };
    const reopen = () => call.open(options);
    return { record, account: { current: reopen(), reopen } };
  });
  const done = () => {
    deadline.end();
    call.close();
    running.forEach(({ record }) => record.end());
  };
  try {
    const answers = request.queries.map(
      async (query, index) =>
        [query.refId, await answerQuery(lease.instance, request, query, running[index], deps, deadline)] as const
    );
    const responses = new TextMap(await Promise.all(answers));
    running.forEach(({ record }) => record.sending());
    return { responses, deadline: deadline.signal, done };
  } catch (reason) {
    done();
    throw reason;
  } finally {
    lease.release();
  }
}
