import { importSql } from './import-sql';

const SQL = "-- errors\nSELECT time, msg FROM logs WHERE $__timeFilter(time) AND msg <> 'a'";
const imported = (query: object) => importSql({ refId: 'B', ...query }, 'Postgres');

it.each([
  ['PostgreSQL', { rawSql: SQL, format: 'time_series', editorMode: 'code', rawQuery: true }],
  ['ClickHouse', { rawSql: SQL, format: 2, queryType: 'logs', editorType: 'sql' }],
  ['ClickHouse of Altinity', { query: SQL, rawQuery: 'SELECT 2', format: 'logs' }],
  ['Athena', { rawSQL: SQL, format: 1 }],
  ['Databricks', { rawSqlQuery: SQL }],
  ['Snowflake', { queryText: SQL, queryType: 'time series' }],
  ['SQLite', { rawQueryText: SQL, queryText: 'SELECT 2', queryType: 'table' }],
])('keeps the SQL of %s, and nothing else', (_name, query) => {
  expect(imported(query)).toEqual({
    refId: 'B',
    query: SQL,
    format: 'table',
    timeFilter: true,
    autoLimit: false,
    rawEditor: true,
    version: 2,
    importNotice: { kind: 'sql', from: 'Postgres' },
  });
});

it('drops the type of a query of another data source', () => {
  const query = imported({ rawSql: 'SELECT 1', queryType: 'traces', traces: { view: 'search' } });
  expect(query).toMatchObject({ query: 'SELECT 1' });
  expect(query).not.toHaveProperty('queryType');
  expect(query).not.toHaveProperty('traces');
});

it('keeps a hidden query hidden', () => {
  expect(imported({ hide: true, rawSql: '(SELECT 1)' })).toMatchObject({ hide: true, query: '(SELECT 1)' });
});

it.each([
  ['a Lucene query', { query: 'level:error AND selection' }],
  ['a PromQL query', { expr: 'rate(x[5m])' }],
  ['an empty query', { rawSql: ' -- SELECT 1\n' }],
  ['a boolean `rawQuery`', { rawQuery: true }],
  ['a string that is too long', { rawSql: `SELECT ${' '.repeat(1024 * 1024)}` }],
])('leaves out %s', (_name, query) => {
  expect(imported(query)).toBeUndefined();
});
