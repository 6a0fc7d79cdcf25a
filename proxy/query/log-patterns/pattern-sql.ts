/**
 * The statements that mask and count the lines of a logs query.
 *
 * All of them have the author's query as a subquery, so they are sent with the range of the query. They also restrict
 * the time themselves, because a query may have no time filter.
 */
import { MASK, MASKED, PATTERN_CHARACTERS } from '../../../contract/logs/log-patterns';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { quotedName, quoteLiteral } from '../../../contract/sql/sql-names';
import { msLiteral } from '../../../contract/sql/time-literals';
import { assemble } from '../../sql/edit/assemble';
import { type CountableQuery } from '../../sql/edit/countable-query';
import { type ResultColumns } from '../../views/lake-reader/result-columns';
import { type LineColumns, linesOf } from '../counted-lines';

/** Programs of a text that are named. The others are counted. */
export const NAMED_PROGRAMS = 5;

/** The lines to count. */
export interface CountedLines {
  /** The SQL of the author, to which the offsets of `query` refer. */
  sql: string;
  query: CountableQuery;
  columns: LineColumns & { body: string };
  /** The range of the patterns, in milliseconds since 1970. Both ends are inclusive. */
  fromMs: number;
  toMs: number;
  /** Start of the range before, which ends at `fromMs`. Equal to `fromMs` if no earlier lines are read. */
  beforeMs: number;
  /** Number of bins of the trend. */
  bins: number;
}

/** How the lines are counted. */
export interface Sampling {
  /** The share of lines that are read, from 0 (exclusive) to 1. */
  share: number;
  /** Characters of a line that count. */
  characters: number;
}

/** Reads all lines of a part of the range. */
export const UNSAMPLED: Sampling = { share: 1, characters: PATTERN_CHARACTERS };

/** A column of the lines. */
function column(name: string): string {
  return `log_lines.${quotedName(name)}`;
}

/** SQL for the masked text of a line. */
function maskedSql({ columns }: CountedLines, characters: number): string {
  const text = `left(CAST(${column(columns.body)} AS VARCHAR), ${characters})`;
  return `regexp_replace(${text}, ${quoteLiteral(MASKED)}, ${quoteLiteral(MASK)}, 'g')`;
}

function conditionsSql({ columns, beforeMs, toMs }: CountedLines, share: number): string {
  const time = column(columns.time);
  return [
    `${column(columns.body)} IS NOT NULL`,
    `${time} >= ${msLiteral(beforeMs)}`,
    `${time} <= ${msLiteral(toMs)}`,
    ...(share < 1 ? [`random() < ${share.toExponential(6)}`] : []),
  ].join(' AND ');
}

/** The number of lines of the range and of the range before. */
export function lineCountSql(lines: CountedLines): EditedSql {
  const inRange = `${column(lines.columns.time)} >= ${msLiteral(lines.fromMs)}`;
  return assemble(lines.sql, [
    `SELECT count(*) AS all_lines, count(*) FILTER (WHERE ${inRange}) AS range_lines FROM (\n`,
    ...linesOf(lines.query),
    `\n) AS log_lines WHERE ${conditionsSql(lines, 1)}`,
  ]);
}

export const LINE_COUNT_COLUMNS: ResultColumns = { all_lines: 'number', range_lines: 'number' };

/** The number of different masked texts in a sample, and how many of them one line has. */
export function probeSql(lines: CountedLines, share: number): EditedSql {
  return assemble(lines.sql, [
    'SELECT count(*) AS texts, count(*) FILTER (WHERE n = 1) AS single, cast(sum(n) AS bigint) AS probed FROM (\n',
    `SELECT ${maskedSql(lines, PATTERN_CHARACTERS)} AS masked, count(*) AS n FROM (\n`,
    ...linesOf(lines.query),
    `\n) AS log_lines WHERE ${conditionsSql(lines, share)} GROUP BY 1)`,
  ]);
}

export const PROBE_COLUMNS: ResultColumns = { texts: 'number', single: 'number', probed: 'number' };

/** The starts of the bins of the trend, in milliseconds since 1970, and the length of a bin. */
export function trendBins({ fromMs, toMs, bins }: Pick<CountedLines, 'fromMs' | 'toMs' | 'bins'>): {
  starts: number[];
  widthMs: number;
} {
  const widthMs = Math.ceil((toMs - fromMs + 1) / bins);
  return { widthMs, starts: Array.from({ length: bins }, (_bin, index) => fromMs + index * widthMs) };
}

/** The name of the column with the lines of a bin. */
export function trendColumn(bin: number): string {
  return `trend_${bin}`;
}

/** The texts that are returned if there are too many: those with the most lines, or those without earlier lines. */
export type FirstMessages = 'frequent' | 'new';

/**
 * Counts the lines of each masked text and level. `trend_0` and so on are the lines of the bins of the range.
 *
 * @param maxTexts Maximum number of rows. `all_texts` and `all_new` are the numbers without this limit.
 */
export function patternSql(
  lines: CountedLines,
  { share, characters }: Sampling,
  maxTexts: number,
  first: FirstMessages
): EditedSql {
  const { columns, fromMs } = lines;
  const time = column(columns.time);
  const body = `CAST(${column(columns.body)} AS VARCHAR)`;
  const isInRange = `${time} >= ${msLiteral(fromMs)}`;
  const { starts, widthMs } = trendBins(lines);
  const bin = `date_bin(interval '${widthMs} millisecond', ${time}, ${msLiteral(fromMs)})`;
  const optional = (name: string | undefined) =>
    name === undefined ? `''` : `coalesce(CAST(${column(name)} AS VARCHAR), '')`;
  const trend = starts.map(
    (start, index) =>
      `cast(coalesce(sum(n) FILTER (WHERE bin = ${msLiteral(start)}), 0) AS bigint) AS ${trendColumn(index)}`
  );
  return assemble(lines.sql, [
    `SELECT arrow_cast(masked, 'Utf8') AS masked, arrow_cast(level, 'Utf8') AS level,
  cast(sum(n) AS bigint) AS range_lines, cast(sum(n_before) AS bigint) AS before_lines,
  min(first_time) AS first_time, max(last_time) AS last_time, arrow_cast(min(example), 'Utf8') AS example,
  max(characters) AS characters, count(DISTINCT program) AS programs,
  array_slice(array_agg(DISTINCT program), 1, ${NAMED_PROGRAMS}) AS program_names,
  ${trend.join(', ')},
  count(*) OVER () AS all_texts, sum(CASE WHEN ${IS_NEW} THEN 1 ELSE 0 END) OVER () AS all_new
FROM (
SELECT ${maskedSql(lines, characters)} AS masked, ${optional(columns.level)} AS level, ${optional(columns.program)} AS program,
  CASE WHEN ${isInRange} THEN ${bin} END AS bin,
  count(*) FILTER (WHERE ${isInRange}) AS n, count(*) FILTER (WHERE NOT ${isInRange}) AS n_before,
  min(${time}) FILTER (WHERE ${isInRange}) AS first_time, max(${time}) FILTER (WHERE ${isInRange}) AS last_time,
  min(left(${body}, ${characters})) AS example, max(character_length(${body})) AS characters
FROM (\n`,
    ...linesOf(lines.query),
    `\n) AS log_lines WHERE ${conditionsSql(lines, share)} GROUP BY 1, 2, 3, 4
) GROUP BY 1, 2 ORDER BY ${first === 'new' ? `CASE WHEN ${IS_NEW} THEN 0 ELSE 1 END, ` : ''}range_lines DESC, before_lines DESC, masked, level LIMIT ${maxTexts}`,
  ]);
}

const IS_NEW = 'sum(n_before) = 0 AND sum(n) > 0';

/** The columns of `patternSql`. */
export function patternColumns(bins: number): ResultColumns {
  return {
    masked: 'string',
    level: 'string',
    range_lines: 'number',
    before_lines: 'number',
    first_time: 'int64',
    last_time: 'int64',
    example: 'string',
    characters: 'number',
    programs: 'number',
    program_names: 'json',
    ...Object.fromEntries(Array.from({ length: bins }, (_bin, index) => [trendColumn(index), 'number'] as const)),
    all_texts: 'number',
    all_new: 'number',
  };
}
