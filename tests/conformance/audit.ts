/** What a real Micromegas writes down about queries: who asked, by which service account, from which panel. */
import assert from 'node:assert/strict';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type AuditRecord } from '../support/demo-services';
import { onlyFrame } from '../support/frames';
import { ADA, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { eventually } from '../support/eventually';
import { type RealLake } from './real-micromegas';

const APPEARS_WITHIN_MS = 60_000;

/** As Grafana sends them with a panel's query. */
const PANEL = { 'http_X-Dashboard-Uid': 'conformance-dash', 'http_X-Panel-Id': '7' };
const PANEL_ORIGIN = { client: 'grafana', entrypoint: 'dashboard', notebook: 'conformance-dash', cell: '7' };

const ADA_IN_FULL = 'Ada Lovelace <ada@example.com> (ada)';

interface Case {
  name: string;
  source: Source;
  headers?: Record<string, string>;
  model?: object;
  expected: Partial<AuditRecord> & Record<string, unknown>;
}

function cases({ sources }: RealLake, subject: string): Case[] {
  return [
    {
      name: 'an API key: the user',
      source: sources.apiKey,
      headers: PANEL,
      expected: { ...PANEL_ORIGIN, user: ADA.login, email: ADA.email, name: ADA.name, service_account: true },
    },
    {
      name: 'an API key, attribution off: the key only',
      source: sources.apiKeyUnattributed,
      headers: PANEL,
      expected: {
        user: 'conformance-key',
        name: undefined,
        client: 'grafana',
        entrypoint: 'unknown',
        notebook: undefined,
        cell: undefined,
      },
    },
    {
      name: 'OAuth: the service account, and the user in the name',
      source: sources.oauth,
      headers: PANEL,
      expected: { ...PANEL_ORIGIN, user: subject, email: 'unknown', name: ADA_IN_FULL },
    },
    {
      name: 'OAuth, attribution off: the service account only',
      source: sources.oauthUnattributed,
      headers: PANEL,
      expected: { user: subject, name: undefined, client: 'grafana', entrypoint: 'unknown', notebook: undefined },
    },
    {
      name: 'a name beyond ASCII',
      source: { ...sources.oauth, user: { login: 'zoë', name: 'Zoë Čapek', email: '', role: 'Viewer' } },
      expected: { name: 'Zoë Čapek (zoë)', entrypoint: 'explore', notebook: undefined, cell: undefined },
    },
    {
      name: 'an alert rule: nobody',
      source: { ...sources.apiKey, user: undefined },
      headers: { FromAlert: 'true' },
      expected: { user: 'conformance-key', name: undefined, entrypoint: 'alerting' },
    },
    {
      name: 'a variable',
      source: sources.apiKey,
      model: { purpose: 'variable' },
      expected: { user: ADA.login, entrypoint: 'variable' },
    },
    {
      name: 'an annotation',
      source: sources.apiKey,
      headers: { 'http_X-Dashboard-Uid': 'conformance-dash' },
      model: { purpose: 'annotation' },
      expected: { user: ADA.login, entrypoint: 'annotation', notebook: 'conformance-dash' },
    },
  ];
}

/** @param subject Who the token of the OAuth sources is. */
export async function checkAudit(list: Checklist, lake: RealLake, subject: string): Promise<void> {
  const all = cases(lake, subject).map((each, index) => ({ ...each, sql: `SELECT ${1000 + index} AS audited` }));
  const ran = await list.check('audit: the queries to be audited run', async () => {
    for (const { source, sql, model, headers } of all) {
      const saved = { query: sql, version: 2, timeFilter: false, autoLimit: false, ...model };
      const response = await runQuery(lake.plugin, source, saved, { headers });
      assert.equal(response.error, '');
    }
  });
  if (!ran) {
    return;
  }
  for (const { name, sql, expected } of all) {
    await list.check(`audit: ${name}`, async () => {
      const record = await eventually('The audit record', APPEARS_WITHIN_MS, async () =>
        (await readAudit(lake.plugin, lake.sources.apiKey)).find((candidate) => candidate.sql === sql)
      );
      const seen = Object.fromEntries(Object.keys(expected).map((key) => [key, record[key]]));
      assert.deepEqual(seen, expected);
      assert.equal(record.status, 'ok');
    });
  }
}

/** What the server has written down so far. */
export async function readAudit(
  plugin: PluginProcess,
  source: Source
): Promise<Array<AuditRecord & Record<string, unknown>>> {
  const query = "SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit'";
  const frame = onlyFrame(await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false }));
  return frame.column('msg').map((msg) => JSON.parse(String(msg)));
}
