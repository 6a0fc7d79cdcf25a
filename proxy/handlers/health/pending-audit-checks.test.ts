import { type GrafanaUser, type PluginContext } from '../../query/plugin-request';
import { ADA } from '../testing/health-bench';
import { auditCheckOwner, PendingAuditChecks, type TestQuery } from './pending-audit-checks';

const MINUTE = 60_000;

const QUERY: TestQuery = {
  statement: { sql: 'SELECT 1 /* x */', mark: 'x', startedMs: 0 },
  kind: 'token',
  caller: { kind: 'api-key' },
  user: undefined,
  attribution: 'off',
};

function contextOf(user: GrafanaUser | undefined, changes: Partial<NonNullable<PluginContext['dataSource']>> = {}) {
  const dataSource = {
    uid: 'u',
    orgId: 1,
    name: 'lake',
    jsonData: new Uint8Array(),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 0,
    ...changes,
  };
  return { orgId: 1, pluginId: 'p', namespace: '', user, dataSource, grafanaConfig: {} };
}

const OWNER = auditCheckOwner(contextOf(ADA)) ?? '';

it.each<{ name: string; user: GrafanaUser | undefined }>([
  { name: 'a request without a user', user: undefined },
  { name: 'an anonymous visitor', user: { ...ADA, login: '' } },
  { name: 'an editor', user: { ...ADA, role: 'Editor' } },
  { name: 'a viewer', user: { ...ADA, role: 'Viewer' } },
  { name: 'alert rules', user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } },
  { name: 'public dashboards', user: { login: 'service', name: '', email: '', role: 'Admin' } },
])('returns no owner for $name', ({ user }) => {
  expect(auditCheckOwner(contextOf(user))).toBeUndefined();
});

it.each([
  { name: 'another person sends the request', context: contextOf({ ...ADA, login: 'bob' }) },
  { name: 'the request is for another data source', context: contextOf(ADA, { uid: 'v' }) },
  { name: 'the request is in another organization', context: contextOf(ADA, { orgId: 2 }) },
  { name: 'another Grafana sends the request', context: contextOf(ADA, { grafanaUrl: 'https://b.example' }) },
  { name: 'the settings have changed', context: contextOf(ADA, { lastUpdatedMs: 1 }) },
])('does not find a test query if $name', ({ context }) => {
  const auditChecks = new PendingAuditChecks(() => 0);
  const id = auditChecks.add(OWNER, QUERY);
  expect(auditChecks.find(OWNER, id)).toMatchObject({ statement: QUERY.statement });
  expect(auditChecks.find(auditCheckOwner(context) ?? '', id)).toBeUndefined();
});

it('creates random ids', () => {
  const auditChecks = new PendingAuditChecks(() => 0);
  expect(auditChecks.add(OWNER, QUERY)).toMatch(/^[\w-]{22}$/);
  expect(auditChecks.add(OWNER, QUERY)).not.toBe(auditChecks.add(OWNER, QUERY));
});

it('drops a test query after five minutes', () => {
  let nowMs = 0;
  const auditChecks = new PendingAuditChecks(() => nowMs);
  const id = auditChecks.add(OWNER, QUERY);
  nowMs = 5 * MINUTE - 1;
  expect(auditChecks.find(OWNER, id)).toBeDefined();
  nowMs = 5 * MINUTE;
  expect(auditChecks.find(OWNER, id)).toBeUndefined();
});

it('keeps the last five test queries of each owner', () => {
  const auditChecks = new PendingAuditChecks(() => 0);
  const other = auditChecks.add('other', QUERY);
  const ids = Array.from({ length: 7 }, () => auditChecks.add(OWNER, QUERY));
  expect(ids.map((id) => auditChecks.find(OWNER, id) !== undefined)).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(auditChecks.find('other', other)).toBeDefined();
});

it('keeps the test queries of at most 200 owners', () => {
  const auditChecks = new PendingAuditChecks(() => 0);
  const ids = Array.from({ length: 203 }, (_, index) => auditChecks.add(`owner ${index}`, QUERY));
  const isKept = ids.map((id, index) => auditChecks.find(`owner ${index}`, id) !== undefined);
  expect(isKept.indexOf(true)).toBe(3);
  expect(isKept.filter(Boolean)).toHaveLength(200);
});
