/** Parses the SQL with the server's parser, to prove that strings of a request never become SQL. */
import { type LookupRequest } from '../../../contract/resources/lookups';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { lookupStatements } from './lookup-sql';

const parse = loadParser();
const NOW_MS = Date.UTC(2026, 0, 10, 12);
const HOUR_MS = 3_600_000;
const DAY = { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS };
const MINUTE = { fromMs: NOW_MS - 90_500, toMs: NOW_MS - 30_500 };
const ID = '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902';

const sqlOf = (request: LookupRequest) => lookupStatements(request, NOW_MS).map(({ sql }) => sql);

it('reads the values of a column from the newest rows and from the whole range, with a row limit for each', () => {
  expect(lookupStatements({ kind: 'values', table: 'measures', column: 'unit', range: DAY }, NOW_MS)).toEqual([
    {
      sql:
        'SELECT value FROM (SELECT CAST(v AS VARCHAR) AS value FROM (' +
        `(SELECT "unit" AS v FROM "measures" WHERE "time" >= '2026-01-10T11:55:00.000Z' LIMIT 100000) UNION ALL ` +
        `(SELECT "unit" AS v FROM "measures" WHERE "time" >= '2026-01-10T11:00:00.000Z' LIMIT 100000) UNION ALL ` +
        '(SELECT "unit" AS v FROM "measures" LIMIT 100000)) AS sampled) AS texts ' +
        "WHERE value <> '' AND length(value) <= 500 GROUP BY value ORDER BY count(*) DESC, value LIMIT 1001",
      range: DAY,
    },
  ]);
});

it.each([
  { name: 'a range of some minutes', table: 'measures', range: MINUTE },
  { name: 'a range in the future', table: 'measures', range: { fromMs: NOW_MS + 1, toMs: NOW_MS + 9 * HOUR_MS } },
  { name: 'a view that an administrator added', table: 'views_of_an_admin', range: DAY },
  { name: 'a view of one process', table: 'measures', instanceId: ID, range: DAY },
])('reads one sample of $name', ({ table, instanceId, range }) => {
  const [sql] = sqlOf({ kind: 'values', table, instanceId, column: 'unit', range });
  expect(sql).not.toContain('UNION');
  expect(sql).toContain(instanceId === undefined ? `FROM "${table}" LIMIT` : `FROM view_instance('measures', '${ID}')`);
});

it.each([
  { column: 'exe', expected: '"exe" AS v FROM "processes"' },
  { column: 'process_id', expected: '"process_id" AS v FROM "processes"' },
  { column: 'stream_id', expected: '"stream_id" AS v FROM "streams"' },
])('reads $column of a large table from a small table', ({ column, expected }) => {
  for (const table of ['log_entries', 'measures']) {
    const [sql, ...others] = sqlOf({ kind: 'values', table, column, range: DAY });
    expect(sql).toContain(expected);
    expect(others).toEqual([]);
  }
});

it('reads property keys of processes from the table `processes`', () => {
  const [sql] = sqlOf({ kind: 'property-keys', table: 'log_entries', column: 'process_properties', range: DAY });
  expect(sql).toContain('unnest(jsonb_object_keys(v)) AS key FROM (SELECT "properties" AS v FROM "processes" LIMIT');
});

it('reads the values from the view of the process that the request names', () => {
  const request = { kind: 'values', table: 'log_entries', instanceId: ID, column: 'exe', range: DAY } as const;
  expect(sqlOf(request)[0]).toContain(`"exe" AS v FROM view_instance('log_entries', '${ID}')`);
});

it('reads targets from log_stats, in a range that begins at a full minute, or from log_entries if the server has no log_stats', () => {
  const [statistics, entries] = lookupStatements(
    { kind: 'values', table: 'log_entries', column: 'target', range: MINUTE },
    NOW_MS
  );
  expect(statistics.sql).toContain('FROM "log_stats"');
  expect(statistics.range).toEqual({ fromMs: NOW_MS - 120_000, toMs: MINUTE.toMs });
  expect(entries.sql).toContain('FROM "log_entries"');
  expect(entries.range).toEqual(MINUTE);
});

it('selects processes that ran in the range, even if the server inserted them after the range', () => {
  const [{ sql, range }] = lookupStatements({ kind: 'processes', range: MINUTE }, NOW_MS);
  expect(sql).toContain(
    "WHERE start_time <= '2026-01-10T11:59:29.500Z' AND last_update_time >= '2026-01-10T11:58:29.500Z'"
  );
  expect(range?.toMs).toBeGreaterThan(MINUTE.toMs);
});

it.each([
  { has: 'cpu', expected: "process_id IN (SELECT process_id FROM streams WHERE array_has(tags, 'cpu'))" },
  { has: 'trace', expected: "array_has(tags, 'trace') AND format = 'otlp/v1/traces')" },
] as const)('selects processes with a stream that has the tag $has', ({ has, expected }) => {
  expect(sqlOf({ kind: 'processes', has, range: DAY })[0]).toContain(expected);
});

it('searches processes by program, computer, user and id', () => {
  const [sql] = sqlOf({ kind: 'processes', search: 'Atlas', range: DAY });
  for (const column of ['exe', 'computer', 'username', 'process_id']) {
    expect(sql).toContain(`strpos(lower(CAST(${column} AS VARCHAR)), lower('Atlas')) > 0`);
  }
});

it('reads the measures of one process from its own view', () => {
  const [sql] = sqlOf({ kind: 'measures', processId: ID, range: DAY });
  expect(sql).toContain(`FROM view_instance('measures', '${ID}') LIMIT 300000`);
});

/** Requests with `value` in each field that accepts any string. */
const requestsWith = (value: string): LookupRequest[] => [
  { kind: 'property-keys', table: value, column: value, range: DAY },
  { kind: 'property-keys', table: value, instanceId: ID, column: value, range: DAY },
  { kind: 'values', table: value, column: value, search: value, range: DAY },
  { kind: 'values', table: 'log_entries', column: value, property: value, search: value, range: DAY },
  { kind: 'processes', search: value, range: DAY },
  { kind: 'measures', search: value, range: DAY },
];

/** The syntax tree of `sql` without positions. `TEXT` replaces each name and literal that equals `string`. */
function shapeOf(sql: string, string: string): unknown {
  // A lone surrogate cannot be encoded as UTF-8.
  const sent = string.toWellFormed();
  const replace = (key: string, value: unknown): unknown =>
    key === 'span' ? undefined : value === sent && key !== 'quote_style' ? 'TEXT' : value;
  return JSON.parse(JSON.stringify(parse(sql), replace));
}

it.each([
  "'",
  "''",
  "' OR '1' = '1",
  "x'; DROP MATERIALIZED VIEW log_stats; --",
  '"',
  'a"; SELECT 1; --',
  '\\',
  "\\'",
  '%_%',
  '/* comment */',
  '-- comment\n',
  '$$text$$',
  "E'\\n'",
  '${variable} $__timeFilter(time)',
  'null\u0000byte',
  '😀 ‮ \ud800',
  'a.b',
  '); DELETE FROM processes; --',
])('writes %j as a literal or a quoted name', (value) => {
  const hostile = requestsWith(value).flatMap(sqlOf);
  const harmless = requestsWith('TEXT').flatMap(sqlOf);
  expect(hostile.map((sql) => shapeOf(sql, value))).toEqual(harmless.map((sql) => shapeOf(sql, 'TEXT')));
});

it('writes one valid statement for lookups of view sets, functions and streams', () => {
  for (const kind of ['view-sets', 'functions'] as const) {
    expect(sqlOf({ kind }).map((sql) => parse(sql))).toEqual([[expect.anything()]]);
  }
  expect(sqlOf({ kind: 'streams', processId: ID }).map((sql) => parse(sql))).toEqual([[expect.anything()]]);
});
