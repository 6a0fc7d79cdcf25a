/**
 * Imports the SQL of other data sources. They save the SQL in different fields, and the format as a word or as a
 * number.
 */
import { type DataQuery } from '@grafana/schema';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type QueryFormat } from '../../../contract/result-format';
import { isSqlWord, tokenizeSql } from '../../../contract/sql/sql-scan';
import { property } from '../../shared/failure-message';
import { newQuery } from '../model/query-draft';
import { type MicromegasQuery } from '../../shared/types';

/**
 * Fields in which other data sources save SQL. `rawSql`: Grafana's own SQL sources, BigQuery and ClickHouse. `rawSQL`:
 * Athena, Redshift and Trino. `rawSqlQuery`: Databricks. `query` and `rawQuery`: ClickHouse of Altinity.
 * `rawQueryText`: SQLite. `queryText`: Snowflake and Flight SQL.
 */
const SQL_FIELDS = ['rawSql', 'rawSQL', 'rawSqlQuery', 'query', 'rawQuery', 'rawQueryText', 'queryText'] as const;

const FIRST_WORDS = ['select', 'with', 'show', 'describe', 'explain', 'values'];

/** The format for each saved value. Other values mean `table`. Several SQL data sources save numbers. */
const FORMATS: ReadonlyMap<unknown, QueryFormat> = new Map<unknown, QueryFormat>([
  ['time_series', 'time_series'],
  ['timeseries', 'time_series'],
  ['time series', 'time_series'],
  [0, 'time_series'],
  ['logs', 'logs'],
  [2, 'logs'],
]);

/** Maximum number of UTF-16 units of imported SQL. No author writes longer SQL. */
const MAX_SQL = 1024 * 1024;

function isSql(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_SQL) {
    return false;
  }
  const first = tokenizeSql(value).find(({ kind, raw: token }) => kind !== 'comment' && token !== '(');
  return isSqlWord(first, ...FIRST_WORDS);
}

function formatOf(query: DataQuery): QueryFormat {
  const words = [property(query, 'format'), property(query, 'queryType')];
  const known = words.map((word) => FORMATS.get(typeof word === 'string' ? word.toLowerCase() : word));
  return known.find((format) => format !== undefined) ?? 'table';
}

/**
 * A query in code mode with the SQL of another data source. Undefined if the query has no SQL.
 *
 * @param from Name of the other data source.
 */
export function importSql(query: DataQuery, from: string): MicromegasQuery | undefined {
  const sql = SQL_FIELDS.map((field) => property(query, field)).find(isSql);
  if (sql === undefined) {
    return undefined;
  }
  const imported: MicromegasQueryFields = {
    ...newQuery(),
    query: sql,
    rawEditor: true,
    format: formatOf(query),
    importNotice: { kind: 'sql', from },
  };
  return { refId: query.refId, ...(query.hide !== undefined && { hide: query.hide }), ...imported };
}
