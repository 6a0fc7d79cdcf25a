/** Hostile macros are rejected at a limit or expanded in linear time. */
import { growth } from '../../../tests/support/growth';
import { ProxyError } from '../../base/errors/proxy-error';
import { expandMacros } from './expand-macros';
import { MAX_MACRO_DEPTH } from './expansion';

const context = { fromMs: Date.UTC(2026, 0, 2), toMs: Date.UTC(2026, 0, 3), intervalMs: 10_000 };
const century = { fromMs: Date.UTC(1930, 0, 2), toMs: Date.UTC(2029, 0, 1), intervalMs: 1, timezone: 'Europe/Paris' };

const nested = (macro: string, depth: number, inner: string, end = '') =>
  `${`$__${macro}(`.repeat(depth)}${inner}${`${end})`.repeat(depth)}`;

function codeOf(sql: string): string {
  try {
    expandMacros(sql, context).toString();
  } catch (reason) {
    return reason instanceof ProxyError ? reason.code : String(reason);
  }
  return 'expanded';
}

interface Rejected {
  name: string;
  sql: string;
  code: string;
  message: RegExp;
}

const rejected: Rejected[] = [
  {
    name: 'an expansion that doubles with each level',
    sql: nested('timeFilter', MAX_MACRO_DEPTH, 'x'.repeat(1000)),
    code: 'query_too_long',
    message: /more than 2,097,152 characters.*expanded/,
  },
  {
    name: 'an expansion that repeats a long argument',
    sql: `$__timeGroup(${'x'.repeat(600_000)}, minute)`,
    code: 'query_too_long',
    message: /more than 2,097,152 characters/,
  },
  {
    name: 'macros that are nested too deeply',
    sql: nested('timeRangeFrom', MAX_MACRO_DEPTH + 1, 'x'),
    code: 'macro_invalid',
    message: /nested 17 deep; at most 16/,
  },
  {
    name: 'tens of thousands of nested macros',
    sql: nested('timeFilter', 60_000, 'x'),
    code: 'macro_invalid',
    message: /nested 17 deep/,
  },
  {
    name: 'hundreds of thousands of arguments',
    sql: `$__timeFilter(${'a,'.repeat(400_000)}a)`,
    code: 'macro_invalid',
    message: /\$__timeFilter is written/,
  },
  {
    name: 'a macro with a very long name',
    sql: `SELECT $__${'x'.repeat(1_000_000)}`,
    code: 'macro_invalid',
    message: /There is no macro \$__x{1,100}…/,
  },
  {
    name: 'tens of thousands of macros for bins of a day',
    sql: "$__dateBin(t, '1d'),".repeat(40_000),
    code: 'query_too_long',
    message: /more than 2,097,152 characters/,
  },
  {
    name: 'many expansions that the outer macro drops',
    sql: `$__table(${'$__timeFilter(abcdef)'.repeat(20)})`.repeat(20_000),
    code: 'query_too_long',
    message: /more than 2,097,152 characters/,
  },
  {
    name: 'a very long fill value',
    sql: `$__timeGroup(time, 5m, ${'1'.repeat(1_000_000)})`,
    code: 'macro_invalid',
    message: /not with "1{1,50}…"/,
  },
  {
    name: 'a very long unit',
    sql: `$__timeGroup(time, ${'x'.repeat(1_000_000)})`,
    code: 'macro_invalid',
    message: /not "x{1,50}…"/,
  },
];

it.each(rejected)('rejects $name', ({ sql, code, message }) => {
  expect(codeOf(sql)).toBe(code);
  expect(() => expandMacros(sql, context)).toThrow(message);
});

it('expands macros that are nested 16 levels deep', () => {
  expect(expandMacros(nested('timeRangeFrom', MAX_MACRO_DEPTH, 'x'), context).toString()).toMatch(
    /^x( >= '2026-01-02T00:00:00Z'){16}$/
  );
});

it('expands tens of thousands of macros in one query', () => {
  const sql = '$__timeFrom() + '.repeat(30_000);
  expect(expandMacros(sql, context).toString()).toBe("cast('2026-01-02T00:00:00Z' as timestamp) + ".repeat(30_000));
});

it.each([
  ['many macros', '', '$__timeFilter(a) AND ', ''],
  ['a long name', '$__dateBinAlias(', 'x', '+)'],
  ['many words', '$__dateBinAlias(', 'x ', ')'],
  ['white space in an argument', '$__dateBinAlias(a', ' ', ')'],
  ['parentheses', '', '(', '$__timeFrom'],
  ['white space between macros', '', `$__timeFrom${' '.repeat(1000)}`, ''],
  ['an open comment', '', '/*', '$__timeFrom'],
  ['an open string', "'", "''", ''],
  ['open placeholders', '', '${__', ''],
])('expands a query with %s in linear time', async (_name, start, part, end) => {
  const sqlOf = (length: number) => start + part.repeat(Math.ceil(length / part.length)) + end;
  expect(codeOf(sqlOf(400_000))).toBe('expanded');
  expect(await growth(codeOf, sqlOf, 15_000)).toBeLessThan(8);
});

it('computes the clock changes of a time range once for many macros with different intervals', () => {
  const macros = (from: number, count: number) =>
    Array.from({ length: count }, (_, days) => `$__dateBin(t, '${from + days}d')`).join(',');
  const offsets = jest.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
  try {
    expandMacros(macros(1, 1), { ...century, timezone: 'Europe/Madrid' });
    const { length: ofOneMacro } = offsets.mock.calls;
    expect(ofOneMacro).toBeGreaterThan(1000);
    const ofAll = () => expandMacros(macros(2, 3600), { ...century, timezone: 'Europe/Madrid' });
    expect(ofAll).toThrow(/more than 2,097,152 characters/);
    // Bins at the ends of the time range also need the clock changes of a few weeks outside of the range.
    expect(offsets.mock.calls.length).toBeLessThan(1.1 * ofOneMacro);
  } finally {
    offsets.mockRestore();
  }
});

it('splits arguments at the commas that a nested macro produces', () => {
  expect(() => expandMacros('$__timeFilter($__timeGroup(time, hour))', context)).toThrow(/is written/);
  expect(expandMacros('$__timeRangeFrom(f($__timeGroup(time, month)))', context).toString()).toBe(
    "f(datepart('month', time),datepart('year', time)) >= '2026-01-02T00:00:00Z'"
  );
});

it('uses the last word of an argument as alias, across nested macros', () => {
  expect(expandMacros('$__dateBinAlias(a$__interval_ms + 1)', context).toString()).toMatch(/ as 1_binned$/);
  expect(expandMacros('$__dateBinAlias(f(a$__interval_ms) )', context).toString()).toMatch(/ as a10000_binned$/);
  expect(expandMacros("$__dateBinAlias('—')", context).toString()).toMatch(/ as value_binned$/);
});

it.each([
  ['quoted strings', `SELECT $__from ${"''-".repeat(300_000)}`],
  ['quoted strings in an argument', `SELECT $__timeFilter(${"''-".repeat(300_000)})`],
  ['macros', `SELECT ${'$__to,'.repeat(120_000)}`],
])('expands a query with hundreds of thousands of %s', (_name, sql) => {
  expect(codeOf(sql)).toBe('expanded');
});
