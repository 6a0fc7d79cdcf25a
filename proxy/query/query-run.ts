/** A running query, and functions that all kinds of queries use. */
import { type Deadline } from '../base/async/deadline';
import { type BuiltFrames } from '../frames/data-frames/frame-options';
import { type FramePart } from '../frames/data-frames/build-frames';
import { type Instance } from '../lakehouse/instances/instance';
import { type Release } from '../lakehouse/instances/statement-slots';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type SqlParser } from '../sql/edit/parser-jobs';
import { type Freshness } from '../views/freshness/freshness';
import { type Caller, callerOf } from './caller';
import { type RefreshDeps } from './incremental/refresh-request';
import { type LineRates } from './log-slices/line-strategy';
import { type DataQuery, type QueryDataRequest } from './plugin-request';
import { type QueryRecord } from './query-record';
import { type SchemaCall, type TableColumns } from './table-columns';

/** The objects that all queries of the process share. */
export interface QueryDeps {
  /** With a cache: refreshes of panels repeat their jobs. */
  parser: SqlParser;
  columns: TableColumns;
  freshness: Pick<Freshness, 'begin'>;
  memory: MemoryBudget;
  /** The rates at which logs queries found their lines. */
  lineRates: LineRates;
  /** The cache of results with time bins, for refreshes. */
  refresh: RefreshDeps;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** A query that Grafana requested, before its plan is known. */
export interface RequestedQuery {
  instance: Instance;
  request: QueryDataRequest;
  query: DataQuery;
  record: QueryRecord;
  deadline: Deadline;
  deps: QueryDeps;
}

/** A running query, with fields that `boundedQuery` has checked. It exists until the response is complete. */
export interface QueryRun extends RequestedQuery {
  /** The caller of the statements. If user attribution is on, `caller.origin` has the session of the query. */
  caller: Caller;
}

/**
 * A query that is ready to run. Call either `frames` or `parts`: both run the query. The account counts received and
 * converted bytes.
 */
export interface PreparedQuery {
  /** The whole result. */
  frames(memory: MemoryAccount): Promise<BuiltFrames>;
  /** The result in parts. No further data is received until the consumer has taken a part. */
  parts(memory: MemoryAccount): AsyncIterable<FramePart>;
}

/**
 * Waits for the slot of the first statement of a query. Call this before memory is taken, so that a waiting query holds
 * no memory.
 */
export function takeSlot(
  { instance, caller, record, deadline }: QueryRun,
  signal: AbortSignal = deadline.signal
): Promise<Release> {
  return instance.takeSlot({ ...caller, stages: record.stages, deadline, signal });
}

/** Total time in milliseconds that the statements of the query have waited for their slots. */
export function queuedMs({ record }: Pick<QueryRun, 'record'>): number {
  return Math.round(record.stages.sumOf('queue'));
}

/** A call that reads the columns of tables for the query. @param range Undefined: all times. */
export function schemaCall(
  { request, record, deadline, deps }: QueryRun,
  range: DataQuery['timeRange'] | undefined
): SchemaCall {
  const { memory } = deps;
  const { signal } = deadline;
  return {
    ...callerOf(request.context.user, request.headers, 'schema'),
    lane: 'continued',
    trace: record.trace,
    range,
    signal,
    deadline,
    openMemory: () => memory.open({ signal, limitMs: deadline.leftMs() }),
  };
}
