/** Imports the SQL of other data sources, which save it in different fields. */
import { type DataQuery } from '@grafana/schema';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
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

/** Maximum number of UTF-16 units of imported SQL. No author writes longer SQL. */
const MAX_SQL = 1024 * 1024;

function isSql(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_SQL) {
    return false;
  }
  const first = tokenizeSql(value).find(({ kind, raw: token }) => kind !== 'comment' && token !== '(');
  return isSqlWord(first, ...FIRST_WORDS);
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
    importNotice: { kind: 'sql', from },
  };
  return { refId: query.refId, ...(query.hide !== undefined && { hide: query.hide }), ...imported };
}
