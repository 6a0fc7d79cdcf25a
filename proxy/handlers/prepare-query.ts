/**
 * Prepares a query: reads its model, expands its macros, starts the statement, and sets the options of its frames.
 */
import { MAX_MODEL_BYTES, queryProblem } from '../../contract/query-bounds';
import { readFlag, readQuery, type RunnableQuery } from '../../contract/query';
import { type FrameOptions } from '../data-frames/build-frames';
import { ProxyError } from '../errors/proxy-error';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { type Instance } from '../instances/instance';
import { type MemoryAccount } from '../memory/memory-account';
import { type ExpandedSql, measureMacros } from '../sql-macros/expand-macros';
import { byteLimit, inMegabytes, memoryLimitReason, rowLimit } from './answer-limits';
import { callerOf } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';

/** A saved query, with the values that are needed to run it. */
export interface QueryModel {
  query: RunnableQuery;
  purpose: string | undefined;
  /** True when there is nothing to run. */
  isEmpty: boolean;
}

/** The purposes of queries that do not belong to a panel, in the words that the browser half sends. */
const PURPOSES: readonly unknown[] = ['variable', 'annotation'];

/** @throws {ProxyError} 'query_model_invalid', 'query_too_long' */
function savedModel({ json }: DataQuery): unknown {
  if (json.length > MAX_MODEL_BYTES) {
    throw new ProxyError('query_too_long', {
      detail: `The saved query has ${inMegabytes(json.length)} with all of its fields; at most ${inMegabytes(MAX_MODEL_BYTES)} are allowed.`,
    });
  }
  let saved: unknown;
  try {
    saved = JSON.parse(new TextDecoder().decode(json));
  } catch (cause) {
    throw new ProxyError('query_model_invalid', { detail: 'The saved query is not JSON.', cause });
  }
  const problem = queryProblem(saved);
  if (problem !== undefined) {
    throw new ProxyError(problem.kind === 'too-long' ? 'query_too_long' : 'query_model_invalid', {
      detail: [problem.message],
    });
  }
  return saved;
}

/** @throws {ProxyError} 'query_model_invalid', 'query_too_long' */
export function parseModel(query: DataQuery): QueryModel {
  const saved = savedModel(query);
  const fields = saved !== null && typeof saved === 'object' ? saved : {};
  const purpose = 'purpose' in fields && PURPOSES.includes(fields.purpose) ? String(fields.purpose) : undefined;
  const runnable = readQuery(saved);
  return {
    query: runnable,
    purpose: purpose ?? (query.refId === 'Anno' ? 'annotation' : undefined),
    isEmpty: runnable.sql === '' || ('hide' in fields && readFlag(fields.hide) === true),
  };
}

/** @throws {ProxyError} 'macro_invalid', 'query_too_long' */
export function expandedSql({ query }: QueryModel, { timeRange, intervalMs }: DataQuery): ExpandedSql {
  return measureMacros(query.sql, { ...timeRange, intervalMs });
}

/** The number of copies of the SQL while a query runs: the text, the ticket, the message, and the bytes to send. */
const SQL_COPIES = 4;

/**
 * Writes the SQL as soon as there is memory for it, because a short query may expand to a long SQL text, and a request may have
 * many queries.
 *
 * @throws {ProxyError} 'memory_busy', 'query_cancelled', 'result_too_large'
 */
export async function writtenSql(expanded: ExpandedSql, memory: MemoryAccount): Promise<string> {
  const bytes = expanded.length * SQL_COPIES;
  await memory.reserve(bytes);
  memory.adopt(bytes);
  return expanded.toString();
}

export interface QueryContext {
  instance: Instance;
  request: QueryDataRequest;
  /** The account for received bytes and for their conversion to frames. */
  memory: MemoryAccount;
  /** Start of the query according to the clock `now`, in milliseconds since 1970. */
  startedMs: number;
  now: () => number;
  signal: AbortSignal;
}

export interface StartedQuery {
  messages: AsyncIterable<FlightMessage>;
  options: FrameOptions;
}

/** The call starts when the first message is pulled. */
export function startQuery(query: DataQuery, model: QueryModel, sql: string, context: QueryContext): StartedQuery {
  const { instance, request, memory, startedMs, now, signal } = context;
  const { settings } = instance;
  const { dataSource, grafanaConfig, user } = request.context;
  const runnable = model.query;
  const limit = rowLimit({
    query: runnable,
    maxDataPoints: query.maxDataPoints,
    dataSourceRows: settings.maxRows,
    grafanaRows: grafanaConfig['GF_SQL_ROW_LIMIT'],
  });
  let endpoints: number | undefined;
  const messages = instance.execute(sql, {
    ...callerOf(user, request.headers, model.purpose),
    range: runnable.timeFilter ? query.timeRange : undefined,
    limit: limit.serverLimit,
    signal,
    memory,
    onEndpoints: (count) => (endpoints = count),
  });
  const options: FrameOptions = {
    refId: query.refId,
    format: runnable.format,
    encoding: request.encoding,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    maxBytes: byteLimit({
      dataSourceBytes: settings.maxAnswerBytes,
      grafanaBytes: grafanaConfig['GF_RESPONSE_LIMIT'],
    }),
    memory,
    memoryLimitReason: memoryLimitReason(memory.limitBytes),
    executedQueryString: sql,
    bigIntegersAsText: runnable.bigIntegersAsText,
    labelColumns: runnable.labelColumns,
    fillMode: runnable.fillMode,
    window: { ...query.timeRange, intervalMs: query.intervalMs },
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name },
    stats: { now, startedMs, facts: () => ({ tokenAgeMs: tokenAgeMs(instance, now()), endpoints }) },
    // Explore uses this limit to show which part of the time range the log lines cover.
    custom: limit.serverLimit === undefined ? undefined : { limit: limit.maxRows },
    signal,
  };
  return { messages, options };
}

function tokenAgeMs({ currentToken }: Instance, nowMs: number): number | undefined {
  return currentToken === undefined ? undefined : nowMs - currentToken.receivedAtMs;
}
