/**
 * Writes the SQL of a log volume. Its result has the columns `time` (start of the bin), `level` and `count`. Bins
 * without lines have no row.
 */
import { quotedName } from '../../../contract/sql/sql-names';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { msLiteral } from '../../../contract/sql/time-literals';
import { type CountableQuery } from '../../sql/edit/countable-query';
import { type LineColumns, linesOf } from '../counted-lines';
import { stringLiteral } from '../../sql/edit/filter-conditions';
import { type StatisticsQuery } from '../../sql/edit/statistics-query';
import { assemble, type Piece, withReplaced } from '../../sql/edit/assemble';
import { type TimeRange } from '../../sql/macros/time-bins';
import { type StatisticsMinutes } from './volume-bins';

/** The columns by which lines are counted. */
export type CountedColumns = Pick<LineColumns, 'time' | 'level'>;

/** The start of the bin, in UTC. */
function binOf(column: string, widthMs: number): string {
  const interval = widthMs % 1000 === 0 ? `${widthMs / 1000} second` : `${widthMs} millisecond`;
  return `date_bin(interval '${interval}', ${column}, ${msLiteral(0)})`;
}

/**
 * Counts the lines of the author's query.
 *
 * @param span Counts only lines of this range. Undefined if the statement is sent with a time range, which restricts
 *   the lines.
 */
export function countSql(
  sql: string,
  query: CountableQuery,
  columns: CountedColumns,
  { widthMs, span }: { widthMs: number; span: TimeRange | undefined }
): EditedSql {
  const time = `log_lines.${quotedName(columns.time)}`;
  const level = columns.level === undefined ? 'cast(0 as int)' : `log_lines.${quotedName(columns.level)}`;
  const conditions = [
    `${time} IS NOT NULL`,
    ...(span === undefined ? [] : [`${time} >= ${msLiteral(span.fromMs)}`, `${time} <= ${msLiteral(span.toMs)}`]),
  ];
  return assemble(sql, [
    `SELECT ${binOf(time, widthMs)} AS time, ${level} AS level, count(*) AS count FROM (\n`,
    ...linesOf(query),
    `\n) AS log_lines WHERE ${conditions.join(' AND ')} GROUP BY 1, 2`,
  ]);
}

/**
 * Counts lines of `log_entries`. Full minutes are counted in `log_stats`, and the lines before and after these minutes
 * in `log_entries`.
 *
 * @param span The range of the query, which the server applies to both tables.
 */
export function statisticsSql(
  sql: string,
  { name, processId, where, timeConditions }: StatisticsQuery,
  { widthMs, span, minutes }: { widthMs: number; span: TimeRange; minutes: StatisticsMinutes }
): EditedSql {
  const table =
    processId === undefined
      ? `log_entries AS ${name}`
      : `view_instance('log_entries', ${stringLiteral(processId)}) AS ${name}`;
  const start = msLiteral(minutes.startMs);
  const end = msLiteral(minutes.endMs);
  const counted: Piece[] = where === undefined ? [] : ['(', ...withReplaced(where, timeConditions, 'true'), '\n) AND '];
  const given: Piece[] = where === undefined ? [] : ['(', where, '\n) AND '];
  const ofProcess = processId === undefined ? '' : ` AND ${name}.process_id = ${stringLiteral(processId)}`;
  const rest = (condition: string): Piece[] => [
    `\nUNION ALL SELECT ${name}.time, ${name}.level, 1 FROM ${table} WHERE `,
    ...given,
    condition,
  ];
  return assemble(sql, [
    `SELECT ${binOf('log_lines.time', widthMs)} AS time, log_lines.level AS level, cast(sum(log_lines.lines) AS bigint) AS count FROM (\n`,
    `SELECT ${name}.time_bin AS time, ${name}.level AS level, ${name}.count AS lines FROM log_stats AS ${name} WHERE `,
    ...counted,
    `${name}.time_bin >= ${start} AND ${name}.time_bin < ${end}${ofProcess}`,
    ...(span.fromMs < minutes.startMs ? rest(`${name}.time < ${start}`) : []),
    ...rest(`${name}.time >= ${end}`),
    '\n) AS log_lines GROUP BY 1, 2',
  ]);
}
