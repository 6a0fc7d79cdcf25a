/**
 * Checks the user headers that the server receives, and the user that the server records. The tests combine every kind
 * of call with every authentication method, with attribution on and off. By the server's rules, a caller with an API
 * key may name any user. A caller with a token is recorded as the subject of the token, and may only add a name.
 */
import { generic } from '../fakes/providers/generic';
import { google } from '../fakes/providers/google';
import { startMicromegas, type Micromegas, type ReceivedCall } from '../fakes/micromegas';
import { ADA, pluginContext, runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();
let open: Micromegas;

beforeAll(async () => {
  open = await startMicromegas({});
}, 60_000);

afterAll(async () => {
  await open?.close();
});

const PANEL = { 'http_X-Dashboard-Uid': 'board', 'http_X-Panel-Id': '7' };
const SCHEDULER = { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' };
const PUBLIC = { login: 'service', name: '', email: '', role: 'Admin' };
const ANONYMOUS = { login: '', name: '', email: '', role: 'Viewer' };
const NAME = encodeURIComponent('Ada Lovelace <ada@example.com> (ada)');

/** A data source, and the headers of its calls. */
interface SignedIn {
  source: Source;
  /** The user's tokens, which Grafana forwards. */
  headers: Record<string, string>;
  server: Micromegas;
  /** The user that the server records if attribution is off. */
  own: { user: string; email: string };
}

type Switches = { enableUserAttribution: boolean };

const SIGN_INS = {
  async none(changes: Switches): Promise<SignedIn> {
    const source = lab.source({ host: open.address, selectedAuthType: 'none', ...changes });
    return { source, headers: {}, server: open, own: { user: 'unknown', email: 'unknown' } };
  },
  async apiKey(changes: Switches): Promise<SignedIn> {
    const source = lab.source({ selectedAuthType: 'token', ...changes }, { token: API_KEY.key });
    return { source, headers: {}, server: lab.micromegas, own: { user: API_KEY.name, email: 'service-account' } };
  },
  async clientSecret(changes: Switches): Promise<SignedIn> {
    const tested = await lab.provider(generic);
    const own = { user: tested.provider.client.id, email: 'unknown' };
    return { source: lab.oauth(tested, changes), headers: {}, server: lab.micromegas, own };
  },
  async privateKey(changes: Switches): Promise<SignedIn> {
    const { provider, saved } = await lab.provider(generic);
    saved.secrets = { oauthPrivateKey: provider.client.rsa.privatePem };
    const source = lab.oauth({ saved }, { oauthClientProof: 'private_key', ...changes });
    return { source, headers: {}, server: lab.micromegas, own: { user: provider.client.id, email: 'unknown' } };
  },
  async googleKey(changes: Switches): Promise<SignedIn> {
    const tested = await lab.provider(google);
    const own = { user: '104321098765432109876', email: tested.provider.client.id };
    return { source: lab.oauth(tested, changes), headers: {}, server: lab.micromegas, own };
  },
  async forwarded(changes: Switches): Promise<SignedIn> {
    const { provider, saved } = await lab.provider(generic);
    const token = await provider.mint({ sub: 'person-1', aud: saved.serverAudience, email: 'ada@example.com' });
    const source = lab.source({ selectedAuthType: 'oauth2', oauthPassThru: true, ...changes });
    const headers = { Authorization: `Bearer ${token}` };
    return { source, headers, server: lab.micromegas, own: { user: 'person-1', email: 'ada@example.com' } };
  },
  async fallback(changes: Switches): Promise<SignedIn> {
    const tested = await lab.provider(generic);
    const source = lab.oauth(tested, { oauthPassThru: true, oauthPassThruFallback: true, ...changes });
    const own = { user: tested.provider.client.id, email: 'unknown' };
    return { source, headers: {}, server: lab.micromegas, own };
  },
};

type SignInName = keyof typeof SIGN_INS;

/** Authentication methods with which a caller may name any user. */
const DELEGATES: ReadonlySet<string> = new Set<SignInName>(['none', 'apiKey']);

interface CallKind {
  entrypoint: string;
  /** True: the SQL of the call contains `mark`, by which the test finds the audit record. */
  isRecorded: boolean;
  /**
   * @param mark A string for the SQL, by which the test finds the audit record.
   * @returns The error message, or undefined.
   */
  run(signedIn: SignedIn, mark: string): Promise<string | undefined>;
}

const query = (purpose: 'variable' | 'annotation' | undefined, headers: Record<string, string>): CallKind['run'] => {
  return async ({ source, headers: tokens }, mark) => {
    const model = { query: `SELECT '${mark}' AS mark`, version: 2, ...(purpose && { purpose }) };
    const { error } = await runQuery(lab.plugin, source, model, { headers: { ...headers, ...tokens } });
    return error === '' ? undefined : error;
  };
};

const resource = (path: string, call: { url?: string; method?: string; body?: Uint8Array } = {}): CallKind['run'] => {
  return async ({ source, headers }) => {
    const { status, body } = await lab.plugin.callResource({ context: pluginContext(source), path, headers, ...call });
    const json = new TextDecoder().decode(body);
    return status === 200 && !json.includes('"status":"error"') ? undefined : json;
  };
};

const KINDS: Record<string, CallKind> = {
  query: { entrypoint: 'dashboard', isRecorded: true, run: query(undefined, PANEL) },
  variable: { entrypoint: 'variable', isRecorded: true, run: query('variable', PANEL) },
  annotation: { entrypoint: 'annotation', isRecorded: true, run: query('annotation', PANEL) },
  tables: { entrypoint: 'completion', isRecorded: false, run: resource('tables') },
  columns: {
    entrypoint: 'completion',
    isRecorded: false,
    run: resource('columns', { url: 'columns?table=processes' }),
  },
  lookup: {
    entrypoint: 'completion',
    isRecorded: false,
    run: resource('lookup', { method: 'POST', body: Buffer.from('{"kind":"view-sets"}') }),
  },
  'Save & test': {
    entrypoint: 'health',
    isRecorded: false,
    async run({ source, headers }) {
      const { ok, report } = await lab.saveAndTest(source, headers);
      return ok ? undefined : report;
    },
  },
};

function userHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-user-')));
}

/** Calls that the server received while `work` ran. */
async function callsDuring(server: Micromegas, work: () => Promise<void>): Promise<ReceivedCall[]> {
  const before = server.calls.length;
  await work();
  return server.calls.slice(before);
}

function expectedUser(signIn: string, isOn: boolean): Record<string, string> {
  if (!isOn) {
    return {};
  }
  return DELEGATES.has(signIn)
    ? { 'x-user-id': 'ada', 'x-user-email': 'ada%40example.com', 'x-user-name': 'Ada%20Lovelace' }
    : { 'x-user-name': NAME };
}

const MATRIX = Object.entries(SIGN_INS).flatMap(([signIn, make]) => [
  { signIn, make, attribution: 'on' },
  { signIn, make, attribution: 'off' },
]);

describe.each(MATRIX)('$signIn, attribution $attribution', ({ signIn, make, attribution }) => {
  const isOn = attribution === 'on';
  let signedIn: SignedIn;

  beforeAll(async () => {
    signedIn = await make({ enableUserAttribution: isOn });
  });

  it.each(Object.entries(KINDS))(
    'sends and records the expected user: %s',
    async (kind, { entrypoint, isRecorded, run }) => {
      const { server, own } = signedIn;
      const mark = `${signIn}-${attribution}-${kind}`;
      const calls = await callsDuring(server, async () => expect(await run(signedIn, mark)).toBeUndefined());
      expect(calls.length).toBeGreaterThan(0);
      for (const { headers } of calls) {
        // Save & test also makes a call without credentials, to see whether the server accepts such a call.
        const isUnauthenticated = signIn !== 'none' && headers.authorization === undefined;
        const isNamed = isOn && !isUnauthenticated;
        expect(userHeaders(headers)).toEqual(expectedUser(signIn, isNamed));
        expect(headers['x-client-type']).toBe('grafana');
        expect(headers['x-client-entrypoint']).toBe(isNamed ? entrypoint : undefined);
        expect(isUnauthenticated && entrypoint !== 'health').toBe(false);
      }
      if (isRecorded) {
        const record = server.audit().find(({ sql }) => sql.includes(`'${mark}'`));
        const isNamed = isOn && DELEGATES.has(signIn);
        expect(record).toMatchObject(isNamed ? { user: 'ada', email: 'ada@example.com', name: 'Ada Lovelace' } : own);
        expect(record?.name).toBe(isOn ? decodeURIComponent(expectedUser(signIn, isOn)['x-user-name']) : undefined);
        expect(record?.notebook).toBe(isOn ? 'board' : undefined);
        expect(record?.cell).toBe(isOn ? '7' : undefined);
      }
    }
  );
});

describe('a request without a user', () => {
  const cases = [
    {
      name: 'an alert rule',
      user: SCHEDULER,
      extra: { FromAlert: 'true', 'http_X-Rule-Uid': 'rule1' },
      as: 'alerting',
    },
    { name: 'a public dashboard', user: PUBLIC, extra: PANEL, as: 'public-dashboard' },
    { name: 'an anonymous visitor', user: ANONYMOUS, extra: PANEL, as: 'anonymous' },
    { name: 'a call of Grafana itself', user: undefined, extra: PANEL, as: 'dashboard' },
  ];
  const signIns: SignInName[] = ['none', 'apiKey', 'clientSecret', 'googleKey', 'fallback'];

  it.each(cases.flatMap((each) => signIns.map((signIn) => ({ ...each, signIn }))))(
    'sends no user headers for $name with $signIn',
    async ({ name, user, extra, as, signIn }) => {
      const signedIn = await SIGN_INS[signIn]({ enableUserAttribution: true });
      const source = { ...signedIn.source, user };
      const mark = `${name}-${signIn}`;
      const calls = await callsDuring(signedIn.server, async () => {
        expect(await query(undefined, extra)({ ...signedIn, source }, mark)).toBeUndefined();
      });
      expect(calls.map(({ headers }) => userHeaders(headers))).toEqual(calls.map(() => ({})));
      expect(new Set(calls.map(({ headers }) => headers['x-client-entrypoint']))).toEqual(new Set([as]));
      expect(signedIn.server.audit().find(({ sql }) => sql.includes(mark))).toMatchObject(signedIn.own);
    }
  );

  it.each(cases)('fails for $name if the data source forwards the identity of the user', async ({ user, extra }) => {
    const signedIn = await SIGN_INS.forwarded({ enableUserAttribution: true });
    const source = { ...signedIn.source, user };
    // The request contains a token, but the token cannot be the caller's.
    const calls = await callsDuring(signedIn.server, async () => {
      const error = await query(undefined, extra)({ ...signedIn, source }, 'nobody');
      expect(error).toMatch(/fallback to the service account/);
    });
    expect(calls).toEqual([]);
  });
});

describe('a user whose identity is forwarded', () => {
  it('gets the advice to sign in if the request has no token', async () => {
    const signedIn = await SIGN_INS.forwarded({ enableUserAttribution: true });
    const error = await query(undefined, PANEL)({ ...signedIn, headers: {} }, 'no-token');
    expect(error).toMatch(/needs your own OAuth sign-in.*sign in with OAuth/is);
  });

  it('gets an error if the server rejects the token', async () => {
    const { provider } = await lab.provider(generic);
    const token = await provider.mint({ sub: 'person-2', aud: 'another-application' });
    const source = lab.source({ selectedAuthType: 'oauth2', oauthPassThru: true });
    const headers = { ...PANEL, Authorization: `Bearer ${token}` };
    const { error } = await runQuery(lab.plugin, source, { query: 'SELECT 1' }, { headers });
    expect(error).toMatch(/did not accept the OAuth sign-in of the Grafana user/);
  });

  it('is identified by the ID token if the access token is opaque', async () => {
    const { provider, saved } = await lab.provider(generic);
    const idToken = await provider.mint({ sub: 'person-3', aud: saved.serverAudience });
    const source = lab.source({ selectedAuthType: 'oauth2', oauthPassThru: true });
    const headers = { ...PANEL, Authorization: 'Bearer opaque-0123456789', 'X-ID-Token': idToken };
    const { error } = await runQuery(lab.plugin, source, { query: "SELECT 'by-id-token' AS mark" }, { headers });
    expect(error).toBe('');
    const record = lab.micromegas.audit().find(({ sql }) => sql.includes("'by-id-token'"));
    expect(record).toMatchObject({ user: 'person-3', name: decodeURIComponent(NAME) });
  });

  it('never shares the token with another user', async () => {
    const signedIn = await SIGN_INS.fallback({ enableUserAttribution: true });
    const { provider, saved } = await lab.provider(generic);
    const token = await provider.mint({ sub: 'person-4', aud: saved.serverAudience });
    const asPerson = { ...signedIn, headers: { Authorization: `Bearer ${token}` } };
    expect(await query(undefined, PANEL)(asPerson, 'with-token')).toBeUndefined();
    const other = { ...signedIn, source: { ...signedIn.source, user: { ...ADA, login: 'bob' } } };
    expect(await query(undefined, PANEL)(other, 'after-token')).toBeUndefined();
    const users = ['with-token', 'after-token'].map(
      (mark) => lab.micromegas.audit().find(({ sql }) => sql.includes(`'${mark}'`))?.user
    );
    expect(users).toEqual(['person-4', signedIn.own.user]);
  });
});

expectNoSecretsAtEnd();
