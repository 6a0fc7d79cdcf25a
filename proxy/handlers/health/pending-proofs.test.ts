import { type GrafanaUser, type PluginContext } from '../../query/plugin-request';
import { ADA } from '../testing/health-bench';
import { PendingProofs, proofOwner, type TestQuery } from './pending-proofs';

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

const OWNER = proofOwner(contextOf(ADA)) ?? '';

it.each<{ name: string; user: GrafanaUser | undefined }>([
  { name: 'nobody', user: undefined },
  { name: 'a visitor', user: { ...ADA, login: '' } },
  { name: 'an editor', user: { ...ADA, role: 'Editor' } },
  { name: 'a viewer', user: { ...ADA, role: 'Viewer' } },
  { name: 'alert rules', user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } },
  { name: 'public dashboards', user: { login: 'service', name: '', email: '', role: 'Admin' } },
])('has no owner for $name', ({ user }) => {
  expect(proofOwner(contextOf(user))).toBeUndefined();
});

it.each([
  { name: 'another person', context: contextOf({ ...ADA, login: 'bob' }) },
  { name: 'another data source', context: contextOf(ADA, { uid: 'v' }) },
  { name: 'another organization', context: contextOf(ADA, { orgId: 2 }) },
  { name: 'another Grafana', context: contextOf(ADA, { grafanaUrl: 'https://b.example' }) },
  { name: 'changed settings', context: contextOf(ADA, { lastUpdatedMs: 1 }) },
])('does not find a check with $name', ({ context }) => {
  const proofs = new PendingProofs(() => 0);
  const id = proofs.add(OWNER, QUERY);
  expect(proofs.find(OWNER, id)).toMatchObject({ statement: QUERY.statement });
  expect(proofs.find(proofOwner(context) ?? '', id)).toBeUndefined();
});

it('creates random ids', () => {
  const proofs = new PendingProofs(() => 0);
  expect(proofs.add(OWNER, QUERY)).toMatch(/^[\w-]{22}$/);
  expect(proofs.add(OWNER, QUERY)).not.toBe(proofs.add(OWNER, QUERY));
});

it('drops a check after five minutes', () => {
  let nowMs = 0;
  const proofs = new PendingProofs(() => nowMs);
  const id = proofs.add(OWNER, QUERY);
  nowMs = 5 * MINUTE - 1;
  expect(proofs.find(OWNER, id)).toBeDefined();
  nowMs = 5 * MINUTE;
  expect(proofs.find(OWNER, id)).toBeUndefined();
});

it('caches the last five checks of each owner', () => {
  const proofs = new PendingProofs(() => 0);
  const other = proofs.add('other', QUERY);
  const ids = Array.from({ length: 7 }, () => proofs.add(OWNER, QUERY));
  expect(ids.map((id) => proofs.find(OWNER, id) !== undefined)).toEqual([false, false, true, true, true, true, true]);
  expect(proofs.find('other', other)).toBeDefined();
});

it('caches two hundred checks', () => {
  const proofs = new PendingProofs(() => 0);
  const ids = Array.from({ length: 203 }, (_, index) => proofs.add(`owner ${index}`, QUERY));
  const isKept = ids.map((id, index) => proofs.find(`owner ${index}`, id) !== undefined);
  expect(isKept.indexOf(true)).toBe(3);
  expect(isKept.filter(Boolean)).toHaveLength(200);
});
