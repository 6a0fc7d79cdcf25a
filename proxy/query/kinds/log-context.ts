/**
 * Log context: the lines before or after a log line. The backend writes the SQL.
 *
 * The SQL numbers the lines of the requested nanosecond. Among these lines, it finds the requested line by the columns
 * that the request contains. The neighbours before the requested line are the lines of that nanosecond with smaller
 * numbers, and the lines of earlier times. The neighbours after the requested line are the lines of that nanosecond
 * with greater numbers, and the lines of later times. The order is total (see contract/logs/log-context.ts). So each
 * other line is either before or after the requested line, and a page continues exactly where the previous page ended.
 */
import { readQuery } from '../../../contract/queries/query';
import {
  type LineMarks,
  type LogContextRequest,
  MAX_COMPUTER_WINDOW_MS,
  MAX_LINE_CHARACTERS,
} from '../../../contract/logs/log-context';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { formatNanoseconds } from '../../../contract/sql/time-literals';
import { AuthoredSql } from '../authored-sql';
import { type LogContextPlan } from '../query-plan';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { statementQuery } from '../statement-query';

/** The statement depends only on the request. The SQL and the filters of the query are not used. */
export function logContextQuery({ request }: LogContextPlan, run: QueryRun): PreparedQuery {
  const { sql, range } = contextStatement(request);
  const { timeRange, intervalMs } = run.query;
  run.record.sqlBuilt(sql);
  return statementQuery(
    {
      sql: new AuthoredSql(sql),
      options: readQuery({ query: sql, format: 'logs', timeFilter: range !== undefined, autoLimit: false }),
      timeRange,
      sentRange: range,
      intervalMs,
      result: { kind: 'log-context' },
    },
    run
  );
}

const NANOS_PER_MS = 1_000_000n;

/** Columns that all supported servers have. */
const COLUMNS =
  'time, level, target, msg, exe, username, computer, process_id, properties, process_properties, insert_time, stream_id, block_id';

/** The order of lines with equal times. If these columns are equal, the lines are ordered by their properties. */
const TIE_COLUMNS = ['insert_time', 'process_id', 'block_id', 'target', 'level', 'msg'];

/** The window frame. DataFusion's default frame is a RANGE, which rejects binary columns such as `properties`. */
const ROWS = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';

interface ContextStatement {
  sql: string;
  /**
   * The time range in milliseconds since 1970, both ends inclusive. The server reads only the partitions of this range.
   * Undefined: all times.
   */
  range?: { fromMs: number; toMs: number };
}

function ordered(columns: readonly string[], direction: 'ASC' | 'DESC'): string {
  return columns.map((column) => `${column} ${direction}`).join(', ');
}

function lineCondition(line: string): string {
  const compared = quoteLiteral(line);
  return line.length < MAX_LINE_CHARACTERS ? `msg = ${compared}` : `starts_with(msg, ${compared})`;
}

/**
 * Conditions that identify the requested line, the most reliable condition first. The lines are sorted by these
 * conditions, and the first line is taken.
 */
function markConditions(processId: string, { insertTime, blockId, target, level, text }: LineMarks): string[] {
  return [
    `process_id = ${quoteLiteral(processId)}`,
    ...(text === undefined ? [] : [lineCondition(text)]),
    ...(insertTime === undefined ? [] : [`insert_time = ${formatNanoseconds(BigInt(insertTime))}`]),
    ...(blockId === undefined ? [] : [`block_id = ${quoteLiteral(blockId)}`]),
    ...(target === undefined ? [] : [`target = ${quoteLiteral(target)}`]),
    ...(level === undefined ? [] : [`level = ${level}`]),
  ];
}

/**
 * The source of the neighbours: the lines of the process, or of all processes on its computer. The name of the computer
 * is read from the lines of the process.
 */
function linesOf({ processId, time, scope }: LogContextRequest): string {
  const ofProcess = `view_instance('log_entries', ${quoteLiteral(processId)})`;
  return scope === 'computer'
    ? `log_entries WHERE computer IN (SELECT computer FROM ${ofProcess} WHERE time = ${formatNanoseconds(BigInt(time))})`
    : ofProcess;
}

function rangeOf({ time, direction, scope, windowMs }: LogContextRequest): ContextStatement['range'] {
  const window = scope === 'computer' ? Math.min(windowMs ?? MAX_COMPUTER_WINDOW_MS, MAX_COMPUTER_WINDOW_MS) : windowMs;
  if (window === undefined) {
    return undefined;
  }
  // The range has millisecond precision, and includes the whole millisecond of the line.
  const fromMs = Number(BigInt(time) / NANOS_PER_MS);
  const toMs = fromMs + 1;
  return direction === 'before'
    ? { fromMs: Math.max(0, fromMs - window), toMs }
    : { fromMs, toMs: Math.min(toMs + window, Number((2n ** 63n - 1n) / NANOS_PER_MS)) };
}

/**
 * The statement for the neighbours. The result has descending order for both directions, because Grafana's dialog takes
 * the first or last line of the result as the start of the next page.
 *
 * The column `repetition` numbers lines with the same time and equal values of `TIE_COLUMNS`. After the requested line,
 * `repetition` is 2, 3, … counted from the first of the equal lines. Before the requested line, `repetition` is -2, -3,
 * … counted from the last of the equal lines. `repetition` is null for the line where the count begins, and for unique
 * lines.
 */
export function contextStatement(request: LogContextRequest): ContextStatement {
  const { processId, time, marks, direction, scope, limit } = request;
  const isBefore = direction === 'before';
  const at = formatNanoseconds(BigInt(time));
  const ties = TIE_COLUMNS.join(', ');
  const repetition = marks.repetition ?? 1;
  const preferred = [
    ...markConditions(processId, marks),
    repetition > 0 ? `nth = ${repetition}` : `nth_from_end = ${-repetition}`,
  ]
    .map((condition) => `CASE WHEN ${condition} THEN 0 ELSE 1 END`)
    .join(', ');
  const known = marks.target === undefined ? undefined : `= ${quoteLiteral(marks.target)}`;
  const ofLine = scope === 'target' ? ` AND target ${known ?? '= line_target'}` : '';
  const ofOthers = scope === 'target' ? ` AND target ${known ?? 'IN (SELECT line_target FROM found)'}` : '';
  const downwards = ordered(['time', ...TIE_COLUMNS, 'properties'], 'DESC');
  // The order that begins at the requested line, in the direction of the request.
  const outwards = isBefore ? downwards : ordered(['time', ...TIE_COLUMNS, 'properties'], 'ASC');
  const sql = `WITH lines AS (
  SELECT ${COLUMNS} FROM ${linesOf(request)}
), numbered AS (
  SELECT ${COLUMNS}, CAST(row_number() OVER (ORDER BY ${ties}, properties ${ROWS}) AS BIGINT) AS place
  FROM lines WHERE time = ${at}
), same_time AS (
  SELECT ${COLUMNS}, place,
    place - min(place) OVER (PARTITION BY ${ties}) + 1 AS nth,
    max(place) OVER (PARTITION BY ${ties}) - place + 1 AS nth_from_end
  FROM numbered
), found AS (
  SELECT *, first_value(place) OVER best AS line_place, first_value(target) OVER best AS line_target FROM same_time
  WINDOW best AS (ORDER BY ${preferred}, place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), other_times AS (
  SELECT ${COLUMNS} FROM lines WHERE time ${isBefore ? '<' : '>'} ${at}${ofOthers}
  ORDER BY ${outwards} LIMIT ${limit}
), neighbours AS (
  SELECT ${COLUMNS}, ${isBefore ? 'nth_from_end' : 'nth'} AS nth FROM found
  WHERE place ${isBefore ? '<' : '>'} line_place${ofLine}
  UNION ALL
  SELECT ${COLUMNS},
    CAST(row_number() OVER (PARTITION BY time, ${ties} ORDER BY properties ${isBefore ? 'DESC' : 'ASC'} ${ROWS}) AS BIGINT) AS nth
  FROM other_times
), page AS (
  SELECT * FROM neighbours ORDER BY ${outwards}, nth LIMIT ${limit}
)
SELECT ${COLUMNS}, CASE WHEN nth > 1 THEN ${isBefore ? '-nth' : 'nth'} END AS repetition
FROM page ORDER BY ${downwards}, nth ${isBefore ? 'ASC' : 'DESC'}`;
  return { sql, range: rangeOf(request) };
}
