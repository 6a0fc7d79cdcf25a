/**
 * A fake data source for tests of health checks. The test defines its responses. The fake records the calls that it
 * gets.
 */
import { fieldLabels } from '../../../contract/settings/field-labels';
import { message, render } from '../../../contract/messages/message';
import { createOperatorPolicy } from '../../lakehouse/operator/operator-policy';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { tableFromArrays } from 'apache-arrow';
import { messagesOf } from '../../frames/data-frames/testing/arrow-messages';
import { type FlightCall, type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type AcceptedTokens } from '../../lakehouse/instances/accepted-tokens';
import { identityOf } from '../../lakehouse/instances/call-identity';
import { ProxyError } from '../../base/errors/proxy-error';
import { createLogger } from '../../observe/logging/logger';
import { Secret } from '../../observe/logging/secret';
import { describeToken } from '../../lakehouse/oidc/read-token';
import { testToken } from '../../lakehouse/oidc/testing/test-provider';
import { type AccessToken, type TokenSource } from '../../lakehouse/oidc/token-source';
import { checkHealth } from '../check-health';
import { PendingAuditChecks } from '../health/pending-audit-checks';
import { type SentCall } from '../../lakehouse/instances/instance';
import { type HealthInstance, type HealthSettings } from '../health/check-context';
import { type CheckHealthRequest, type CheckHealthResult, type GrafanaUser } from '../../query/plugin-request';

export const NOW_MS = Date.UTC(2026, 0, 1);
export const ADA: GrafanaUser = { login: 'ada', name: 'Ada', email: 'ada@example.com', role: 'Admin' };
export const CLAIMS = { iss: 'https://idp/', sub: 'grafana@clients', aud: 'lake', exp: NOW_MS / 1000 + 3600 };
export const TABLES = ['log_entries', 'measures', 'processes', 'streams', 'blocks', 'log_stats'];

const API_KEY: HealthSettings['auth'] = { kind: 'token', token: new Secret('the-key') };
const CREDENTIALS = {
  issuer: 'https://idp/',
  clientId: 'grafana',
  authentication: { kind: 'secret', secret: new Secret('the-secret'), style: 'auto' },
  parameters: [],
} as const;

export const OAUTH: Partial<HealthSettings> = {
  auth: { kind: 'oauth2', credentials: CREDENTIALS },
  attribution: 'name-only',
};

/** @param fallback True: the service account is used for users without a token. */
export function forwarding(fallback: boolean): Partial<HealthSettings> {
  const auth = { kind: 'oauth2', forwarding: { fallback, token: 'auto' } } as const;
  return { auth: fallback ? { ...auth, credentials: CREDENTIALS } : auth, attribution: 'name-only' };
}

/** A result with one column. With `failure`, the result fails after its schema. */
export async function* result(
  column: string,
  values: readonly unknown[],
  failure?: Error
): AsyncGenerator<FlightMessage> {
  await Promise.resolve();
  const [schema, ...batches] = messagesOf(tableFromArrays({ [column]: [...values] }));
  if (schema !== undefined) {
    yield schema;
  }
  if (failure !== undefined) {
    throw failure;
  }
  yield* batches;
}

export async function* failing(reason: unknown): AsyncGenerator<FlightMessage> {
  await Promise.resolve();
  throw reason;
}

export function accessToken(token: string, changes: Partial<AccessToken> = {}): AccessToken {
  const description = describeToken(token);
  return { secret: new Secret(token), receivedAtMs: NOW_MS, expiresAtMs: NOW_MS + 3_600_000, description, ...changes };
}

/** @param request Requests the token of Save & test. Default: returns `token`. */
export function tokenSource(
  token: AccessToken,
  {
    request = () => Promise.resolve(token),
    ...changes
  }: Partial<TokenSource> & { request?: () => Promise<AccessToken> } = {}
): TokenSource {
  const source: TokenSource = {
    discover: () =>
      Promise.resolve({
        tokenEndpoint: 'https://idp/token',
        discoveryUrl: 'https://idp/.well-known/openid-configuration',
        issuer: 'https://idp/',
      }),
    getToken: () => Promise.resolve(token),
    signIn: () => Promise.resolve({ provider: (signal) => source.discover(signal), token: request }),
    checkKey: () =>
      Promise.resolve({
        status: 'known',
        message: message('token-key-published', { key: 'k1', url: 'https://idp/keys' }),
      }),
    accept: () => undefined,
    reject: () => undefined,
    ...changes,
  };
  return source;
}

/** A data source with OAuth and a valid token. */
export function goodOAuth(): Pick<Setup, 'settings' | 'tokenSource'> {
  return { settings: OAUTH, tokenSource: tokenSource(accessToken(testToken(CLAIMS))) };
}

export interface Setup {
  settings?: Partial<HealthSettings>;
  tokenSource?: TokenSource;
  /** The token that the server accepted before. */
  accepted?: ReturnType<AcceptedTokens['like']>;
  execute?: (sql: string, call: SentCall) => AsyncIterable<FlightMessage>;
  /** The result of the statement about audiences. Default: the server has no audiences. */
  audiences?: () => AsyncIterable<FlightMessage>;
  getTables?: () => AsyncIterable<FlightMessage>;
  /** The list of tables for a caller without a sign-in. Default: the call is rejected. */
  getTablesOpenly?: (call: FlightCall) => AsyncIterable<FlightMessage>;
  probe?: HealthInstance['client']['probe'];
  acquire?: () => never;
  /** The user who runs the check. Default: Ada. An explicit undefined means no user. */
  user?: GrafanaUser | undefined;
  headers?: Record<string, string>;
  /** Environment variables of the process. */
  environment?: Record<string, string>;
  /** Returns true if the server is known to accept the user's ID token instead of the access token. Default: false. */
  prefersId?: () => boolean;
  elapsedMs?: () => number;
}

/** The result of a check, and the calls that the check made. */
export interface Bench {
  result: CheckHealthResult;
  /** Statements and their calls, in order, except the statement about audiences. */
  statements: Array<{ sql: string; call: SentCall }>;
  log: string;
  counted: string[];
  released: number;
}

function instanceOf(setup: Setup, statements: Bench['statements']): HealthInstance {
  const settings: HealthSettings = {
    server: { host: 'lake.example.com', port: 50051, tls: { skipVerify: false } },
    providerRoute: { tls: { skipVerify: false } },
    auth: API_KEY,
    attribution: 'full',
    metadata: [],
    warnings: [],
    labels: fieldLabels(),
    ...setup.settings,
  };
  const source = setup.tokenSource;
  const response = setup.execute ?? ((sql) => result('value', sql.startsWith('SELECT 1 ') ? [1] : []));
  return {
    settings,
    tokenSource: source,
    acceptedTokens: { like: () => setup.accepted },
    client: {
      probe: setup.probe ?? (() => Promise.resolve()),
      getTables: setup.getTablesOpenly ?? (() => failing(new Error('Unauthenticated'))),
    },
    identityFor: (call) => identityOf(settings.auth, source, call, setup.prefersId),
    execute(sql, call) {
      if (sql.includes('list_audience_grants')) {
        return setup.audiences?.() ?? failing(new ProxyError('query_invalid'));
      }
      statements.push({ sql, call });
      return response(sql, call);
    },
    getTables: setup.getTables ?? (() => result('table_name', TABLES)),
  };
}

/** Checks a data source. Without `setup`, the data source works. */
export async function check(setup: Setup = {}): Promise<Bench> {
  const statements: Bench['statements'] = [];
  const counted: string[] = [];
  const lines: string[] = [];
  let released = 0;
  const instance = instanceOf(setup, statements);
  const dataSource = {
    uid: 'u',
    orgId: 1,
    name: 'lake',
    jsonData: new Uint8Array(),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 0,
  };
  const user = 'user' in setup ? setup.user : ADA;
  const request: CheckHealthRequest = {
    context: { orgId: 1, pluginId: 'p', namespace: '', user, dataSource, grafanaConfig: {} },
    headers: setup.headers ?? {},
  };
  const deps = {
    memory: new MemoryBudget({ totalBytes: 1e9 }),
    store: { acquire: setup.acquire ?? (() => ({ instance, release: () => (released += 1) })) },
    policy: createOperatorPolicy(setup.environment ?? {}, { error: () => undefined, warn: () => undefined }),
    metrics: { healthChecked: (status: string) => counted.push(status) },
    logger: createLogger({ write: (line) => lines.push(line) }),
    environment: setup.environment ?? {},
    now: () => NOW_MS,
    elapsedMs: setup.elapsedMs ?? (() => 0),
    auditChecks: new PendingAuditChecks(() => NOW_MS),
  };
  const checked = await checkHealth(request, deps, new AbortController().signal);
  return { result: checked, statements, log: lines.join(''), counted, released };
}

/** `name status` of each stage. */
export function stagesOf({ details }: CheckHealthResult): string[] {
  return details.stages.map(({ name, status }) => `${name} ${status}`);
}

/** The first stage with this name, with rendered messages. @throws {Error} If there is no such stage. */
export function stageNamed({ details }: CheckHealthResult, name: string) {
  const stage = details.stages.find((candidate) => candidate.name === name);
  if (stage === undefined) {
    throw new Error(`There is no stage ${name} among ${details.stages.map((each) => each.name).join(', ')}.`);
  }
  const { title, tried, text, more = [] } = stage;
  return { ...stage, title: render(title), tried: tried && render(tried), text: render(text), more: render(more) };
}
