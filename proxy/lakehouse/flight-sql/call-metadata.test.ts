import { growth } from '../../../tests/support/growth';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { Secret } from '../../observe/logging/secret';
import { callMetadata, displayName, isExplain, type MetadataEntry } from './call-metadata';
import { type FlightCall } from './flight-sql-client';

it.each(['/**/', '-- x\n', ';', '/* /* */ */'])('skips many %j before a statement in linear time', async (part) => {
  const preamble = part.repeat(100_000);
  expect([isExplain(`${preamble}EXPLAIN SELECT 1`), isExplain(`${preamble}SELECT 1`)]).toEqual([true, false]);
  expect(await growth(isExplain, (length) => `${part.repeat(length)}EXPLAIN SELECT 1`, 50_000)).toBeLessThan(8);
});

it('skips an open comment in linear time', async () => {
  const sqlOf = (length: number) => `${'/*'.repeat(length)} EXPLAIN`;
  expect(isExplain(sqlOf(500_000))).toBe(false);
  expect(await growth(isExplain, sqlOf, 200_000)).toBeLessThan(8);
});

const ADA = { login: 'ada', name: 'Ada Lövelace', email: 'ada@example.com' };

function callWith(options: Partial<FlightCall> = {}): FlightCall {
  return {
    attribution: 'full',
    origin: { entrypoint: 'dashboard', dashboardUid: 'abc-1', panelId: '4' },
    timeoutMs: 1000,
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
    ...options,
  };
}

interface Case {
  name: string;
  call: Partial<FlightCall>;
  additional?: MetadataEntry[];
  sql?: string;
  /** Expected headers; undefined for headers that must be missing. */
  expected: Record<string, string | undefined>;
}

const NOBODY = { 'x-user-id': undefined, 'x-user-email': undefined, 'x-user-name': undefined };

const cases: Case[] = [
  {
    name: 'sends the token as Bearer',
    call: { token: new Secret('key') },
    expected: { authorization: 'Bearer key', 'x-client-type': 'grafana' },
  },
  { name: 'sends no authorization without a token', call: {}, expected: { authorization: undefined } },
  {
    name: 'sends login, e-mail and name of the user',
    call: { user: ADA },
    expected: {
      'x-user-id': 'ada',
      'x-user-email': 'ada%40example.com',
      'x-user-name': 'Ada%20L%C3%B6velace',
      'x-client-entrypoint': 'dashboard',
      'x-client-notebook': 'abc-1',
      'x-client-cell': '4',
    },
  },
  {
    name: 'omits empty fields of the user',
    call: { user: { login: 'ada', name: ' ', email: '' } },
    expected: { 'x-user-id': 'ada', 'x-user-email': undefined, 'x-user-name': undefined },
  },
  {
    name: 'sends the user only in x-user-name if attribution is name-only',
    call: { user: ADA, attribution: 'name-only' },
    expected: { ...NOBODY, 'x-user-name': 'Ada%20L%C3%B6velace%20%3Cada%40example.com%3E%20(ada)' },
  },
  {
    name: 'sends no user headers for an empty login',
    call: { user: { ...ADA, login: '' }, attribution: 'name-only' },
    expected: NOBODY,
  },
  { name: 'sends no user headers without a user', call: {}, expected: NOBODY },
  {
    name: 'sends neither user nor origin when attribution is off',
    call: { user: ADA, attribution: 'off' },
    expected: {
      ...NOBODY,
      'x-client-type': 'grafana',
      'x-client-entrypoint': undefined,
      'x-client-notebook': undefined,
      'x-client-cell': undefined,
    },
  },
  {
    name: 'encodes the origin as printable ASCII',
    call: { origin: { entrypoint: 'dash\nboard', dashboardUid: 'ü', panelId: '' } },
    expected: { 'x-client-entrypoint': 'dash%0aboard', 'x-client-notebook': '%c3%bc', 'x-client-cell': undefined },
  },
  {
    name: 'truncates the origin after a whole character',
    call: { origin: { entrypoint: 'x', dashboardUid: `a${'ü'.repeat(50)}`, panelId: `aaaa${'ü'.repeat(50)}` } },
    expected: {
      'x-client-entrypoint': 'x',
      'x-client-notebook': `a${'%c3%bc'.repeat(33)}`,
      'x-client-cell': `aaaa${'%c3%bc'.repeat(32)}`,
    },
  },
  {
    name: 'replaces a lone surrogate in a name',
    call: { user: { login: 'a\ud800', name: '', email: '' } },
    expected: { 'x-user-id': 'a%EF%BF%BD' },
  },
  {
    name: 'sends both ends of the time range',
    call: { range: { fromMs: 0, toMs: 1500 } },
    sql: 'SELECT 1',
    expected: { query_range_begin: '1970-01-01T00:00:00.000Z', query_range_end: '1970-01-01T00:00:01.500Z' },
  },
  {
    name: 'ends the time range a nanosecond before an excluded end',
    call: { range: { fromMs: 0, toMs: 1500, excludesEnd: true } },
    sql: 'SELECT 1',
    expected: { query_range_begin: '1970-01-01T00:00:00.000Z', query_range_end: '1970-01-01T00:00:01.499999999Z' },
  },
  {
    name: 'sends no time range if one end is NaN',
    call: { range: { fromMs: NaN, toMs: 1500 } },
    sql: 'SELECT 1',
    expected: { query_range_begin: undefined, query_range_end: undefined },
  },
  {
    name: 'clamps the time range to 64-bit nanoseconds',
    call: { range: { fromMs: -1e15, toMs: Infinity } },
    sql: 'SELECT 1',
    expected: { query_range_begin: '1678-01-01T00:00:00.000Z', query_range_end: '2262-04-11T00:00:00.000Z' },
  },
  {
    name: 'sends a limit and requests dictionaries for a statement',
    call: { limit: 100 },
    sql: 'SELECT 1',
    expected: { limit: '100', preserve_dictionary: 'true' },
  },
  ...[
    'SELECT CASE WHEN true THEN 1 ELSE 1.5 END',
    'SELECT 1 UNION ALL SELECT 1.5',
    'select 1\nexcept\nselect 2',
    'SELECT 1 INTERSECT (SELECT 1)',
  ].map((sql) => ({
    name: `requests no dictionaries for a statement whose announced types may be wrong: ${sql}`,
    call: { limit: 100 },
    sql,
    expected: { limit: '100', preserve_dictionary: undefined },
  })),
  {
    name: 'requests dictionaries if a keyword is only part of a name',
    call: {},
    sql: 'SELECT case_id, reunion FROM cases',
    expected: { preserve_dictionary: 'true' },
  },
  {
    name: 'drops a limit that is not an integer',
    call: { limit: 1.5 },
    sql: 'SELECT 1',
    expected: { limit: undefined },
  },
  {
    name: 'sends no limit with EXPLAIN',
    call: { limit: 100 },
    sql: ' -- why?\n explain SELECT 1',
    expected: { limit: undefined, preserve_dictionary: 'true' },
  },
  {
    name: 'sends no range and no limit, and requests no dictionaries, if there is no statement',
    call: { limit: 100, range: { fromMs: 0, toMs: 1 } },
    expected: { limit: undefined, preserve_dictionary: undefined, query_range_begin: undefined },
  },
  {
    name: 'adds the metadata of the settings, but keeps the entries that the backend sets',
    call: { token: new Secret('key') },
    additional: [
      ['X-Team', 'blue'],
      ['authorization', 'mine'],
      ['', ''],
      ['x-empty', ' '],
    ],
    expected: { 'x-team': 'blue', authorization: 'Bearer key', 'x-empty': undefined, '': undefined },
  },
];

it.each(cases)('$name', ({ call, additional = [], sql, expected }) => {
  const entries = callMetadata(callWith(call), additional, sql);
  const sent = Object.fromEntries(entries);
  for (const [name, value] of Object.entries(expected)) {
    expect([name, sent[name]]).toEqual([name, value]);
  }
  expect(entries.filter(([name, value]) => name === '' || value === '')).toEqual([]);
});

it.each([
  ['EXPLAIN SELECT 1', true],
  ['\n\t explain analyze SELECT 1', true],
  ['-- a\n--b\nEXPLAIN SELECT 1', true],
  ['/* a /* nested */ b */ EXPLAIN SELECT 1', true],
  ['; EXPLAIN SELECT 1', true],
  ['SELECT 1 -- EXPLAIN', false],
  ['-- EXPLAIN', false],
  ['/* EXPLAIN', false],
  ['explained', false],
  ['', false],
])('decides whether %j is an EXPLAIN statement: %s', (sql, expected) => {
  expect(isExplain(sql)).toBe(expected);
});

it.each([
  [{ login: 'ada', name: 'Ada', email: 'a@b' }, 'Ada <a@b> (ada)'],
  [{ login: 'ada', name: 'Ada', email: '' }, 'Ada (ada)'],
  [{ login: 'ada', name: '', email: 'a@b' }, '<a@b> (ada)'],
  [{ login: 'ada', name: '', email: '' }, 'ada'],
])('displays %j as %j', (user, expected) => {
  expect(displayName(user)).toBe(expected);
});
