import { initPluginTranslations } from '@grafana/i18n';
import { formatSql } from './format-sql';

interface Case {
  name: string;
  sql: string;
  expected: string;
}

const cases: Case[] = [
  {
    name: 'puts each clause and each column on its own line',
    sql: 'select a, b from t where a=1',
    expected: 'select\n  a,\n  b\nfrom\n  t\nwhere\n  a = 1',
  },
  {
    name: 'keeps a macro and its argument together',
    sql: 'select * from t where $__timeFilter(time)',
    expected: 'select\n  *\nfrom\n  t\nwhere\n  $__timeFilter(time)',
  },
  {
    name: 'keeps variables of every form',
    sql: "select * from t where a = '$x' and b in (${y:csv}) and c = [[z]] and d = $w",
    expected: "select\n  *\nfrom\n  t\nwhere\n  a = '$x'\n  and b in (${y:csv})\n  and c = [[z]]\n  and d = $w",
  },
  {
    name: 'keeps a macro without parentheses',
    sql: 'select date_bin($__interval, time) from t where time > $__timeFrom',
    expected: 'select\n  date_bin($__interval, time)\nfrom\n  t\nwhere\n  time > $__timeFrom',
  },
  {
    name: 'keeps white space in strings, quoted names and comments',
    sql: `select '$__timeGroup (a)', "$__a  (b)", $$ $__a  (b) $$ /* $__a (b) */ from t where $__timeFilter (a)`,
    expected: `select\n  '$__timeGroup (a)',\n  "$__a  (b)",\n  $$ $__a  (b) $$ /* $__a (b) */\nfrom\n  t\nwhere\n  $__timeFilter(a)`,
  },
];

it.each(cases)('$name', async ({ sql, expected }) => {
  await expect(formatSql(sql)).resolves.toBe(expected);
});

it.each(["select 'open", 'select (a from t', 'select $__timeGroup(time, '])(
  'rejects %s, which cannot be formatted',
  async (sql) => {
    await expect(formatSql(sql)).rejects.toThrow(/It is unchanged/);
  }
);

it('restores more than ten placeholders in their order', async () => {
  const sql = `select ${Array.from({ length: 12 }, (_, i) => `$v${i}`).join(', ')}`;
  const formatted = await formatSql(sql);
  expect(formatted.replace(/\s+/g, ' ')).toBe(sql);
});

it('distinguishes placeholders from names that look like their replacements', async () => {
  const sql = 'select mmx_0_, mmxx_1_, $a, ${b} from mmxxx';
  expect((await formatSql(sql)).replace(/\s+/g, ' ')).toBe(sql);
});

it.each(['/*'.repeat(20_000), `${'/*'.repeat(20_000)}${'*/'.repeat(20_000)}`])(
  'rejects thousands of levels of nested comments',
  async (sql) => {
    await expect(formatSql(sql)).rejects.toThrow(/nested comments/);
  }
);

it('rejects SQL of more than 100,000 characters', async () => {
  for (const part of ['mmx', '${', '[[', '$a ']) {
    await expect(formatSql(part.repeat(1_000_000))).rejects.toThrow(/more than 100,000 characters/);
  }
});

it.each([
  { name: 'a long name', sql: `select mm${'x'.repeat(90_000)}` },
  { name: 'unclosed braces', sql: `select '${'${'.repeat(40_000)}'` },
  { name: 'unclosed brackets', sql: `select '${'['.repeat(90_000)}'` },
])('keeps $name unchanged', async ({ sql }) => {
  expect((await formatSql(sql)).replace(/\s+/g, ' ')).toBe(sql);
});

it('restores thousands of placeholders', async () => {
  const sql = `select ${Array.from({ length: 3000 }, (_, i) => `$v${i}`).join(', ')}`;
  expect((await formatSql(sql)).replace(/\s+/g, ' ')).toBe(sql);
});

it('reports a failure in the language of the user', async () => {
  await initPluginTranslations('test', [async () => ({ query: { format: { failed: 'Nicht formatiert.' } } })]);
  await expect(formatSql("select 'open")).rejects.toThrow('Nicht formatiert.');
});
