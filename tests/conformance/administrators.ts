/**
 * Checks administrators of a real Micromegas: the warning of Save & test, and the rule of docs/operator/security.md.
 * With this rule, the server rejects statements that are not read-only.
 */
import assert from 'node:assert/strict';
import { status as Status } from '@grpc/grpc-js';
import { TestClient } from '../../demo/lakehouse/test-client';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { documentedQueries } from '../support/documented-sql';
import { eventually } from '../support/eventually';
import { ADA, runQuery, type Source } from '../support/plugin';
import { healthOf } from '../support/sign-in-lab';
import { type Checklist } from './checklist';

/** A rule becomes active after 10 seconds, or later on a busy machine. */
const ACTIVE_WITHIN_MS = 60_000;

const FILE = '/tmp/conformance-denied.csv';
const READS = [
  'SELECT 1 AS one',
  '/**/ -- a comment\n ( SELECT 1 AS one )',
  'WITH a AS (SELECT 1 AS one) SELECT * FROM a',
  'VALUES (1)',
  'FROM processes SELECT count(*)',
  'EXPLAIN SELECT 1',
  'EXPLAIN (ANALYZE) SELECT 1',
  'SHOW TABLES',
  'DESCRIBE processes',
];
const OTHERS = [
  `COPY (SELECT 1) TO '${FILE}'`,
  `/* a comment */ COPY (SELECT 1) TO '${FILE}'`,
  `/*! COPY (SELECT 1) TO '${FILE}' */`,
  `EXPLAIN ANALYZE COPY (SELECT 1) TO '${FILE}'`,
  `EXPLAIN (ANALYZE) COPY (SELECT 1) TO '${FILE}'`,
  'CREATE TABLE made AS SELECT 1',
  "SET datafusion.execution.time_zone = '+01:00'",
];

/** Codes of the messages in the stage with the warning. */
async function warnings(plugin: PluginProcess, source: Source): Promise<string[] | undefined> {
  const { details, report } = await healthOf(plugin, { ...source, uid: `${source.uid}-administrators` });
  assert.equal(details.code, undefined, report);
  return details.stages.find(({ name }) => name === 'permissions')?.text.map(({ code }) => code);
}

/**
 * @param account A data source whose account is not an administrator.
 * @param open `host:port` of a server without a sign-in.
 */
export async function checkAdministrators(
  list: Checklist,
  plugin: PluginProcess,
  account: Source,
  open: string
): Promise<void> {
  const source: Source = {
    uid: 'open',
    user: ADA,
    jsonData: { host: open, selectedAuthType: 'none' },
    secureJsonData: {},
  };
  await list.check('administrators: Save & test has no warning for an account that is not an administrator', async () =>
    assert.equal(await warnings(plugin, account), undefined)
  );
  await list.check('administrators: Save & test warns about a server without a sign-in', async () =>
    assert.deepEqual(await warnings(plugin, source), ['everybody-is-admin'])
  );
  // Without a sign-in, the server trusts the identity in the caller's headers.
  const administrator = new TestClient(open, { 'x-auth-subject': 'administrator' });
  const grafana = new TestClient(open, { 'x-client-type': 'grafana' });
  try {
    await list.check(
      'administrators: the rule of docs/operator/security.md denies statements that do not read',
      async () => {
        const rule = documentedQueries().find(({ sql }) => sql.startsWith('SELECT * FROM deny_queries('));
        assert.ok(rule !== undefined);
        await administrator.rows(rule.sql);
        await eventually('The rule', ACTIVE_WITHIN_MS, async () => {
          const { code } = await grafana.failure('SET datafusion.catalog.information_schema = true');
          return code === Status.RESOURCE_EXHAUSTED ? code : undefined;
        });
        for (const sql of OTHERS) {
          assert.equal((await grafana.failure(sql)).code, Status.RESOURCE_EXHAUSTED, sql);
        }
      }
    );
    await list.check('administrators: the rule allows statements that read', async () => {
      for (const query of READS) {
        const response = await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false });
        assert.equal(response.error, '', query);
      }
      assert.deepEqual(await warnings(plugin, source), ['everybody-is-admin']);
    });
  } finally {
    administrator.close();
    grafana.close();
  }
}
