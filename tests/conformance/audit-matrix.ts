/**
 * The audit record of a real Micromegas for each kind of call and each sign-in: who it names, and what the call was for.
 */
import assert from 'node:assert/strict';
import { type MicromegasSettings } from '../../contract/settings';
import { type AuditRecord, type DemoServices } from '../support/demo-services';
import { ADA, pluginContext, runQuery, type Source } from '../support/plugin';
import { readAudit } from './audit';
import { type Checklist } from './checklist';
import { eventually } from '../support/eventually';
import { type RealLake } from './real-micromegas';

const APPEARS_WITHIN_MS = 60_000;
const ADA_IN_FULL = 'Ada Lovelace <ada@example.com> (ada)';

type Expected = Partial<AuditRecord> & Record<string, unknown>;

interface SignIn {
  name: string;
  source: Source;
  /** As Grafana sends them for a user who signed in with OAuth. */
  headers: Record<string, string>;
  /** Recorded when a person asks. */
  person: Expected;
  /** Recorded when nobody does. */
  nobody: Expected;
  isAttributed: boolean;
  /** A table that only this sign-in asks the columns of, so that its record is told from others. */
  table: string;
}

interface CallKind {
  name: string;
  entrypoint: string;
  headers?: Record<string, string>;
  model?: object;
  /** Undefined: Ada. */
  user?: Source['user'] | 'none';
}

const DASHBOARD = { 'http_X-Dashboard-Uid': 'matrix', 'http_X-Panel-Id': '3' };

/** Calls that run SQL of their own. */
const QUERIES: readonly CallKind[] = [
  { name: 'a panel', entrypoint: 'dashboard', headers: DASHBOARD },
  { name: 'Explore', entrypoint: 'explore' },
  { name: 'a variable', entrypoint: 'variable', model: { purpose: 'variable' } },
  { name: 'an annotation', entrypoint: 'annotation', headers: DASHBOARD, model: { purpose: 'annotation' } },
  { name: 'an alert rule', entrypoint: 'alerting', headers: { FromAlert: 'true' }, user: 'none' },
  {
    name: 'a public dashboard',
    entrypoint: 'public-dashboard',
    user: { login: 'service', name: '', email: '', role: 'Admin' },
  },
];

/** A token as Grafana would send it for somebody whom the demo's issuer knows. */
async function userToken({ issuer, clientId, clientSecret, audience }: DemoServices): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience,
  });
  const answer: { access_token?: string } = await (await fetch(`${issuer}/token`, { method: 'POST', body })).json();
  assert.ok(answer.access_token, 'the issuer gave no token');
  return answer.access_token;
}

async function signIns({ sources }: RealLake, demo: DemoServices): Promise<SignIn[]> {
  const key = { user: 'conformance-key', email: 'service-account', name: undefined };
  const subject = { user: demo.clientId, email: 'unknown', name: undefined };
  const forwarding: MicromegasSettings = { oauthPassThru: true, oauthPassThruFallback: true };
  const none = { headers: {}, isAttributed: true };
  return [
    {
      ...none,
      name: 'an API key',
      source: sources.apiKey,
      person: { user: ADA.login, email: ADA.email, name: ADA.name, service_account: true },
      nobody: key,
      table: 'blocks',
    },
    {
      ...none,
      name: 'an API key, attribution off',
      source: sources.apiKeyUnattributed,
      person: key,
      nobody: key,
      isAttributed: false,
      table: 'log_stats',
    },
    {
      ...none,
      name: 'OAuth',
      source: sources.oauth,
      person: { ...subject, name: ADA_IN_FULL },
      nobody: subject,
      table: 'measures',
    },
    {
      ...none,
      name: 'OAuth, attribution off',
      source: sources.oauthUnattributed,
      person: subject,
      nobody: subject,
      isAttributed: false,
      table: 'processes',
    },
    {
      name: "a user's own token",
      source: { ...sources.oauth, uid: 'forwarded', jsonData: { ...sources.oauth.jsonData, ...forwarding } },
      headers: { Authorization: `Bearer ${await userToken(demo)}` },
      person: { ...subject, name: ADA_IN_FULL },
      nobody: subject,
      isAttributed: true,
      table: 'streams',
    },
  ];
}

/** What must stand in the record. Without attribution the server is not told what the call was for either. */
function expectedOf({ isAttributed, person, nobody }: SignIn, entrypoint: string, isPerson: boolean): Expected {
  const origin = { client: 'grafana', entrypoint: isAttributed ? entrypoint : 'unknown' };
  return { ...(isPerson ? person : nobody), ...origin };
}

function assertRecord(record: Expected, expected: Expected): void {
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, record[name]])), expected);
}

class Matrix {
  readonly #list: Checklist;
  readonly #lake: RealLake;

  constructor(list: Checklist, lake: RealLake) {
    this.#list = list;
    this.#lake = lake;
  }

  async check(signIn: SignIn): Promise<void> {
    for (const [index, kind] of QUERIES.entries()) {
      const sql = `SELECT ${index} AS "matrix of ${signIn.source.uid}"`;
      const isPerson = kind.user === undefined;
      await this.#list.check(`audit: ${kind.name} with ${signIn.name}`, async () => {
        await this.#query(signIn, kind, sql);
        assertRecord(await this.#recordOf((each) => each.sql === sql), expectedOf(signIn, kind.entrypoint, isPerson));
      });
    }
    await this.#list.check(`audit: columns of a table with ${signIn.name}`, () => this.#columns(signIn));
    await this.#list.check(`audit: Save & Test with ${signIn.name}`, () => this.#saveAndTest(signIn));
  }

  async #query(signIn: SignIn, kind: CallKind, query: string): Promise<void> {
    const user = kind.user === undefined ? signIn.source.user : kind.user === 'none' ? undefined : kind.user;
    const saved = { query, version: 2, timeFilter: false, autoLimit: false, ...kind.model };
    // Grafana sends no tokens where nobody is signed in.
    const headers = { ...(kind.user === undefined ? signIn.headers : {}), ...kind.headers };
    assert.equal((await runQuery(this.#lake.plugin, { ...signIn.source, user }, saved, { headers })).error, '');
  }

  async #columns(signIn: SignIn): Promise<void> {
    const { table, source } = signIn;
    const call = {
      context: pluginContext(source),
      headers: signIn.headers,
      path: 'columns',
      url: `columns?table=${table}`,
    };
    const answer = await this.#lake.plugin.callResource(call);
    assert.equal(answer.status, 200, Buffer.from(answer.body).toString());
    const record = await this.#recordOf(({ sql }) => sql === `SELECT * FROM "${table}" LIMIT 0`);
    assertRecord(record, expectedOf(signIn, 'schema', true));
  }

  async #saveAndTest(signIn: SignIn): Promise<void> {
    const isTest = ({ sql }: AuditRecord) => sql.includes('save-and-test');
    const before = new Set((await this.#records()).filter(isTest).map(({ sql }) => sql));
    const { message, status } = await this.#lake.plugin.checkHealth({
      pluginContext: pluginContext({ ...signIn.source, uid: `${signIn.source.uid}-tested` }),
      headers: signIn.headers,
    });
    assert.equal(status, 1, message);
    const record = await this.#recordOf((each) => isTest(each) && !before.has(each.sql));
    assertRecord(record, expectedOf(signIn, 'health', true));
  }

  #records() {
    return readAudit(this.#lake.plugin, this.#lake.sources.apiKey);
  }

  #recordOf(isWanted: (record: AuditRecord) => boolean) {
    return eventually('The audit record', APPEARS_WITHIN_MS, async () => (await this.#records()).find(isWanted));
  }
}

/** @param demo Whose issuer both the data sources and the server use. */
export async function checkAuditMatrix(list: Checklist, lake: RealLake, demo: DemoServices): Promise<void> {
  const matrix = new Matrix(list, lake);
  for (const signIn of await signIns(lake, demo)) {
    await matrix.check(signIn);
  }
}
