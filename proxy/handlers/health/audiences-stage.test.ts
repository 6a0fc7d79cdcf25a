/** The report of Save & test about the audiences that the sign-in may read. */
import { tableFromArrays } from 'apache-arrow';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { messagesOf, stream } from '../../frames/data-frames/testing/arrow-messages';
import { ADA, check, result, type Setup } from '../testing/health-bench';

const ADMIN: Setup = {
  execute: (sql) => (sql.includes('routines') ? result('routine_name', ['retire_partitions']) : result('value', [1])),
};

/** Grants in the server's format: 1 for an audience that everybody may read. */
const grants = (audiences: Record<string, number>): Setup => ({
  audiences: (): AsyncIterable<FlightMessage> =>
    stream(
      messagesOf(
        tableFromArrays({ audience: Object.keys(audiences), everybody: Int32Array.from(Object.values(audiences)) })
      )
    ),
});

/** The messages of the stage `audiences`. Undefined if there is no such stage. */
async function messageOf(setup: Setup) {
  const { result: found } = await check(setup);
  expect(found.status).toBe('ok');
  return found.details.stages
    .find(({ name }) => name === 'audiences')
    ?.text.map(({ code, values }) => [code, ...Object.values(values ?? {})].join(': '));
}

it.each<{ name: string; setup: Setup; parts: string[] }>([
  { name: 'a sign-in with grants', setup: grants({ qa: 0, art: 1 }), parts: ['audiences-own: "art", "qa"'] },
  { name: 'a sign-in without grants', setup: grants({}), parts: ['audiences-none'] },
  {
    name: 'an administrator, who sees the grants of others',
    setup: { ...ADMIN, ...grants({ public: 1, qa: 0 }) },
    parts: ['audiences-everybody: "public"', 'audiences-granted: "qa"'],
  },
])('lists the audiences of $name', async ({ setup, parts }) => {
  expect(await messageOf(setup)).toEqual([...parts, 'audiences-hidden']);
});

it.each<{ name: string; setup: Setup }>([
  { name: 'a server without audiences', setup: {} },
  { name: 'a list with another format', setup: { audiences: () => result('count', [1]) } },
  { name: 'an administrator without any grant', setup: { ...ADMIN, ...grants({}) } },
  { name: 'a server without sign-in', setup: { ...grants({ qa: 0 }), settings: { auth: { kind: 'none' } } } },
  { name: 'a viewer', setup: { ...grants({ qa: 0 }), user: { ...ADA, role: 'Viewer' } } },
])('has no stage for $name', async ({ setup }) => {
  expect(await messageOf(setup)).toBeUndefined();
});
