/**
 * Tests filters in authors' SQL and in random SQL on the demo's lakehouse. The result with a filter is compared with
 * two references: a query with the filter in the SQL of each table, and the matching rows of the unfiltered result.
 */
import { type QueryFilter } from '../../contract/queries/query-filter';
import { readScopes } from '../../contract/sql/query-scopes';
import { parseSql, type ParseStatements } from '../../contract/sql/sql-parser';
import { loadParser } from '../../contract/sql/testing/load-parser';
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { FilterableSql, type FilteredSql } from '../../proxy/sql/edit/insert-filters';
import { ALL_TESTS } from '../support/all-tests';
import { DEMO_COLUMNS } from '../support/demo-columns';
import { CORPUS_IDS, corpusStatements, withIds } from '../support/sql-corpus/corpus';
import { randomJoin, randomQuery } from '../support/sql-corpus/random-sql';

const fixture = useLakehouse();
let parse: ParseStatements;
const ids = new Map<string, string>();

beforeAll(async () => {
  parse = loadParser();
  for (const [name, sql] of Object.entries(CORPUS_IDS)) {
    const [row] = await fixture.client.rows(sql);
    ids.set(name, String(row.id));
  }
});

function insert(sql: string, filters: QueryFilter[]): FilteredSql {
  return new FilterableSql(sql, parse).insert({ filters, catalogue: DEMO_COLUMNS, isLogs: false });
}

/**
 * The rows of some minutes of the demo, sorted for comparison. Each query adds rows to the audit log at the current
 * time, which is outside of these minutes.
 */
async function rowsOf(sql: string, minutes: number): Promise<string[]> {
  const endMs = fixture.clockMs - 120_000;
  const headers = {
    query_range_begin: new Date(endMs - minutes * 60_000).toISOString(),
    query_range_end: new Date(endMs).toISOString(),
  };
  const rows = await fixture.client.rows(sql, headers);
  const bigintString = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return rows.map((row) => JSON.stringify(row, bigintString)).sort();
}

/** True for a row of aggregates over no rows: all values are 0 or null. */
function isOfNoRows(row: string): boolean {
  return Object.values(JSON.parse(row) as object).every((value) => value === '0' || value === null);
}

const statements = corpusStatements();

it('the corpus has at least 80 statements', () => {
  expect(statements.length).toBeGreaterThanOrEqual(80);
  expect(new Set(statements.map(({ name }) => name)).size).toBe(statements.length);
});

describe.each(statements)('$name', ({ sql: written }) => {
  it('is parsed, and every SELECT with a table can be edited', () => {
    const parsed = parseSql(written, parse);
    expect(parsed.kind).toBe('parsed');
    const { root, selects } = readScopes(written, parsed as Extract<typeof parsed, { kind: 'parsed' }>);
    expect(root).toBeDefined();
    expect(selects.filter(({ sources, isEditable }) => sources.length > 0 && !isEditable)).toEqual([]);
  });

  const all: QueryFilter[] = ['process_id', 'exe', 'name', 'target'].map((key) => ({
    key,
    operator: '!=',
    value: 'no such value',
  }));

  const isExplain = written.startsWith('EXPLAIN');
  let plain: string[] = [];

  it('returns the same rows with filters that every row passes', async () => {
    const sql = withIds(written, ids);
    const { sql: edited } = insert(sql, all);
    plain = await rowsOf(sql, 30);
    const filtered = await rowsOf(edited, 30);
    expect(isExplain ? filtered.length > 0 : filtered).toEqual(isExplain ? true : plain);
  });

  it('returns other rows with a filter that no row passes, if the filter has an effect', async () => {
    const { sql, notices } = insert(withIds(written, ids), [{ key: 'exe', operator: '=', value: 'no such value' }]);
    const hasEffect = notices.every((notice) => !notice.includes('has no effect'));
    expect(hasEffect).toBe(sql.includes('no such value'));
    const filtered = await rowsOf(sql, 30);
    if (hasEffect && !plain.every(isOfNoRows)) {
      expect(filtered).not.toEqual(plain);
    } else if (!isExplain) {
      expect(filtered).toEqual(plain);
    }
  });
});

const BASE = ['log_entries', 'measures', 'processes'];
const filters: Array<{ filter: QueryFilter; condition: string; tables: string[] }> = [
  {
    filter: { key: 'exe', operator: '=', value: 'ember/matchmaker' },
    condition: `exe = 'ember/matchmaker'`,
    tables: BASE,
  },
  {
    filter: { key: 'exe', operator: '!=', value: 'ember/matchmaker' },
    condition: `exe IS DISTINCT FROM 'ember/matchmaker'`,
    tables: BASE,
  },
  {
    filter: { key: 'exe', operator: '=~', value: 'match|gate' },
    condition: `regexp_matches(exe, 'match|gate')`,
    tables: BASE,
  },
  { filter: { key: 'exe', operator: 'not-contains', value: '/w' }, condition: `NOT contains(exe, '/w')`, tables: BASE },
  {
    filter: { key: 'computer', operator: '!=|', value: '', values: ['a', 'build-01', 'gate-eu-1'] },
    condition: `computer NOT IN ('a', 'build-01', 'gate-eu-1')`,
    tables: BASE,
  },
  { filter: { key: 'level', operator: '<=', value: 'warning' }, condition: 'level <= 3', tables: ['log_entries'] },
  {
    filter: { key: 'properties.region', operator: '!=', value: 'eu-west' },
    condition: `json_extract_string(properties, '$.region') IS DISTINCT FROM 'eu-west'`,
    tables: [...BASE, 'streams'],
  },
];

it.each(Array.from({ length: ALL_TESTS ? 20 : 3 }, (_, group) => group))(
  'random SQL, group %i: returns the rows of the filtered tables',
  async (group) => {
    let changed = 0;
    for (let index = 0; index < 10; index++) {
      const seed = group * 10 + index;
      const { filter, condition, tables } = filters[seed % filters.length];
      const { sql, reference } = randomQuery(seed + 1, tables);
      const { sql: edited } = insert(sql, [filter]);
      const expected = await rowsOf(reference(condition), 2);
      expect({ seed, edited, rows: await rowsOf(edited, 2) }).toEqual({ seed, edited, rows: expected });
      changed += JSON.stringify(await rowsOf(sql, 2)) === JSON.stringify(expected) ? 0 : 1;
    }
    // Some of the filters must exclude rows.
    expect(changed).toBeGreaterThanOrEqual(2);
  }
);

it.each(Array.from({ length: ALL_TESTS ? 15 : 2 }, (_, group) => group))(
  'random joins, group %i: returns the matching rows of the unfiltered result',
  async (group) => {
    let changed = 0;
    for (let index = 0; index < 10; index++) {
      const seed = group * 10 + index;
      const { sql, keys } = randomJoin(seed + 1);
      const plain = sql.replace('$__adHocFilters', 'true');
      const key = keys[seed % keys.length];
      const rows = await rowsOf(plain, 2);
      const values = rows.map((row) => (JSON.parse(row) as Record<string, unknown>)[key]);
      const value = String(values.filter((found) => typeof found === 'string')[seed % 7] ?? 'none');
      const operator = seed % 2 === 0 ? '=' : '!=';
      const { sql: edited } = insert(sql, [{ key, operator, value }]);
      const matches = rows.filter((_row, at) => (values[at] === value) === (operator === '='));
      expect({ seed, edited, rows: await rowsOf(edited, 2) }).toEqual({ seed, edited, rows: matches });
      changed += matches.length < rows.length ? 1 : 0;
    }
    expect(changed).toBeGreaterThanOrEqual(2);
  }
);
