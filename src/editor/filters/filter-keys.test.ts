/** @jest-environment jsdom */
import { KEY_RANGE as RANGE, keySource as source, LOOKUP_RANGE } from '../../testing/key-source';
import { growth } from '../../../tests/support/growth';
import { filterApplicability, filterKeys, groupingApplicability, valuesOfKey } from './filter-keys';

const sql = (...queries: string[]) => queries.map((query) => ({ query }));
const COLUMNS = [{ name: 'exe', type: 'Utf8' }];
const values = ({ data }: Awaited<ReturnType<typeof filterKeys>>) => data.map(({ value }) => value);

describe('keys', () => {
  it('are the columns and property keys of the tables that the queries read', async () => {
    const keys = await filterKeys(source(), sql('SELECT * FROM log_entries l JOIN measures m ON true'), RANGE);
    expect(values(keys)).toEqual([
      ...['exe', 'level', 'name', 'msg', 'time', 'unit', 'value'],
      ...['properties.of log_entries', 'properties.build', 'properties.of measures'],
      ...['process_properties.of measures', 'process_properties.build'],
    ]);
    expect(keys.error).toBeUndefined();
  });

  it('are read within the time range', async () => {
    const bench = source();
    await filterKeys(bench, sql('SELECT 1 FROM log_entries'), RANGE);
    expect(bench.sent).toEqual([
      { kind: 'property-keys', table: 'log_entries', column: 'properties', range: LOOKUP_RANGE },
    ]);
  });

  it.each([
    ['without queries', undefined],
    ['for queries without a table', sql('SELECT 1', '')],
    ['for queries of unknown tables', sql('SELECT 1 FROM elsewhere')],
  ])('%s, are the keys of the common tables', async (_name, queries) => {
    const keys = values(await filterKeys(source(), queries, RANGE));
    expect(keys).toEqual(expect.arrayContaining(['level', 'unit', 'process_id', 'properties.of processes']));
  });

  it('exclude columns that cannot be compared with a string', async () => {
    expect(values(await filterKeys(source(), sql('SELECT 1 FROM streams'), RANGE))).toEqual(['stream_id']);
  });

  it('are found in CTEs and subqueries', async () => {
    const query = 'WITH l AS (SELECT * FROM log_entries) SELECT * FROM l, (SELECT 1 FROM processes) p';
    const keys = values(await filterKeys(source(), sql(query), RANGE));
    expect(keys).toEqual(expect.arrayContaining(['level', 'process_id']));
    expect(keys).not.toContain('unit');
  });

  it('are found without a request for the columns of a CTE', async () => {
    const asked: string[] = [];
    const schema = { columns: async (table: string) => (asked.push(table), COLUMNS) };
    const query = 'WITH e AS (SELECT * FROM processes), f AS (SELECT * FROM e) SELECT * FROM f, (SELECT 1 FROM e) g';
    await filterKeys({ ...source(), schema }, sql(query), RANGE);
    expect(asked).toEqual(['processes']);
  });

  it('are only the columns if the lookups are switched off', async () => {
    const off = source(() => Promise.reject({ data: { code: 'lookups_off', message: 'Off.' } }));
    const keys = await filterKeys(off, sql('SELECT 1 FROM processes'), RANGE);
    expect(keys).toEqual({ data: ['exe', 'process_id'].map((name) => ({ text: name, value: name })) });
  });

  it('include the error of a failed lookup', async () => {
    const failing = source(() => Promise.reject({ data: { message: 'The server is down.' } }));
    const keys = await filterKeys(failing, sql('SELECT 1 FROM processes'), RANGE);
    expect(values(keys)).toEqual(['exe', 'process_id']);
    expect(keys.error).toEqual({ message: 'The server is down.' });
  });

  it('are read from at most 12 tables', async () => {
    const asked: string[] = [];
    const bench = source();
    const schema = { columns: async (table: string) => (asked.push(table), COLUMNS) };
    const queries = Array.from({ length: 100 }, (_, index) => `SELECT 1 FROM t${index}`);
    await filterKeys({ ...bench, schema }, sql(...queries), RANGE);
    expect(asked).toHaveLength(12);
  });
});

describe('keys of groups', () => {
  it('are the keys of filters, except times and measured values', async () => {
    const keys = await filterKeys(source(), sql('SELECT 1 FROM measures'), RANGE, 'group');
    expect(values(keys)).toEqual([
      ...['exe', 'name', 'unit', 'properties.of measures', 'properties.build'],
      ...['process_properties.of measures', 'process_properties.build'],
    ]);
  });
});

describe('values', () => {
  const queries = sql('SELECT 1 FROM measures');

  it.each([
    ['a column', 'unit', { table: 'measures', column: 'unit' }],
    ['a property', 'properties.build', { table: 'measures', column: 'properties', property: 'build' }],
    ['a property with dots', 'properties.a.b', { table: 'measures', column: 'properties', property: 'a.b' }],
    ['a process property', 'process_properties.x', { column: 'process_properties', property: 'x' }],
    ['the label of a process property', 'process.x', { column: 'process_properties', property: 'x' }],
    ['the label of a property', 'build', { column: 'properties', property: 'build' }],
  ])('are read from the server for %s', async (_name, key, request) => {
    const bench = source();
    expect(values(await valuesOfKey(bench, key, queries, RANGE))).toEqual(['a', 'b']);
    expect(bench.sent).toEqual([{ kind: 'values', table: 'measures', ...request, range: LOOKUP_RANGE }]);
  });

  it('come from the first table that has the column', async () => {
    const bench = source();
    await valuesOfKey(bench, 'unit', undefined, RANGE);
    expect(bench.sent).toMatchObject([{ table: 'measures', column: 'unit' }]);
  });

  it('of the level have names, and are sorted by severity', async () => {
    const listed = async () => ({ isTruncated: false, items: [{ value: '4' }, { value: '6' }, { value: '2' }] });
    const levels = await valuesOfKey(source(listed), 'level', sql('SELECT 1 FROM log_entries'), RANGE);
    expect(levels.data).toEqual([
      { text: 'error', value: '2' },
      { text: 'info', value: '4' },
      { text: 'trace', value: '6' },
    ]);
  });

  it('are empty for a key that no table has', async () => {
    const bench = source();
    expect(await valuesOfKey(bench, 'properties.x', sql('SELECT 1 FROM streams'), RANGE)).toEqual({ data: [] });
    expect(bench.sent).toEqual([]);
  });

  it('are empty if the lookups are switched off', async () => {
    const off = source(() => Promise.reject({ data: { code: 'lookups_off' } }));
    expect(await valuesOfKey(off, 'unit', queries, RANGE)).toEqual({ data: [] });
  });
});

describe('applicability', () => {
  const applies = async (key: string, query: object) =>
    (await filterApplicability(source(), [query], [{ key }]))[0].applicable;

  it.each([
    ['a column', 'exe', { query: 'SELECT 1 FROM log_entries' }, true],
    ['a column of another table', 'unit', { query: 'SELECT 1 FROM log_entries' }, false],
    ['a property', 'properties.build', { query: 'SELECT 1 FROM log_entries' }, true],
    ['a property of a table without properties', 'properties.build', { query: 'SELECT 1 FROM streams' }, false],
    ['a process property that the table lacks', 'process_properties.x', { query: 'SELECT 1 FROM log_entries' }, false],
    ['an alias', 'Program', { query: 'SELECT exe AS "Program" FROM log_entries' }, true],
    ['a name in a string', 'unit', { query: "SELECT 'unit' FROM log_entries" }, false],
    ['the label of a log line', 'build', { query: 'SELECT * FROM log_entries', format: 'logs' }, true],
    [
      'the label of a log line, in a query whose format is `table`',
      'build',
      { query: 'SELECT * FROM log_entries', format: 'table' },
      false,
    ],
    ['any key of unknown tables', 'unit', { query: 'SELECT 1 FROM elsewhere' }, true],
  ])('depends on the tables and the SQL of the query: %s', async (_name, key, query, expected) => {
    expect(await applies(key, query)).toBe(expected);
  });

  it('includes the origin of the filter and the reason', async () => {
    const filters = [{ key: 'unit', origin: 'dashboard' }, { key: 'exe' }];
    expect(await filterApplicability(source(), sql('SELECT 1 FROM log_entries'), filters)).toEqual([
      {
        key: 'unit',
        applicable: false,
        origin: 'dashboard',
        reason: 'No table of this query has the column unit. Its tables: log_entries.',
      },
      { key: 'exe', applicable: true },
    ]);
  });

  it('is decided by the queries with SQL, and denied for a panel without SQL', async () => {
    const withoutSql = { queryType: 'traces', traces: { view: 'search' }, query: 'SELECT 1 FROM log_entries' } as const;
    const filters = [{ key: 'exe', origin: 'dashboard' }];
    expect(await filterApplicability(source(), [withoutSql], filters)).toEqual([
      {
        key: 'exe',
        applicable: false,
        origin: 'dashboard',
        reason: 'Filters are conditions on columns of SQL, and this panel has no SQL.',
      },
    ]);
    const [ofBoth] = await filterApplicability(source(), [withoutSql, ...sql('SELECT 1 FROM streams')], filters);
    expect(ofBoth.reason).toMatch(/Its tables: streams\.$/);
  });

  it('is true without queries', async () => {
    expect(await filterApplicability(source(), [], [{ key: 'x' }])).toEqual([{ key: 'x', applicable: true }]);
  });
});

describe('applicability of groups', () => {
  const COUNT = 'SELECT count(*) FROM log_entries';
  const reasonOf = async (key: string, ...queries: object[]) =>
    (await groupingApplicability(source(), queries, [key]))[0].reason;

  it.each([
    ['a column', 'exe', { query: COUNT }],
    ['a column that is not in its GROUP BY', 'exe', { query: 'SELECT target FROM log_entries GROUP BY target' }],
    ['a property', 'properties.build', { query: COUNT }],
    ['any key of unknown tables', 'map', { query: 'SELECT count(*) FROM elsewhere' }],
  ])('is true for a query that aggregates: %s', async (_name, key, query) => {
    expect(await reasonOf(key, query)).toBeUndefined();
  });

  it.each([
    ['an aggregate in a comment', { query: 'SELECT exe FROM log_entries -- count(*)' }],
    ['a column with the name of a function', { query: 'SELECT count FROM log_entries' }],
    ['a query without SQL', { queryType: 'traces', traces: { view: 'search' }, query: COUNT }],
  ])('is false for %s', async (_name, query) => {
    expect(await reasonOf('exe', query)).toMatch(/not aggregated/);
  });

  it('is decided only by the queries that aggregate', async () => {
    expect(await reasonOf('unit', { query: 'SELECT unit FROM measures' }, { query: COUNT })).toMatch(
      /Its tables: log_entries\.$/
    );
  });

  it('is true without queries', async () => {
    expect(await groupingApplicability(source(), [], ['x'])).toEqual([{ key: 'x', applicable: true }]);
  });
});

it('compares the names in SQL with many keys in linear time', async () => {
  const inputOf = (count: number) => ({
    queries: sql(`SELECT 1 FROM log_entries WHERE ${'msg = msg AND '.repeat(count)} true`),
    keys: Array.from({ length: count }, (_, index) => ({ key: `column_${index}` })),
  });
  const run = ({ queries, keys }: ReturnType<typeof inputOf>) => filterApplicability(source(), queries, keys);
  expect((await run(inputOf(1)))[0].applicable).toBe(false);
  expect(await growth(run, inputOf, 100)).toBeLessThan(8);
});
