/** The query that the builder makes, and functions that write a SELECT with one clause per line. */
import { StringSet } from '../string-map';
import { type QueryFormat } from '../result-format';
import { aggregationName, type ColumnRef, isApproximate, type TableAggregation } from './builder-state';
import { columnSql, nameSql } from './sql-terms';

/** A query that the builder made. */
export interface BuilderQuery {
  /** Empty if the state is incomplete, for example without a table. */
  sql: string;
  format: QueryFormat;
  /** Template of the names of time series, such as `{{exe}}`. Default: Grafana's names. */
  legend?: string;
  /** Default: no row limit. */
  rowLimit?: number;
  /**
   * False if the time range must not be sent beside the SQL. The server would compare the range with the insertion
   * times of the rows of `processes` and `streams`. Default: true.
   */
  timeFilter?: boolean;
  /** Columns that are labels of a time series, even if they are numbers: the option _Label columns_ of the query. */
  labelColumns?: string[];
}

/** The parts of a SELECT, as SQL with quoted names. If a part is missing or empty, its clause is not written. */
export interface SelectParts {
  distinct?: boolean;
  columns: readonly string[];
  from: string | SelectParts;
  /** Conditions, joined with AND. */
  where?: readonly string[];
  /** A named window, such as `samples AS (PARTITION BY …)`. */
  window?: string;
  groupBy?: readonly string[];
  orderBy?: readonly string[];
  limit?: string | number;
}

/** Maximum length of a list of columns on one line, in UTF-16 units. */
const LINE = 80;

function columnList(columns: readonly string[], newLine: string): string {
  const line = ` ${columns.join(', ')}`;
  return line.length <= LINE ? line : `${newLine}  ${columns.join(`,${newLine}  `)}`;
}

/**
 * The SQL of a SELECT.
 *
 * @param indent White space before each line except the first line.
 */
export function selectSql(parts: SelectParts, indent = ''): string {
  const { distinct, columns, from, where = [], window, groupBy = [], orderBy = [], limit } = parts;
  const newLine = `\n${indent}`;
  const inner = typeof from === 'string' ? from : `(${newLine}  ${selectSql(from, `${indent}  `)}${newLine})`;
  const clauses: Array<[word: string, text: string | undefined]> = [
    [distinct ? 'SELECT DISTINCT' : 'SELECT', columnList(columns, newLine)],
    ['FROM ', inner],
    ['WHERE ', where.join(`${newLine}  AND `)],
    ['WINDOW ', window],
    ['GROUP BY ', groupBy.join(', ')],
    ['ORDER BY ', orderBy.join(', ')],
    ['LIMIT ', limit?.toString()],
  ];
  return clauses.flatMap(([word, content]) => (content ? [word + content] : [])).join(newLine);
}

/**
 * The call of an aggregate function.
 *
 * @param term The column, or `*` to count rows.
 */
export function aggregateSql(aggregation: TableAggregation, term: string): string {
  const [, percent] = /^p(\d\d)$/.exec(aggregationName(aggregation)) ?? [];
  if (percent === undefined) {
    return `${aggregation}(${term})`;
  }
  return `${isApproximate(aggregation) ? 'approx_percentile_cont' : 'percentile_cont'}(${term}, 0.${percent})`;
}

/** A column by which the result is grouped. */
export interface GroupColumn {
  name: string;
  sql: string;
}

/**
 * The columns of GROUP BY, with their names in the result. A column is omitted if its name is taken. If the key of a
 * property is taken, the property gets an alias that begins with the name of the column, such as `properties.value`.
 *
 * @param taken Names of other columns of the result.
 */
export function groupColumns(groupBy: readonly ColumnRef[], taken: readonly string[]): GroupColumn[] {
  const names = new StringSet(taken);
  const columns: GroupColumn[] = [];
  for (const ref of groupBy) {
    const key = ref.property ?? ref.column;
    const name = names.has(key) && ref.property !== undefined ? `${ref.column}.${key}` : key;
    if (name !== '' && !names.has(name)) {
      names.add(name);
      const term = columnSql(ref);
      columns.push({ name, sql: ref.property === undefined ? term : `${term} AS ${nameSql(name)}` });
    }
  }
  return columns;
}
