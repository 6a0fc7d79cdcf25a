import { importSql } from './import-sql';

const SQL = "-- errors\nSELECT time, msg FROM logs WHERE $__timeFilter(time) AND msg <> 'a'";
const imported = (query: object) => importSql({ refId: 'B', ...query }, 'Postgres');

it.each([
  ['PostgreSQL, a series', { rawSql: SQL, format: 'time_series', editorMode: 'code', rawQuery: true }, 'time_series'],
  ['MySQL, a table', { rawSql: SQL, format: 'table' }, 'table'],
  ['ClickHouse', { rawSql: SQL, format: 1, queryType: 'timeseries', editorType: 'sql' }, 'time_series'],
  ['ClickHouse, logs', { rawSql: SQL, format: 2, queryType: 'logs' }, 'logs'],
  ['ClickHouse of Altinity', { query: SQL, rawQuery: 'SELECT 2', format: 'logs' }, 'logs'],
  ['BigQuery', { rawSql: SQL, format: 0 }, 'time_series'],
  ['Athena', { rawSQL: SQL, format: 1 }, 'table'],
  ['Databricks', { rawSqlQuery: SQL }, 'table'],
  ['Snowflake', { queryText: SQL, queryType: 'time series' }, 'time_series'],
  ['SQLite', { rawQueryText: SQL, queryText: 'SELECT 2', queryType: 'table' }, 'table'],
])('keeps the SQL of %s', (_name, query, format) => {
  expect(imported(query)).toEqual({
    refId: 'B',
    query: SQL,
    format,
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
