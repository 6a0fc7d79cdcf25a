/** Two callers share a result if `sharedRequest` returns the same `key` for the same statement. */
import { Secret } from '../../observe/logging/secret';
import { identityOf } from '../../lakehouse/instances/call-identity';
import { type DataSourceSettings } from '../../lakehouse/instances/settings';
import { AuthoredSql } from '../authored-sql';
import { callerOf } from '../caller';
import { type GrafanaUser } from '../plugin-request';
import { maxAgeMs, type SharingRun, sharedRequest } from './sharing';

const ADA: GrafanaUser = { login: 'ada', name: 'Ada', email: 'ada@example.com', role: 'Viewer' };
const GRACE: GrafanaUser = { ...ADA, login: 'grace' };
const API_KEY: DataSourceSettings['auth'] = { kind: 'token', token: new Secret('key') };
const FORWARDED: DataSourceSettings['auth'] = {
  kind: 'oauth2',
  credentials: undefined,
  forwarding: { token: 'access', fallback: false },
};

const NOW_MS = 1_700_000_000_000;

function jwtUntil(expiryMs: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ exp: expiryMs / 1000 })}.c2ln`;
}

interface Setup {
  user?: GrafanaUser;
  auth?: DataSourceSettings['auth'];
  sharing?: DataSourceSettings['sharing'];
  token?: string;
  sql?: string;
}

function requestOf({ user = ADA, auth = API_KEY, sharing = 'user', token, sql = 'SELECT 1' }: Setup) {
  const headers = { 'x-dashboard-uid': 'sales', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const run: SharingRun = {
    instance: {
      settings: { auth, sharing, resultAgeMs: 5000 },
      identityFor: (call) => identityOf(auth, undefined, call),
    },
    request: { context: { user }, headers },
    caller: callerOf(user, headers),
    deps: { now: () => NOW_MS },
  };
  const context = { fromMs: 0, toMs: 1000, intervalMs: 1 };
  const toSend = new AuthoredSql(sql).toSend(context);
  return sharedRequest({ toSend, sentRange: context, rowLimit: { serverLimit: undefined }, panel: {} }, run);
}

it.each<{ name: string; first: Setup; second: Setup; isShared: boolean }>([
  { name: 'two requests of a user', first: {}, second: {}, isShared: true },
  { name: 'two users', first: {}, second: { user: GRACE }, isShared: false },
  {
    name: 'two users of a data source that shares results between users',
    first: { sharing: 'all' },
    second: { sharing: 'all', user: GRACE },
    isShared: true,
  },
  {
    name: 'two users with forwarded identities, even if the data source shares results between users',
    first: { sharing: 'all', auth: FORWARDED, token: 'a' },
    second: { sharing: 'all', auth: FORWARDED, token: 'b', user: GRACE },
    isShared: false,
  },
  {
    name: 'two users with the same forwarded token',
    first: { sharing: 'all', auth: FORWARDED, token: 'a' },
    second: { sharing: 'all', auth: FORWARDED, token: 'a', user: GRACE },
    isShared: false,
  },
  {
    name: 'two tokens of a user',
    first: { auth: FORWARDED, token: 'a' },
    second: { auth: FORWARDED, token: 'b' },
    isShared: false,
  },
  {
    name: 'two roles of a user',
    first: { user: { ...ADA, role: 'Editor' } },
    second: { user: { ...ADA, role: 'Viewer' } },
    isShared: false,
  },
])('shares a result between $name: $isShared', ({ first, second, isShared }) => {
  const key = requestOf(first)?.key;
  expect(key).toBeDefined();
  expect(key === requestOf(second)?.key).toBe(isShared);
});

it('rejects a user without the token that the data source forwards', () => {
  expect(() => requestOf({ auth: FORWARDED })).toThrow(expect.objectContaining({ code: 'identity_missing' }));
});

it('shares no results with a user whose token has expired', () => {
  const requestUntil = (expiryMs: number) => requestOf({ auth: FORWARDED, token: jwtUntil(expiryMs) });
  expect(requestUntil(NOW_MS + 1000)).toBeDefined();
  expect(requestUntil(NOW_MS)).toBeUndefined();
});

it('does not share very long SQL', () => {
  expect(requestOf({ sql: `SELECT '${'x'.repeat(65_536)}'` })).toBeUndefined();
});

it.each([
  { cacheTimeout: undefined, expected: 5000 },
  { cacheTimeout: '60', expected: 5000 },
  { cacheTimeout: ' 1.5 ', expected: 1500 },
  { cacheTimeout: '0', expected: 0 },
  { cacheTimeout: '9'.repeat(100), expected: 5000 },
  { cacheTimeout: '-1', expected: 5000 },
  { cacheTimeout: '5m', expected: 5000 },
])('reads the cache timeout $cacheTimeout of a panel', ({ cacheTimeout, expected }) => {
  expect(maxAgeMs({ resultAgeMs: 5000 }, { cacheTimeout })).toBe(expected);
  expect(maxAgeMs({ resultAgeMs: 0 }, { cacheTimeout })).toBe(0);
});
