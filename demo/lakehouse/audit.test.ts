import { once } from 'node:events';
import { useLakehouse } from './lakehouse-fixture';
import { statementTicket } from './test-client';

const fixture = useLakehouse();
const WHOLE_RANGE = { query_range_begin: '2026-11-24T11:00:00Z', query_range_end: '2026-11-24T11:00:10Z' };

describe('attribution and audit', () => {
  const last = () => fixture.lakehouse.audit.records.at(-1);

  it('records the user named by a caller that has an API key', async () => {
    await fixture.client.query('SELECT 42 AS n', {
      'x-user-id': 'rowan',
      'x-user-email': 'rowan@example.org',
      'x-user-name': encodeURIComponent('Rowan Élis'),
      'x-client-type': 'grafana',
      'x-client-entrypoint': 'dashboard',
      'x-client-notebook': 'abc',
      'x-client-cell': '7',
      limit: '10',
      ...WHOLE_RANGE,
    });
    expect(last()).toMatchObject({
      sign_in: 'api_key',
      user: 'rowan',
      email: 'rowan@example.org',
      name: 'Rowan Élis',
      service_account: true,
      service_account_name: 'tests',
      client: 'grafana',
      entrypoint: 'dashboard',
      notebook: 'abc',
      cell: '7',
      sql: 'SELECT 42 AS n',
      range_begin: WHOLE_RANGE.query_range_begin,
      range_end: WHOLE_RANGE.query_range_end,
      limit: 10,
      status: 'ok',
      output_rows: 1,
    });
  });

  it('records the name of the API key if the caller names no user', async () => {
    await fixture.client.query('SELECT 1');
    expect(last()).toMatchObject({
      user: 'tests',
      email: 'service-account',
      service_account: false,
      client: 'unknown',
    });
    expect(last()).not.toHaveProperty('notebook');
  });

  it('writes audit records to log_entries', async () => {
    await fixture.client.query(`SELECT 'find me in the audit'`);
    await fixture.lakehouse.advance();
    const rows = await fixture.client.rows(
      `SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit' AND msg LIKE '%find me in the audit%'`
    );
    expect(JSON.parse(String(rows[0]?.['msg']))).toMatchObject({
      sql: `SELECT 'find me in the audit'`,
      status: 'ok',
      user: 'tests',
    });
  });

  it('ends the query if the client cancels the call while DuckDB works', async () => {
    const recorded = once(fixture.lakehouse.audit, 'record');
    const started = once(fixture.lakehouse.audit, 'start');
    const stream = fixture.client.doGet(
      statementTicket('SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3')
    );
    stream.on('error', () => undefined);
    await started;
    stream.cancel();
    await recorded;
    expect(last()).toMatchObject({ status: 'incomplete', output_rows: 0 });
  });

  it('ends the query if the client cancels the call in the middle of a result', async () => {
    const recorded = once(fixture.lakehouse.audit, 'record');
    const stream = fixture.client.doGet(statementTicket('SELECT * FROM range(100000000)'));
    stream.on('error', () => undefined);
    stream.once('data', () => stream.cancel());
    await recorded;
    expect(last()).toMatchObject({ status: 'incomplete' });
  });
});
