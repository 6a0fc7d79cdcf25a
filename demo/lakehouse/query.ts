/**
 * Runs one statement: checks it, plans the schema of the result, and streams the batches.
 *
 * Only statements that read are executed. The first word must be one of `FIRST_WORDS`, and DuckDB must classify the
 * statement as SELECT or EXPLAIN. The statement after EXPLAIN is checked in the same way. In addition, the transaction
 * is read-only.
 */
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
import { status } from '@grpc/grpc-js';
import { isSqlWord } from '../../contract/sql/sql-scan';
import { type FlightData } from '../../proxy/generated/arrow/flight/flight_pb';
import { type ColumnPlan, encodeColumn, planColumns, schemaOf } from './column-plan';
import { type Database } from './database';
import {
  externalError,
  internalError,
  LakeError,
  notImplemented,
  planning,
  type Stage,
  translateError,
} from './error-messages';
import { batchMessages, schemaMessage } from './flight-messages';
import { type TimeRange } from './query-headers';
import { traceRange } from './perfetto-trace';
import { rewrite, type Rewritten } from './sql-rewrite';
import { codeTokens } from './sql-tokens';

export interface QueryRequest {
  sql: string;
  range?: TimeRange;
  limit?: number;
  preserveDictionaries: boolean;
  /** Value of `now()`, in milliseconds since 1970. */
  nowMs: number;
}

export interface RunningQuery {
  /** The schema first, then the batches. @throws {LakeError} */
  messages(): AsyncGenerator<FlightData>;
  /** Rows sent so far. */
  readonly rows: number;
  /** Interrupts DuckDB. `messages` then fails, or ends before the result is complete. */
  cancel(): void;
  close(): void;
}

const MAX_BATCH_ROWS = 8192;
/** DuckDB ignores an interrupt that arrives before the work has started, so the interrupt is repeated. */
const INTERRUPT_INTERVAL_MS = 20;
const NEEDS_RANGE = 'query range mandatory for thread spans view';
const FIRST_WORDS = ['select', 'with', 'explain', 'show', 'describe', 'desc', 'values'];

/** Opens a connection. The method `messages` of the returned query runs the statement. The caller closes the query. */
export async function startQuery(database: Database, request: QueryRequest): Promise<RunningQuery> {
  const connection = await connect(database, request, request.range);
  let rows = 0;
  let interrupting: NodeJS.Timeout | undefined;
  return {
    messages: async function* () {
      for await (const { message, count } of run(database, connection, request)) {
        rows += count;
        yield message;
      }
    },
    get rows() {
      return rows;
    },
    cancel: () => {
      connection.interrupt();
      interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
    },
    close: () => {
      clearInterval(interrupting);
      connection.closeSync();
    },
  };
}

/** Columns of the result. Does not run the statement. @throws {LakeError} */
export async function planQuery(database: Database, request: QueryRequest): Promise<ColumnPlan[]> {
  const connection = await connect(database, request, undefined);
  try {
    const { prepared, rewritten } = await prepare(connection, request);
    return plansOf(prepared, rewritten, request);
  } finally {
    connection.closeSync();
  }
}

async function connect(
  database: Database,
  { sql, nowMs }: QueryRequest,
  range: TimeRange | undefined
): Promise<DuckDBConnection> {
  if (/\b(?:view_instance|process_spans|perfetto_trace_chunks)\b/i.test(sql)) {
    await database.addInstanceViews();
  }
  return database.connect(nowMs, traceRange(sql) ?? range);
}

async function* run(
  database: Database,
  connection: DuckDBConnection,
  request: QueryRequest
): AsyncGenerator<{ message: FlightData; count: number }> {
  let stage: Stage = 'error building dataframe';
  try {
    const { prepared, rewritten } = await prepare(connection, request);
    await checkInstances(database, rewritten, request.range);
    if (request.limit !== undefined && isExplain(request.sql)) {
      throw new LakeError(
        status.INTERNAL,
        'error building dataframe with limit: Internal error: Unsupported logical plan: Explain'
      );
    }
    const plans = plansOf(prepared, rewritten, request);
    const result = await prepared.stream();
    yield { message: schemaMessage(schemaOf(plans)), count: 0 };
    stage = 'error building data stream';
    yield* batches(result, plans, request.limit ?? Infinity, isTrace(rewritten) ? 1 : MAX_BATCH_ROWS);
  } catch (reason) {
    throw translateError(reason, request.sql, stage);
  }
}

async function prepare(
  connection: DuckDBConnection,
  { sql }: QueryRequest
): Promise<{ prepared: DuckDBPreparedStatement; rewritten: Rewritten }> {
  try {
    const rewritten = rewrite(sql);
    const prepared = await prepareReading(connection, rewritten.sql);
    return { prepared, rewritten };
  } catch (reason) {
    throw translateError(reason, sql, 'error building dataframe');
  }
}

async function prepareReading(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const tokens = codeTokens(sql).filter(({ raw }) => raw !== ';' && raw !== '(');
  if (tokens.length === 0) {
    throw planning('No SQL statements were provided in the query string');
  }
  const statements = await connection.extractStatements(sql);
  if (statements.count > 1) {
    throw notImplemented('The context currently only supports a single SQL statement');
  }
  if (!isSqlWord(tokens[0], ...FIRST_WORDS)) {
    throw notImplemented(`Unsupported SQL statement: ${tokens[0]!.raw.toUpperCase()}`);
  }
  const prepared = await statements.prepare(0);
  if (prepared.statementType === StatementType.EXPLAIN) {
    await prepareReading(connection, explained(sql));
  } else if (prepared.statementType !== StatementType.SELECT) {
    throw notImplemented(`Unsupported SQL statement: ${tokens[0]!.raw.toUpperCase()}`);
  }
  return prepared;
}

/** The statement after EXPLAIN and its options, such as ANALYZE and VERBOSE. */
function explained(sql: string): string {
  const tokens = codeTokens(sql);
  let index = 1;
  while (isSqlWord(tokens[index], 'analyze', 'verbose')) {
    index += 1;
  }
  if (tokens[index]?.raw === '(' && !isSqlWord(tokens[index + 1], 'select', 'with', 'values')) {
    index = tokens.findIndex(({ raw }) => raw === ')') + 1;
  }
  return sql.slice(tokens[index]?.start ?? sql.length);
}

/** True for a query of a Perfetto trace. Each chunk of such a trace is sent as soon as it is read. */
function isTrace({ instances }: Rewritten): boolean {
  return instances.some(({ set }) => set === 'perfetto_trace_chunks');
}

function isExplain(sql: string): boolean {
  return isSqlWord(codeTokens(sql)[0], 'explain');
}

async function checkInstances(
  database: Database,
  { instances }: Rewritten,
  range: TimeRange | undefined
): Promise<void> {
  for (const { set, id, spans } of instances) {
    if (range === undefined && set === 'thread_spans') {
      throw externalError(NEEDS_RANGE);
    }
    const table = set === 'thread_spans' ? 'stream' : 'process';
    const isKnown = id === 'global' || (await database.knows(table, id.toLowerCase()));
    if (set === 'process_spans') {
      if (!isKnown) {
        throw internalError(
          'Failed to execute async spans stream: External error: find_process_with_latest_timing: Process not found'
        );
      }
      if (range === undefined && spans !== 'async') {
        throw internalError(`Failed to query thread spans: External error: ${NEEDS_RANGE}`);
      }
    } else if (set === 'perfetto_trace_chunks') {
      if (!isKnown) {
        throw new LakeError(
          status.INVALID_ARGUMENT,
          `error building data stream: Execution error: Trace generation failed: Process ${id} not found`
        );
      }
    } else if (!isKnown) {
      throw externalError(
        set === 'thread_spans'
          ? 'find_stream_from_view: Stream not found'
          : 'find_process: select from processes: no rows returned by a query that expected to return at least one row'
      );
    }
  }
}

function plansOf(
  prepared: DuckDBPreparedStatement,
  rewritten: Rewritten,
  { preserveDictionaries }: QueryRequest
): ColumnPlan[] {
  const indices = Array.from({ length: prepared.columnCount }, (_none, index) => index);
  return planColumns({
    names: indices.map((index) => prepared.columnName(index)),
    types: indices.map((index) => prepared.columnType(index)),
    origins: rewritten.origins,
    joins: rewritten.joins,
    preserveDictionaries,
  });
}

async function* batches(
  result: DuckDBResult,
  plans: readonly ColumnPlan[],
  limit: number,
  maxRows: number
): AsyncGenerator<{ message: FlightData; count: number }> {
  const schema = schemaOf(plans);
  let left = limit;
  let pending: DuckDBValue[][] = plans.map(() => []);
  const flush = function* () {
    const count = pending[0]?.length ?? 0;
    const messages = batchMessages(
      schema,
      count,
      plans.map((plan, index) => encodeColumn(plan, pending[index] ?? []))
    );
    pending = plans.map(() => []);
    yield* messages.map((message, index) => ({ message, count: index === messages.length - 1 ? count : 0 }));
  };
  while (left > 0) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) {
      break;
    }
    const columns = plans.map((_plan, index) => chunk.getColumnValues(index));
    const step = Math.min(chunk.rowCount, maxRows);
    for (let row = 0; row < chunk.rowCount && left > 0; row += step) {
      const taken = Math.min(left, step, chunk.rowCount - row);
      left -= taken;
      pending = pending.map((column, index) => [...column, ...(columns[index] ?? []).slice(row, row + taken)]);
      if ((pending[0]?.length ?? 0) + step > maxRows) {
        yield* flush();
      }
    }
  }
  if ((pending[0]?.length ?? 0) > 0) {
    yield* flush();
  }
}
