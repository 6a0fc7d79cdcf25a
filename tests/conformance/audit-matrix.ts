/**
 * Checks the user and the entrypoint in the audit records that a real Micromegas writes, for each kind of call and each
 * sign-in method.
 */
import assert from 'node:assert/strict';
import { type MicromegasSettings } from '../../contract/settings/settings';
import { type AuditRecord, type DemoServices } from '../support/demo-services';
import { eventually } from '../support/eventually';
import { ADA, pluginContext, runQuery, type Source } from '../support/plugin';
import { ADA_IN_FULL, readAudit } from './audit';
import { type Checklist } from './checklist';
import { lookup } from './lookups';
import { API_KEY_NAME } from './micromegas-server';
import { APPEARS_WITHIN_MS, type OwnLake } from './real-micromegas';

type Expected = Partial<AuditRecord> & Record<string, unknown>;

interface SignIn {
  name: string;
  source: Source;
  /**
   * Returns the headers that Grafana sends for a user who signed in with OAuth. Called for each check, because tokens
   * expire during a slow run.
   */
  headers: () => Promise<Record<string, string>>;
  /** The expected audit record for a query of a signed-in user. */
  user: Expected;
  /** The expected audit record for a query without a user, such as the query of an alert rule. */
  noUser: Expected;
  isAttributed: boolean;
  /**
   * Only the data source with this sign-in reads the columns of this table, so the table identifies the audit record.
   */
  table: string;
}

interface CallKind {
  name: string;
  entrypoint: string;
  headers?: Record<string, string>;
  model?: object;
  /** Undefined: Ada. `none`: a query without a user. */
  user?: Source['user'] | 'none';
}

const GRACE = { ...ADA, login: 'grace', name: 'Grace Hopper', email: 'grace@example.com' };

const DASHBOARD = { 'http_X-Dashboard-Uid': 'matrix', 'http_X-Panel-Id': '3' };

/** Calls that run the SQL of a saved query. */
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

/** A token of the demo's issuer. It replaces the token that Grafana would forward for a signed-in user. */
async function userToken({ issuer, clientId, clientSecret, audience }: DemoServices): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience,
  });
  const response: { access_token?: string } = await (await fetch(`${issuer}/token`, { method: 'POST', body })).json();
  assert.ok(response.access_token, 'The issuer returned no token.');
  return response.access_token;
}

function signIns({ sources }: OwnLake, demo: DemoServices): SignIn[] {
  const key = { user: API_KEY_NAME, email: 'service-account', name: undefined };
  const subject = { user: demo.clientId, email: 'unknown', name: undefined };
  const forwarding: MicromegasSettings = { oauthPassThru: true, oauthPassThruFallback: true };
  const none = { headers: async () => ({}), isAttributed: true };
  return [
    {
      ...none,
      name: 'an API key',
      source: sources.apiKey,
      user: { user: ADA.login, email: ADA.email, name: ADA.name, service_account: true },
      noUser: key,
      table: 'blocks',
    },
    {
      ...none,
      name: 'an API key, attribution off',
      source: sources.apiKeyUnattributed,
      user: key,
      noUser: key,
      isAttributed: false,
      table: 'log_stats',
    },
    {
      ...none,
      name: 'OAuth',
      source: sources.oauth,
      user: { ...subject, name: ADA_IN_FULL },
      noUser: subject,
      table: 'measures',
    },
    {
      ...none,
      name: 'OAuth, attribution off',
      source: sources.oauthUnattributed,
      user: subject,
      noUser: subject,
      isAttributed: false,
      table: 'processes',
    },
    {
      name: "the user's own token",
      source: { ...sources.oauth, uid: 'forwarded', jsonData: { ...sources.oauth.jsonData, ...forwarding } },
      headers: async () => ({ Authorization: `Bearer ${await userToken(demo)}` }),
      user: { ...subject, name: ADA_IN_FULL },
      noUser: subject,
      isAttributed: true,
      table: 'streams',
    },
  ];
}

/** Without attribution, the plugin sends neither the user nor the entrypoint. */
function expectedOf({ isAttributed, user, noUser }: SignIn, entrypoint: string, hasUser: boolean): Expected {
  const origin = { client: 'grafana', entrypoint: isAttributed ? entrypoint : 'unknown' };
  return { ...(hasUser ? user : noUser), ...origin };
}

function assertRecord(record: Expected, expected: Expected): void {
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, record[name]])), expected);
}

class Matrix {
  readonly #list: Checklist;
  readonly #lake: OwnLake;

  constructor(list: Checklist, lake: OwnLake) {
    this.#list = list;
    this.#lake = lake;
  }

  async check(signIn: SignIn): Promise<void> {
    for (const [index, kind] of QUERIES.entries()) {
      const sql = `SELECT ${index} AS "matrix of ${signIn.source.uid}"`;
      const hasUser = kind.user === undefined;
      await this.#list.check(
        `audit: user and entrypoint in the record of ${kind.name}, with ${signIn.name}`,
        async () => {
          await this.#query(signIn, kind, sql);
          assertRecord(await this.#recordOf((each) => each.sql === sql), expectedOf(signIn, kind.entrypoint, hasUser));
        }
      );
    }
    await this.#list.check(`audit: one record for each user of a panel, with ${signIn.name}`, () =>
      this.#users(signIn)
    );
    await this.#list.check(`audit: user and entrypoint in the record of a columns request, with ${signIn.name}`, () =>
      this.#columns(signIn)
    );
    await this.#list.check(`audit: user and entrypoint in the record of a lookup, with ${signIn.name}`, () =>
      this.#lookup(signIn)
    );
    await this.#list.check(`audit: user and entrypoint in the record of Save & test, with ${signIn.name}`, () =>
      this.#saveAndTest(signIn)
    );
  }

  async #query(signIn: SignIn, kind: CallKind, query: string): Promise<void> {
    const user = kind.user === undefined ? signIn.source.user : kind.user === 'none' ? undefined : kind.user;
    const saved = { query, version: 2, timeFilter: false, autoLimit: false, ...kind.model };
    // Without a signed-in user Grafana has no token to send.
    const headers = { ...(kind.user === undefined ? await signIn.headers() : {}), ...kind.headers };
    assert.equal((await runQuery(this.#lake.plugin, { ...signIn.source, user }, saved, { headers })).error, '');
  }

  /** Two users open the same panel in two tabs each. Different users share no results, unless an admin allows it. */
  async #users(signIn: SignIn): Promise<void> {
    const { source, isAttributed } = signIn;
    const headers = { ...(await signIn.headers()), ...DASHBOARD };
    const run = async (query: string, user: Source['user']) => {
      const saved = { query, version: 2, timeFilter: false, autoLimit: false };
      assert.equal((await runQuery(this.#lake.plugin, { ...source, user }, saved, { headers })).error, '');
    };
    const [sql, last] = [`SELECT 2 AS "users of ${source.uid}"`, `SELECT 3 AS "users of ${source.uid}"`];
    await Promise.all([ADA, GRACE, ADA, GRACE].map((user) => run(sql, user)));
    await run(last, ADA);
    await this.#recordOf((each) => each.sql === last);
    const records = (await this.#records()).filter((each) => each.sql === sql);
    assert.equal(records.length, 2);
    const names = records.map(({ name }) => ['Ada', 'Grace'].filter((each) => String(name).includes(each)));
    assert.deepEqual(names.flat().sort(), isAttributed ? ['Ada', 'Grace'] : []);
  }

  async #columns(signIn: SignIn): Promise<void> {
    const { table, source } = signIn;
    const call = {
      context: pluginContext(source),
      headers: await signIn.headers(),
      path: 'columns',
      url: `columns?table=${table}`,
    };
    const response = await this.#lake.plugin.callResource(call);
    assert.equal(response.status, 200, Buffer.from(response.body).toString());
    const record = await this.#recordOf(({ sql }) => sql === `SELECT * FROM "${table}" LIMIT 0`);
    assertRecord(record, expectedOf(signIn, 'completion', true));
  }

  async #lookup(signIn: SignIn): Promise<void> {
    // The search identifies the audit record.
    const search = `matrix ${signIn.table}`;
    const range = { fromMs: Date.now() - 3_600_000, toMs: Date.now() };
    await lookup(this.#lake.plugin, signIn.source, { kind: 'processes', search, range }, await signIn.headers());
    const record = await this.#recordOf(({ sql }) => sql.startsWith('SELECT process_id,') && sql.includes(search));
    assertRecord(record, expectedOf(signIn, 'completion', true));
  }

  async #saveAndTest(signIn: SignIn): Promise<void> {
    const isTest = ({ sql }: AuditRecord) => sql.includes('save-and-test');
    const before = new Set((await this.#records()).filter(isTest).map(({ sql }) => sql));
    const { message, status } = await this.#lake.plugin.checkHealth({
      pluginContext: pluginContext({ ...signIn.source, uid: `${signIn.source.uid}-tested` }),
      headers: await signIn.headers(),
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

/** @param demo Services with the issuer at which the data sources sign in. The server trusts this issuer. */
export async function checkAuditMatrix(list: Checklist, lake: OwnLake, demo: DemoServices): Promise<void> {
  const matrix = new Matrix(list, lake);
  for (const signIn of signIns(lake, demo)) {
    await matrix.check(signIn);
  }
}
