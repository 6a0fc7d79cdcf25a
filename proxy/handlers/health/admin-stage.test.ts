/** The warning of Save & test about an account that is an administrator of the lakehouse. */
import { ProxyError } from '../../base/errors/proxy-error';
import { testToken } from '../../lakehouse/oidc/testing/test-provider';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import {
  ADA,
  check,
  CLAIMS,
  failing,
  forwarding,
  goodOAuth,
  result,
  type Setup,
  stagesOf,
} from '../testing/health-bench';

const OPEN: Setup = { settings: { auth: { kind: 'none' } } };

/** Returns `routines` for the statement that lists functions, and one row for other statements. */
const listing = (routines: () => AsyncIterable<FlightMessage>): Setup => ({
  execute: (sql) => (sql.includes('information_schema.routines') ? routines() : result('value', [1])),
});
const ADMIN = listing(() => result('routine_name', ['retire_partitions']));

/** Codes of the messages of the stage `permissions`; undefined if there is no such stage. */
async function warningsOf(setup: Setup): Promise<string[] | undefined> {
  const { result: found } = await check(setup);
  expect(found.status).toBe('ok');
  return found.details.stages.find(({ name }) => name === 'permissions')?.text.map(({ code }) => code);
}

it.each<{ name: string; setup: Setup; code: string }>([
  { name: 'an API key', setup: {}, code: 'account-is-admin' },
  { name: 'a service account', setup: goodOAuth(), code: 'account-is-admin' },
  { name: 'callers without a sign-in', setup: OPEN, code: 'everybody-is-admin' },
  {
    name: 'an API key at a server without sign-in',
    setup: { getTablesOpenly: () => result('table_name', []) },
    code: 'everybody-is-admin',
  },
])('warns about administrator rights of $name', async ({ setup, code }) => {
  expect(await warningsOf({ ...ADMIN, ...setup })).toEqual([code]);
});

it('records the warning as the last stage, and adds it to the result', async () => {
  const { result: found } = await check(ADMIN);
  expect(stagesOf(found).at(-1)).toBe('permissions warning');
  expect(found.details.summary?.map(({ code }) => code)).toContain('account-is-admin');
});

it.each<{ name: string; setup: Setup }>([
  { name: 'an account that is not an administrator', setup: listing(() => result('routine_name', [])) },
  { name: 'a server that does not list functions', setup: listing(() => failing(new ProxyError('query_invalid'))) },
  { name: 'a server whose list of functions has another format', setup: listing(() => result('count', [3])) },
  {
    name: 'the token of a user',
    setup: {
      ...ADMIN,
      settings: forwarding(false),
      headers: { authorization: `Bearer ${testToken({ ...CLAIMS, sub: 'ada-1' })}` },
    },
  },
])('has no stage for $name', async ({ setup }) => {
  expect(await warningsOf(setup)).toBeUndefined();
});

it('does not read the list of functions for a user who is not an admin of Grafana', async () => {
  const { statements } = await check({ ...ADMIN, user: { ...ADA, role: 'Viewer' } });
  expect(statements.filter(({ sql }) => sql.includes('routines'))).toEqual([]);
});
