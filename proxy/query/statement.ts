/** Runs the statement of a query with SQL: expands its macros, sends it, and converts its result to frames. */
import { type PanelRequest } from '../../contract/queries/panel-request';
import { type SqlQuery } from '../../contract/queries/query';
import { buildFrames, type BuiltFrames, type FrameOptions } from '../frames/data-frames/build-frames';
import { type FramePart, streamFrames } from '../frames/data-frames/stream-frames';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { longestStepMs } from '../sql/macros/longest-step';
import { type AuthoredSql, type SqlToSend } from './authored-sql';
import { type Caller, callerOf, isAlerting, isExplore, isForExpressions } from './caller';
import { type RefreshOutcome, outcomeText } from './incremental/outcome';
import { type Refreshable } from './incremental/read-refresh';
import { type RefreshOptions, startRefresh } from './incremental/start-refresh';
import { lateNoticeOf } from './late-notice';
import { checkLongestRange } from './longest-range';
import { type DataQuery } from './plugin-request';
import { loginOf, type PreparedQuery, queuedMs, type QueryRun, withoutStatement, withSession } from './query-run';
import { type LineOrder } from './results/line-order';
import { readLines, type ReadStatements } from './results/read-lines';
import { byteLimit, memoryLimitReason, type RowLimit, rowLimit, truncatedRule, truncatedVolume } from './result-limits';
import { readRange } from './sharing/read-range';
import { isShared, maxAgeMs, sharedRequest, sharersKey } from './sharing/sharing';
import { openSource, type SourceCall, type StatementSource } from './sharing/statement-source';

/** The rows that a statement returns. */
export type StatementResult =
  /** Rows of the author's SQL, edited or not. */
  | { kind: 'rows' }
  /** Counts of log lines. @property stepMs Length of their bins, in milliseconds. */
  | { kind: 'counts'; stepMs: number }
  /** Log lines of SQL that the backend wrote. */
  | { kind: 'own-lines' };

/** The statement of a query, before its macros are expanded. Each kind of query writes its own. */
export interface Statement {
  sql: AuthoredSql;
  /** The options of the query. Its SQL is `sql`. */
  options: SqlQuery;
  purpose: string | undefined;
  /** The range of macros and of filled gaps. */
  timeRange: DataQuery['timeRange'];
  /** The range that is sent beside the SQL. Undefined: all times. */
  sentRange: DataQuery['timeRange'] | undefined;
  /** For macros, in milliseconds. */
  intervalMs: number;
  result: StatementResult;
  /** The order of log lines that may be read in slices of the range. Default: the range is read at once. */
  lineOrder?: LineOrder | undefined;
  /** The most rows of the result. Undefined: the limits of the query and of the data source. */
  limit?: RowLimit;
  /** How its time bins can be refreshed. Default: it is read as a whole. */
  refreshable?: Refreshable | undefined;
  /** Warnings from before the statement. */
  notices?: readonly string[];
  /** How a panel asks for the rows. Undefined: the result is not shared with other callers. */
  panel?: PanelRequest;
}

/** A statement with its SQL, for the range that is read, and the smallest limit of its rows. */
interface WrittenStatement extends Statement {
  toSend: SqlToSend;
  rowLimit: RowLimit;
}

/**
 * Writes the SQL of a statement. It runs when the result is read.
 *
 * @throws {ProxyError} 'time_range_too_long', 'macro_invalid', 'query_too_long'
 */
export function statementQuery(statement: Statement, run: QueryRun): PreparedQuery {
  // The neighbours of a log line are few lines of one process.
  if (statement.result.kind !== 'own-lines') {
    checkLongestRange(statement.sentRange, run.instance.settings);
  }
  const written = writtenStatement(statement, run);
  run.record.toSend = written.toSend;
  return {
    frames: (memory) => framesOf(written, run, memory),
    parts: (memory) => partsOf(written, run, memory),
  };
}

/** The macros are expanded for the range that is read, see `readRange`. */
function writtenStatement(statement: Statement, run: QueryRun): WrittenStatement {
  const toSend = expandedSql(statement, run);
  const read = statementOfPanel(statement, toSend, run);
  const smallest =
    statement.limit ??
    rowLimit({
      query: statement.options,
      maxDataPoints: run.query.maxDataPoints,
      dataSourceRows: run.instance.settings.maxRows,
      grafanaRows: run.request.context.grafanaConfig['GF_SQL_ROW_LIMIT'],
    });
  return { ...read, toSend: read === statement ? toSend : expandedSql(read, run), rowLimit: smallest };
}

function statementOfPanel(statement: Statement, { expanded }: SqlToSend, run: QueryRun): Statement {
  const { panel, timeRange, sentRange } = statement;
  if (panel === undefined || !isShared(run, callerOfRun(statement, run))) {
    return statement;
  }
  const range = readRange(timeRange, panel, expanded.bins, maxAgeMs(run.instance.settings, panel));
  return range === timeRange ? statement : { ...statement, timeRange: range, sentRange: sentRange && range };
}

function callerOfRun({ purpose }: Pick<Statement, 'purpose'>, { request }: QueryRun): Caller {
  return callerOf(request.context.user, request.headers, purpose);
}

function sourceOf(statement: WrittenStatement, run: QueryRun, caller: Caller): Promise<StatementSource> {
  const { panel, toSend, sentRange, rowLimit: limit } = statement;
  const shared = { toSend, sentRange, serverLimit: limit.serverLimit };
  return openSource(panel && sharedRequest(shared, panel, run, caller), run, caller);
}

async function framesOf(statement: WrittenStatement, run: QueryRun, memory: MemoryAccount): Promise<BuiltFrames> {
  const caller = callerOfRun(statement, run);
  const source = await sourceOf(statement, run, caller);
  try {
    const { messages, options } = await startStatement(statement, run, { caller, memory, source });
    return await buildFrames(messages, options);
  } finally {
    source.close();
  }
}

async function* partsOf(statement: WrittenStatement, run: QueryRun, memory: MemoryAccount): AsyncGenerator<FramePart> {
  const caller = callerOfRun(statement, run);
  const source = await sourceOf(statement, run, caller);
  try {
    const { messages, options } = await startStatement(statement, run, { caller, memory, source });
    yield* streamFrames(messages, options);
  } finally {
    source.close();
  }
}

/**
 * Expands the macros. Alert rules use UTC, also if their query was made from a panel with another time zone.
 *
 * @throws {ProxyError} 'macro_invalid', 'query_too_long'
 */
export function expandedSql(
  { sql, options, timeRange, intervalMs, result }: Omit<Statement, 'limit' | 'notices'>,
  { request }: Pick<QueryRun, 'request'>
): SqlToSend {
  if (result.kind === 'own-lines') {
    return sql.withoutMacros();
  }
  const isRule = isAlerting(request.context.user, request.headers);
  return sql.expanded({
    ...timeRange,
    intervalMs: Math.max(1, intervalMs),
    timezone: isRule ? undefined : options.timezone,
    readsOtherTimes: !options.timeFilter,
  });
}

/** The number of copies of the SQL while a query runs: the string, the ticket, the message, and the bytes to send. */
const SQL_COPIES = 4;

/**
 * Writes the SQL as soon as there is memory for it, because a short query may expand to long SQL, and a request may
 * have many queries.
 *
 * @throws {ProxyError} 'memory_busy', 'query_cancelled', 'result_too_large'
 */
export async function writeSql({ expanded }: SqlToSend, memory: MemoryAccount): Promise<string> {
  const bytes = expanded.length * SQL_COPIES;
  await memory.reserve(bytes);
  memory.adopt(bytes);
  return expanded.toString();
}

interface StartedStatement {
  messages: AsyncIterable<FlightMessage>;
  options: FrameOptions;
}

/** Sends the SQL of a statement. @param call What differs from its whole call. */
type ExecuteCall = (call: Pick<InstanceCall, 'range' | 'limit' | 'slot' | 'lane'>) => AsyncIterable<FlightMessage>;

/** The call starts when the first message is pulled. */
async function startStatement(
  statement: WrittenStatement,
  run: QueryRun,
  { caller, memory, source }: { caller: Caller; memory: MemoryAccount; source: StatementSource }
): Promise<StartedStatement> {
  const { instance, record, deadline } = run;
  const { toSend, rowLimit: limit, timeRange } = statement;
  const { shared } = source;
  const sql = await writeSql(toSend, memory);
  record.sql = sql;
  let endpoints: number | undefined;
  let refresh: RefreshOutcome | undefined;
  const call = {
    ...(shared === undefined ? withSession(run, caller) : withoutStatement(run, caller, shared.from)),
    trace: record.trace,
    stages: record.stages,
    deadline,
    onEndpoints: (count: number) => (endpoints = count),
  };
  const whole = { range: statement.sentRange, limit: limit.serverLimit };
  const { refreshable } = statement;
  const read = (send: (execute: ExecuteCall, sent: SourceCall) => AsyncIterable<FlightMessage>) =>
    source.read((sent) => send((part) => instance.execute(sql, { ...call, ...sent, ...part }), sent), {
      memory,
      signal: deadline.signal,
      endsSoon: limit.serverLimit !== undefined,
    });
  const readSlices: ReadStatements = (send) => read((execute, { slot }) => send(execute, slot));
  const lines = refreshable === undefined ? readLines(statement.lineOrder, whole, readSlices, run) : undefined;
  const { now } = run.deps;
  const facts = () => ({
    tokenAgeMs: tokenAgeMs(instance, now()),
    endpoints,
    queuedMs: queuedMs(run),
    session: record.sentStatement?.session,
    slices: lines !== undefined && lines.slices > 1 ? lines.slices : undefined,
    refresh: refresh && outcomeText(refresh),
    shared,
    readRange: statement.panel === undefined || timeRange === run.query.timeRange ? undefined : timeRange,
  });
  const options: FrameOptions = {
    ...frameOptions(statement, run),
    memory,
    memoryLimitReason: memoryLimitReason(memory.limitBytes),
    executedQueryString: sql,
    onLines: lines?.onLines,
    stats: { now, startedMs: record.startedMs, facts },
  };
  const refreshing: Omit<RefreshOptions, 'sent' | 'whole'> = {
    ...whole,
    refreshable,
    sharers: refreshable?.kind === 'incremental' ? sharersKey(run, call) : undefined,
    sql: statement.sql,
    intervalMs: statement.intervalMs,
    maxRows: limit.maxRows,
    maxBytes: options.maxBytes?.bytes ?? Infinity,
    call,
    memory,
    expanded: (edited) => expandedSql({ ...statement, sql: edited }, run),
    write: writeSql,
    onOutcome: (outcome) => {
      refresh = outcome;
      record.refreshed = outcome.kind;
    },
  };
  const refreshed = (execute: ExecuteCall, sent: SourceCall) =>
    startRefresh({ ...refreshing, sent, whole: (first) => execute({ ...whole, ...first }) }, run);
  return { messages: lines?.messages ?? read(refreshed), options };
}

/** SQL with the columns of the result. Filters do not change them, so a refresh with other filters finds them known. */
function shapeSql({ sql, options }: Statement): string {
  return options.groupByKeys.length > 0 ? sql.text : sql.original;
}

/** What does not depend on the run of the statement. */
type FixedOptions = Omit<FrameOptions, 'memory' | 'memoryLimitReason' | 'executedQueryString' | 'onLines' | 'stats'>;

function frameOptions(statement: WrittenStatement, run: QueryRun): FixedOptions {
  const { instance, request, query, record, deadline, deps } = run;
  const { toSend, rowLimit: limit } = statement;
  const { expanded } = toSend;
  const { dataSource, grafanaConfig, user } = request.context;
  const { options, result, timeRange, purpose } = statement;
  const isRule = isAlerting(user, request.headers);
  const series = { format: options.format, fillMode: options.fillMode ?? expanded.fill };
  const isRows = result.kind === 'rows';
  return {
    refId: query.refId,
    format: result.kind === 'counts' ? 'log-volume' : options.format,
    isContinued: options.format === 'logs' && isExplore(user, request.headers, purpose),
    truncationError: result.kind === 'counts' ? truncatedVolume : isRule ? truncatedRule(limit, series) : undefined,
    encoding: request.encoding,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    maxBytes: byteLimit({
      dataSourceBytes: instance.settings.maxResultBytes,
      grafanaBytes: grafanaConfig['GF_RESPONSE_LIMIT'],
    }),
    bigIntegersAsText: options.bigIntegersAsText,
    seriesFrames: isForExpressions(user, request.headers) ? 'multi' : 'wide',
    labelColumns: options.labelColumns,
    fillMode: series.fillMode,
    stepMs:
      result.kind === 'counts' ? result.stepMs : options.isBuilt ? longestStepMs(expanded.bins, timeRange) : undefined,
    window: { ...timeRange, intervalMs: query.intervalMs, bins: expanded.bins },
    timezone: options.timezone,
    legend: options.legend,
    groupByKeys: options.groupByKeys,
    notices: statement.notices?.map((text) => ({ severity: 'warning', text })),
    filterable:
      isRows && options.format !== 'time_series' ? deps.filterable.of(shapeSql(statement), loginOf(run)) : undefined,
    lateNotice: isRows ? lateNoticeOf(statement, run) : undefined,
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: timeRange },
    stages: record.stages,
    custom: {
      // Explore uses this limit to show which part of the time range the log lines cover.
      ...(statement.limit === undefined && limit.serverLimit !== undefined && { limit: limit.maxRows }),
      // Grafana has no inspector for the results that its expressions read.
      ...(!isForExpressions(user, request.headers) && { ...record.sentStatement, inserted: toSend.inserted() }),
    },
    signal: deadline.signal,
  };
}

function tokenAgeMs({ currentToken }: Instance, nowMs: number): number | undefined {
  return currentToken === undefined ? undefined : nowMs - currentToken.receivedAtMs;
}
