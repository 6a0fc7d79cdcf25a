import { status } from '@grpc/grpc-js';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey, streamId } from './story';

const fixture = useLakehouse();
const GATEWAY = processByKey('web-gateway');
const SERVER = processByKey('server');
const inner = (message: string) =>
  `error building data stream: Internal error: Failed to ${message}.\nThis issue was likely caused by a bug in DataFusion's code. ` +
  'Please help us to resolve this by filing a bug report in our issue tracker: https://github.com/apache/datafusion/issues';

describe('errors', () => {
  const { INVALID_ARGUMENT, INTERNAL, UNIMPLEMENTED } = status;
  const cases: Array<[string, status, string]> = [
    [
      'selec 1',
      INVALID_ARGUMENT,
      'error building dataframe: SQL error: ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1")',
    ],
    [
      '',
      INVALID_ARGUMENT,
      'error building dataframe: Error during planning: No SQL statements were provided in the query string',
    ],
    [
      '-- nothing',
      INVALID_ARGUMENT,
      'error building dataframe: Error during planning: No SQL statements were provided in the query string',
    ],
    [
      'SELECT * FROM nope',
      INVALID_ARGUMENT,
      `error building dataframe: Error during planning: table 'datafusion.public.nope' not found (at line 1, column 15)`,
    ],
    [
      'SELECT nope FROM log_stats',
      INVALID_ARGUMENT,
      'error building dataframe: Schema error: No field named nope.\nValid fields are log_stats.time_bin, log_stats.process_id, ' +
        'log_stats.level, log_stats.target, log_stats.count, log_stats.audience. (at line 1, column 8)',
    ],
    [
      'SELECT nope FROM (SELECT 1)',
      INVALID_ARGUMENT,
      'error building dataframe: Schema error: No field named nope. (at line 1, column 8)',
    ],
    [
      'SELECT nofunc(1)',
      INVALID_ARGUMENT,
      `error building dataframe: Error during planning: Invalid function 'nofunc' (at line 1, column 8)`,
    ],
    [
      'SELECT * FROM retire_partitions(1)',
      INVALID_ARGUMENT,
      `error building dataframe: Error during planning: table function 'retire_partitions' not found`,
    ],
    [
      'SELECT 1; SELECT 2',
      UNIMPLEMENTED,
      'error building dataframe: This feature is not implemented: The context currently only supports a single SQL statement',
    ],
    ['SELECT 1/0', INTERNAL, 'error building data stream: Arrow error: Divide by zero error'],
    [
      `SELECT CAST('abc' AS INT)`,
      INTERNAL,
      `error creating physical plan: Arrow error: Cast error: Cannot cast string 'abc' to value of Int32 type`,
    ],
    [
      `SELECT * FROM view_instance('bogus', 'x')`,
      INVALID_ARGUMENT,
      'error building dataframe: Error during planning: error making view view set bogus not found',
    ],
    [
      `SELECT * FROM view_instance('async_events', 'global')`,
      INVALID_ARGUMENT,
      'error building dataframe: Error during planning: error making view AsyncEventsView does not support global view access',
    ],
    [
      `SELECT * FROM view_instance('log_entries', 'xyz')`,
      INVALID_ARGUMENT,
      'error building dataframe: Error during planning: error making view Uuid::parse_str\n\nCaused by:\n    invalid character: found `x` at 0',
    ],
    [
      `SELECT * FROM view_instance('thread_spans', '${streamId(GATEWAY.id, 'log')}')`,
      INTERNAL,
      'error creating physical plan: External error: query range mandatory for thread spans view',
    ],
    [
      `SELECT * FROM process_spans('${SERVER.id}', 'nope')`,
      INVALID_ARGUMENT,
      `error building dataframe: Error during planning: span_types must be 'thread', 'async', or 'both', given: nope`,
    ],
    [
      `SELECT * FROM process_spans('${SERVER.id}', 'both')`,
      INTERNAL,
      inner(`query thread spans: External error: query range mandatory for thread spans view`),
    ],
    [
      `SELECT * FROM process_spans('00000000-0000-4000-8000-000000000000', 'async')`,
      INTERNAL,
      inner('execute async spans stream: External error: find_process_with_latest_timing: Process not found'),
    ],
    [
      `SELECT * FROM view_instance('log_entries', '00000000-0000-4000-8000-000000000000')`,
      INTERNAL,
      'error creating physical plan: External error: find_process: select from processes: no rows returned by a query that expected to return at least one row',
    ],
  ];

  it.each(cases)('have the message of Micromegas: %s', async (sql, code, expected) => {
    const error = await fixture.client.failure(sql);
    const [, message, id] = /^([\s\S]*) \(query_id=([0-9a-f-]{36})\)$/.exec(error.details) ?? [];
    expect([error.code, message]).toEqual([code, expected]);
    expect(fixture.lakehouse.audit.records.at(-1)).toMatchObject({ query_id: id, status: 'error', sql });
  });
});

it('does not find the thread of an unknown stream', async () => {
  const sql = `SELECT * FROM view_instance('thread_spans', '00000000-0000-4000-8000-000000000000')`;
  const range = { query_range_begin: '2026-11-24T11:00:00Z', query_range_end: '2026-11-24T12:00:00Z' };
  const { details } = await fixture.client.failure(sql, range);
  expect(details).toMatch(/^error creating physical plan: External error: find_stream_from_view: Stream not found /);
});

describe('safety', () => {
  it.each([
    `SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM '/etc/passwd'`,
    `SELECT * FROM glob('/*')`,
    `COPY (SELECT 1) TO '/tmp/demo-lake.csv'`,
    `ATTACH '/tmp/demo-lake.db'`,
    'INSTALL httpfs',
    'LOAD httpfs',
    'PRAGMA database_list',
    'SET memory_limit = 1',
    'CREATE TABLE t (a INTEGER)',
    'DELETE FROM lake.log_row',
    'EXPLAIN ANALYZE DELETE FROM lake.log_row',
    'EXPLAIN (ANALYZE) DELETE FROM lake.log_row',
    'WITH x AS (SELECT 1) DELETE FROM lake.log_row',
    `EXPORT DATABASE '/tmp/demo-lake'`,
    'CALL pragma_version()',
    'USE lake',
    `SELECT json_execute_serialized_sql(json_serialize_sql('DELETE FROM lake.log_row'))`,
    `SELECT * FROM query('DELETE FROM lake.log_row')`,
  ])('rejects %s', async (sql) => {
    const error = await fixture.client.failure(sql);
    expect([status.INVALID_ARGUMENT, status.UNIMPLEMENTED, status.INTERNAL]).toContain(error.code);
    expect(error.details).not.toMatch(/root:|DuckDB/);
  });
});
