/** Checks the audit log of a real Micromegas server: user, service account and panel of a query. */
import assert from 'node:assert/strict';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type AuditRecord } from '../support/demo-services';
import { eventually } from '../support/eventually';
import { onlyFrame } from '../support/frames';
import { ADA, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { API_KEY_NAME } from './micromegas-server';
import { APPEARS_WITHIN_MS, type OwnLake } from './real-micromegas';

/** Headers that Grafana sends with a panel's query. */
const PANEL = { 'http_X-Dashboard-Uid': 'conformance-dash', 'http_X-Panel-Id': '7' };
const PANEL_ORIGIN = { client: 'grafana', entrypoint: 'dashboard', notebook: 'conformance-dash', cell: '7' };

/**
 * With OAuth, the server rejects a login or e-mail that differs from the token, so the plugin adds both to the name.
 */
export const ADA_IN_FULL = 'Ada Lovelace <ada@example.com> (ada)';

interface Case {
  name: string;
  source: Source;
  headers?: Record<string, string>;
  model?: object;
  expected: Partial<AuditRecord> & Record<string, unknown>;
}

function cases({ sources }: OwnLake, subject: string): Case[] {
  return [
    {
      name: 'with an API key, the record has the user',
      source: sources.apiKey,
      headers: PANEL,
      expected: { ...PANEL_ORIGIN, user: ADA.login, email: ADA.email, name: ADA.name, service_account: true },
    },
    {
      name: 'with an API key and attribution off, the record has only the key',
      source: sources.apiKeyUnattributed,
      headers: PANEL,
      expected: {
        user: API_KEY_NAME,
        name: undefined,
        client: 'grafana',
        entrypoint: 'unknown',
        notebook: undefined,
        cell: undefined,
      },
    },
    {
      name: 'with OAuth, the record has the service account, and the user in the name',
      source: sources.oauth,
      headers: PANEL,
      expected: { ...PANEL_ORIGIN, user: subject, email: 'unknown', name: ADA_IN_FULL },
    },
    {
      name: 'with OAuth and attribution off, the record has only the service account',
      source: sources.oauthUnattributed,
      headers: PANEL,
      expected: { user: subject, name: undefined, client: 'grafana', entrypoint: 'unknown', notebook: undefined },
    },
    {
      name: 'with OAuth, the record keeps non-ASCII letters of a name',
      source: { ...sources.oauth, user: { login: 'zoë', name: 'Zoë Čapek', email: '', role: 'Viewer' } },
      expected: { name: 'Zoë Čapek (zoë)', entrypoint: 'explore', notebook: undefined, cell: undefined },
    },
    {
      name: 'the record of an alert rule has no user',
      source: { ...sources.apiKey, user: undefined },
      headers: { FromAlert: 'true' },
      expected: { user: API_KEY_NAME, name: undefined, entrypoint: 'alerting' },
    },
    {
      name: 'the record of a variable query has its entrypoint',
      source: sources.apiKey,
      model: { purpose: 'variable' },
      expected: { user: ADA.login, entrypoint: 'variable' },
    },
    {
      name: 'the record of an annotation query has its entrypoint and dashboard',
      source: sources.apiKey,
      headers: { 'http_X-Dashboard-Uid': 'conformance-dash' },
      model: { purpose: 'annotation' },
      expected: { user: ADA.login, entrypoint: 'annotation', notebook: 'conformance-dash' },
    },
  ];
}

/** @param subject The `sub` claim of the OAuth sources' tokens. */
export async function checkAudit(list: Checklist, lake: OwnLake, subject: string): Promise<void> {
  const all = cases(lake, subject).map((each, index) => ({ ...each, sql: `SELECT ${1000 + index} AS audited` }));
  const ran = await list.check('audit: the queries run', async () => {
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

/** All audit records so far. */
export async function readAudit(
  plugin: PluginProcess,
  source: Source
): Promise<Array<AuditRecord & Record<string, unknown>>> {
  const query = "SELECT msg FROM log_entries WHERE target = 'flightsql_query_audit'";
  const frame = onlyFrame(await runQuery(plugin, source, { query, version: 2, timeFilter: false, autoLimit: false }));
  return frame.column('msg').map((msg) => JSON.parse(String(msg)));
}
