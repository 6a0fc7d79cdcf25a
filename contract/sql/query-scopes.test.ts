import { ColumnLineage, type Lineage, MAX_ORIGINS } from './column-lineage';
import { type QueryShape, readScopes, type SqlScopes, type SqlSource } from './query-scopes';
import { parseSql, type ParseStatements } from './sql-parser';
import { loadParser } from './testing/load-parser';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

function scopesOf(sql: string): SqlScopes {
  const parsed = parseSql(sql, parse);
  if (parsed.kind !== 'parsed') {
    throw new Error(`${sql}: ${JSON.stringify(parsed)}`);
  }
  return readScopes(sql, parsed);
}

function describeSource({ name, origin, isOptional, isHidden }: SqlSource): string {
  const what =
    origin.kind === 'table'
      ? origin.table
      : origin.kind === 'function'
        ? `${origin.name}(${origin.args.map((arg) => arg ?? '?').join()})`
        : origin.kind === 'query'
          ? `query:${origin.cte ?? ''}`
          : 'other';
  return `${name ?? ''}=${what}${isOptional ? '?' : ''}${isHidden ? '!' : ''}`;
}

/** For each SELECT: the last word of FROM (`until`), the condition (`where`) and the sources (`from`). */
function summary(sql: string): Array<Record<string, unknown>> {
  return scopesOf(sql).selects.map(({ fromEnd, where, sources, isEditable }) => ({
    ...(fromEnd !== undefined && { until: sql.slice(0, fromEnd).split(' ').at(-1) }),
    ...(where !== undefined && { where: sql.slice(where.start, where.end) }),
    ...(sources.length > 0 && { from: sources.map(describeSource).join(' ') }),
    ...(!isEditable && fromEnd !== undefined && { isEditable }),
  }));
}

it.each<[name: string, sql: string, expected: Array<Record<string, unknown>>]>([
  ['a table', 'SELECT * FROM log_entries', [{ until: 'log_entries', from: 'log_entries=log_entries' }]],
  [
    'a condition with OR, and later clauses',
    'SELECT exe FROM measures AS m WHERE a = 1 OR b = 2 GROUP BY exe ORDER BY 1 LIMIT 3;',
    [{ until: 'm', where: 'a = 1 OR b = 2', from: 'm=measures' }],
  ],
  [
    'comments around a condition',
    'SELECT 1 FROM t /* a */ WHERE -- b\n x = 1 -- c\n',
    [{ until: 't', where: 'x = 1', from: 't=t' }],
  ],
  [
    'FROM and WHERE in expressions',
    "SELECT a IS DISTINCT FROM b, extract(year FROM time), count(*) FILTER (WHERE x > 1), sum(v) OVER (ORDER BY t) FROM t WHERE a IS NOT DISTINCT FROM 3 AND substr(b, 1) = 'where' ORDER BY 1",
    [{ until: 't', where: "a IS NOT DISTINCT FROM 3 AND substr(b, 1) = 'where'", from: 't=t' }],
  ],
  [
    'columns with the names of clauses',
    'SELECT t.from, t.offset FROM t WHERE t.order > 1 AND t.offset > 3 OFFSET 2',
    [{ until: 't', where: 't.order > 1 AND t.offset > 3', from: 't=t' }],
  ],
  [
    'names with quotes',
    'SELECT * FROM "Weird Table" AS "Q""x" WHERE "Where" = 1',
    [{ until: '"Q""x"', where: '"Where" = 1', from: 'Q"x=Weird Table' }],
  ],
  [
    'a condition that ends with a word',
    'SELECT 1 FROM t WHERE a IS NOT NULL LIMIT 1',
    [{ until: 't', where: 'a IS NOT NULL', from: 't=t' }],
  ],
  [
    'CTEs',
    'WITH a AS (SELECT * FROM x), b AS (SELECT * FROM a WHERE q) SELECT * FROM a JOIN b USING (id)',
    [
      { until: 'x', from: 'x=x' },
      { until: 'a', where: 'q', from: 'a=query:a' },
      { until: '(id)', from: 'a=query:a b=query:b' },
    ],
  ],
  [
    'a CTE that hides a table only in the subquery that defines the CTE',
    'SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) AS y, x',
    [{ until: 'x', from: 'y=query: x=x' }, {}, { until: 'x', from: 'x=query:x' }],
  ],
  [
    'a recursive CTE',
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r',
    [{}, { until: 'r', where: 'n < 5', from: 'r=other' }, { until: 'r', from: 'r=query:r' }],
  ],
  [
    'UNION',
    'SELECT a FROM x WHERE a UNION ALL (SELECT b FROM y ORDER BY 1) EXCEPT SELECT c FROM z LIMIT 3',
    [
      { until: 'x', where: 'a', from: 'x=x' },
      { until: 'y', from: 'y=y' },
      { until: 'z', from: 'z=z' },
    ],
  ],
  [
    'joins',
    'SELECT * FROM a LEFT JOIN b ON a.x = b.x RIGHT JOIN c ON true CROSS JOIN d',
    [{ until: 'd', from: 'a=a? b=b? c=c d=d' }],
  ],
  ['a semi join', 'SELECT * FROM a LEFT SEMI JOIN b ON a.x = b.x', [{ until: 'b.x', from: 'a=a b=b!' }]],
  [
    'functions',
    "SELECT * FROM view_instance('otel_spans', 'id') s, LATERAL jsonb_each(s.properties) e, unnest([1]) AS u(v)",
    [{ until: 'u(v)', from: 's=view_instance(otel_spans,id) e=jsonb_each(?) u=other' }],
  ],
  [
    'a function without an alias',
    "SELECT * FROM process_spans('p', 'both')",
    [{ until: "'both')", from: '=process_spans(p,both)' }],
  ],
  ['EXPLAIN', 'EXPLAIN ANALYZE SELECT 1 FROM t', [{ until: 't', from: 't=t' }]],
  [
    'a table of another schema',
    'SELECT * FROM information_schema.tables, public.blocks',
    [{ until: 'public.blocks', from: 'tables=other blocks=blocks' }],
  ],
  [
    'variables',
    'SELECT $c FROM $t, [[u]] WHERE $__timeFilter(time) AND ${x:raw} GROUP BY 1',
    [{ until: '[[u]]', where: '$__timeFilter(time) AND ${x:raw}', from: 'other other' }].map((scope) => ({
      ...scope,
      from: '_t=other __u__=other',
    })),
  ],
  [
    'FROM before SELECT',
    'FROM t SELECT a',
    [{ from: 't=t', until: '', isEditable: false }].map(({ from, isEditable }) =>
      expect.objectContaining({ from, isEditable })
    ),
  ],
])('reads %s', (_name, sql, expected) => {
  expect(summary(sql)).toEqual(expected);
});

it('reads subqueries in every clause', () => {
  const sql =
    'SELECT (SELECT max(a) FROM b) FROM c JOIN d ON d.x IN (SELECT x FROM e) ' +
    'WHERE EXISTS (SELECT 1 FROM f WHERE f.y = c.y) ORDER BY (SELECT 1 FROM g)';
  expect(summary(sql).map(({ from }) => from)).toEqual(['c=c d=d', 'b=b', 'e=e', 'f=f', 'g=g']);
});

it('finds the SELECTs that aggregate, and the SELECTs with DISTINCT', () => {
  const flags = (sql: string) =>
    scopesOf(sql).selects.map(({ isAggregated, isDistinct }) => [isAggregated, isDistinct]);
  expect(flags('SELECT max(a) FROM t')).toEqual([[true, false]]);
  expect(flags('SELECT max(a) OVER () FROM t')).toEqual([[false, false]]);
  expect(flags('SELECT DISTINCT a FROM t')).toEqual([[false, true]]);
  expect(flags('SELECT a FROM t GROUP BY ALL')).toEqual([[true, false]]);
  expect(flags('SELECT (SELECT count(*) FROM u) FROM t')).toEqual([
    [false, false],
    [true, false],
  ]);
});

it.each([
  ['SELECT * FROM a WHERE x NOT IN (SELECT x FROM b) AND y IN (SELECT y FROM c)', ['b']],
  ['SELECT * FROM a WHERE NOT EXISTS (SELECT 1 FROM b JOIN (SELECT * FROM c) d ON true)', ['b', 'c']],
  ['SELECT * FROM a WHERE NOT (z OR x IN (SELECT x FROM b))', ['b']],
  ['SELECT * FROM a EXCEPT (SELECT * FROM b UNION SELECT * FROM c) UNION SELECT * FROM d', ['b', 'c']],
  ['SELECT * FROM a INTERSECT SELECT * FROM b', []],
  ['SELECT * FROM a LEFT ANTI JOIN (SELECT * FROM b) c ON a.x = c.x', ['b']],
  [
    'WITH c AS (SELECT * FROM b), d AS (SELECT * FROM c), e AS (SELECT * FROM f) SELECT * FROM e EXCEPT SELECT * FROM d',
    ['b', 'c', 'd'],
  ],
])('in %s, finds the SELECTs that can remove rows of the result', (sql, tables) => {
  const found = scopesOf(sql).selects.filter(({ isSubtracted }) => isSubtracted);
  expect(found.map(({ sources }) => sources[0].name)).toEqual(tables);
});

/** The origins of columns of the result, which the same `ColumnLineage` finds one after another. */
function origins(sql: string, names: readonly string[], columns?: Record<string, string[]>): string[] {
  const { root } = scopesOf(sql);
  const lineage = new ColumnLineage(
    columns && (({ origin: from }) => (from.kind === 'table' ? columns[from.table] : undefined))
  );
  return names.map((name) => shownLineage(lineage.ofQuery(root as QueryShape, name)));
}

const origin = (sql: string, name: string, columns?: Record<string, string[]>) => origins(sql, [name], columns)[0];

/** The lineage as `table.column`, or its kind if the kind is not `table`. */
function shownLineage(lineage: Lineage): string {
  return lineage.kind === 'table'
    ? lineage.columns
        .map(
          (column) =>
            `${describeSource(column.source).split('=')[1]}.${column.name}${column.property === undefined ? '' : `:${column.property}`}`
        )
        .join(' ')
    : lineage.kind;
}

it.each([
  ['SELECT * FROM t UNION ALL SELECT b AS k, ts AS b FROM u', 'b', 't.b u.ts'],
  ['SELECT * FROM t UNION ALL SELECT b AS k, ts AS b FROM u', 'a', 't.a u.b'],
  ['SELECT * FROM t UNION ALL SELECT b AS k, ts AS b FROM u', 'k', 'missing'],
  ['SELECT b AS k, ts AS b FROM u UNION ALL SELECT * FROM t', 'b', 'u.ts t.b'],
  ['SELECT * FROM (SELECT * FROM t) q UNION ALL SELECT b, ts FROM u', 'b', 't.b u.ts'],
  ['SELECT q.*, 1 AS n FROM t AS q (x, y) UNION ALL SELECT b, ts, b FROM u', 'y', 't.b u.ts'],
  ['WITH w (x, y) AS (SELECT a, b FROM t) SELECT * FROM w UNION ALL SELECT b, ts FROM u', 'x', 't.a u.b'],
  ['SELECT * FROM t JOIN u ON true UNION ALL SELECT b AS k, ts AS b FROM u', 'b', 'unknown'],
  ['SELECT * FROM t UNION ALL SELECT b FROM u', 'b', 'unknown'],
  ['SELECT * EXCEPT (a) FROM t UNION ALL SELECT b, ts FROM u', 'b', 'unknown'],
])(
  'follows a column of UNION by position, with known columns of tables: in %s, the origin of %s is %s',
  (sql, name, expected) => {
    expect(origin(sql, name, { t: ['a', 'b'], u: ['b', 'ts'] })).toBe(expected);
  }
);

it.each([
  ['SELECT exe FROM log_entries', 'exe', 'log_entries.exe'],
  ['SELECT exe AS program FROM log_entries', 'program', 'log_entries.exe'],
  ['SELECT l.exe AS "Program" FROM log_entries l', 'Program', 'log_entries.exe'],
  ['SELECT * FROM log_entries', 'msg', 'log_entries.msg'],
  ['SELECT count(*) AS n, exe FROM log_entries GROUP BY exe', 'n', 'computed'],
  ['SELECT exe FROM log_entries', 'level', 'missing'],
  ['WITH a AS (SELECT exe AS x FROM t), b AS (SELECT x AS y FROM a) SELECT y AS z FROM b', 'z', 't.exe'],
  ['WITH a (p, q) AS (SELECT exe, level FROM t) SELECT q FROM a', 'q', 't.level'],
  ['SELECT d.y FROM (SELECT exe, level FROM t) AS d (x, y)', 'y', 't.level'],
  ['SELECT exe AS a FROM t UNION SELECT name FROM u', 'a', 't.exe u.name'],
  ['SELECT exe AS a FROM t UNION SELECT upper(name) FROM u', 'a', 'computed'],
  ['SELECT * FROM t, (SELECT count(*) AS n FROM u) AS d', 'n', 'computed'],
  ['SELECT * FROM t JOIN jsonb_each(x) AS e ON true', 'exe', 'unknown'],
  ["SELECT name FROM view_instance('otel_spans', 'x')", 'name', 'view_instance(otel_spans,x).name'],
  ['SELECT * EXCEPT (a) FROM t', 'a', 'unknown'],
  ['SELECT $__dateBin(time) AS time FROM t', 'time', 'computed'],
  ['SELECT $__interval AS i FROM t', 'i', 'computed'],
  ['SELECT a AS n FROM t UNION VALUES (2)', 'n', 'unknown'],
  ['SELECT * FROM t UNION ALL SELECT b AS k, ts AS b FROM u', 'b', 'unknown'],
  ['SELECT b AS k, ts AS b FROM u UNION ALL SELECT * FROM t', 'b', 'unknown'],
  ['SELECT * FROM t UNION ALL SELECT * FROM u', 'b', 't.b u.b'],
  ['SELECT *, a AS n FROM t UNION ALL SELECT *, c AS n FROM u', 'n', 't.a u.c'],
  ['SELECT a AS x, b AS y FROM t UNION BY NAME SELECT a AS y, b AS x FROM u', 'x', 't.a u.b'],
  ['SELECT x, y FROM t UNION ALL BY NAME SELECT y, x FROM u UNION BY NAME (SELECT z, x FROM v)', 'x', 't.x u.x v.x'],
  ['WITH c (p, q) AS (SELECT x, y FROM t UNION BY NAME SELECT y, x FROM u) SELECT p FROM c', 'p', 't.x u.x'],
  ['SELECT x, y FROM t UNION BY NAME SELECT y FROM u', 'x', 'missing'],
  ['SELECT x, y FROM t UNION BY NAME (SELECT y, x FROM u UNION SELECT a, b FROM v)', 'x', 'unknown'],
  ['SELECT x, y FROM t UNION BY NAME SELECT y, x FROM u EXCEPT SELECT a, b FROM v', 'x', 'unknown'],
  ["SELECT property_get(properties, 'region') AS region FROM t", 'region', 't.properties:region'],
  ["SELECT CAST(property_get(l.p, 'a b') AS VARCHAR) AS x FROM t l", 'x', 't.p:a b'],
  ["SELECT x FROM (SELECT (property_get(p, 'k'))::text AS x FROM t) d", 'x', 't.p:k'],
  ["SELECT property_get(q, 'k') AS x FROM (SELECT p AS q FROM t) d", 'x', 't.p:k'],
  ["SELECT property_get(q, 'k') AS x FROM (SELECT property_get(p, 'j') AS q FROM t) d", 'x', 'computed'],
  ["SELECT CAST(property_get(p, 'k') AS DOUBLE) AS x FROM t", 'x', 'computed'],
  ["SELECT property_get(p, '$key') AS x FROM t", 'x', 'computed'],
  ["SELECT property_get(p, k) AS x, upper(property_get(p, 'k')) AS y FROM t", 'x', 'computed'],
  ["SELECT upper(property_get(p, 'k')) AS y FROM t", 'y', 'computed'],
  ["SELECT property_get(p, 'a') AS x FROM t UNION SELECT property_get(p, 'b') FROM t", 'x', 't.p:a t.p:b'],
])('follows a column, without known columns of tables: in %s, the origin of %s is %s', (sql, name, expected) => {
  expect(origin(sql, name)).toBe(expected);
});

it('uses the columns of tables if they are known', () => {
  const columns = { a: ['x', 'y'], b: ['y', 'z'] };
  expect(origin('SELECT * FROM a JOIN b USING (y)', 'z', columns)).toBe('b.z');
  expect(origin('SELECT z AS q FROM a, b', 'q', columns)).toBe('b.z');
  expect(origin('SELECT q FROM a AS c (p, q)', 'q', columns)).toBe('a.y');
  expect(origin('SELECT * FROM a', 'z', columns)).toBe('missing');
});

it('follows a column through 60 CTEs that each read the previous CTE twice', () => {
  const levels = Array.from(
    { length: 60 },
    (_, at) => `c${at + 1} AS (SELECT p.x FROM c${at} p (x) JOIN c${at} q (x) ON true)`
  );
  expect(origin(`WITH c0 AS (SELECT exe AS x FROM t), ${levels.join(', ')} SELECT x FROM c60`, 'x')).toBe('t.exe');
});

it('lists an origin once even if the branches of UNION read it many times', () => {
  const levels = Array.from(
    { length: 60 },
    (_, at) => `c${at + 1} AS (SELECT exe FROM c${at} UNION ALL SELECT exe FROM c${at})`
  );
  const sql = (body: string) => `WITH c0 AS (SELECT exe FROM t UNION SELECT exe FROM u), ${levels.join(', ')} ${body}`;
  expect(origin(sql('SELECT exe FROM c60'), 'exe')).toBe('t.exe u.exe');
  expect(origin(sql('SELECT * FROM c60 UNION SELECT x.exe FROM c59 x, c60 y'), 'exe')).toBe('t.exe u.exe');
});

it('returns unknown for a column with too many origins, too many nested queries or too many sources', () => {
  const union = (count: number) => Array.from({ length: count }, (_, at) => `SELECT exe FROM t${at}`).join(' UNION ');
  expect(origin(union(MAX_ORIGINS), 'exe').split(' ')).toHaveLength(MAX_ORIGINS);
  expect(origin(union(MAX_ORIGINS + 1), 'exe')).toBe('unknown');
  const chain = Array.from({ length: 210 }, (_, at) => `c${at + 1} AS (SELECT x FROM c${at})`).join(', ');
  expect(origin(`WITH c0 AS (SELECT x FROM t), ${chain} SELECT x FROM c210`, 'x')).toBe('unknown');
  const wide = `SELECT ${'*,'.repeat(1000)} 1 FROM ${'a,'.repeat(1000)} a`;
  expect(origin(wide, 'x', { a: ['y'] })).toBe('unknown');
});

it('finds the origin of a column even if the same CTE is nested too deep for another column', () => {
  const chain = (count: number, list: string) =>
    `WITH c0 AS (SELECT x FROM t), ${Array.from({ length: count }, (_, at) => `c${at + 1} AS (SELECT ${list} FROM c${at})`).join(', ')}`;
  const both = 'SELECT a.x AS p, b.x AS q FROM';
  expect(origins(`${chain(150, 'x')} ${both} c150 a, c90 b`, ['p', 'q'])).toEqual(['unknown', 't.x']);
  const union = (name: string) => `(SELECT * FROM ${name} UNION SELECT x FROM u)`;
  expect(origins(`${chain(250, '*')} ${both} ${union('c250')} a, ${union('c150')} b`, ['p', 'q'])).toEqual([
    'unknown',
    't.x u.x',
  ]);
});

it('limits the time for deeply nested CTEs if each CTE reads another CTE twice', () => {
  const levels = Array.from({ length: 150 }, (_, at) => `c${at + 1} AS (SELECT x FROM c${at} p, c${at} q)`);
  expect(origin(`WITH c0 AS (SELECT x FROM t), ${levels.join(', ')} SELECT x FROM c150`, 'x')).toBe('unknown');
});

it('returns unknown for a column of UNION if each CTE has twice as many columns as the previous CTE', () => {
  const doubled = (count: number) => {
    const levels = Array.from({ length: count }, (_, at) => `c${at + 1} AS (SELECT a.*, b.* FROM c${at} a, c${at} b)`);
    return `WITH c0 AS (SELECT x FROM t), ${levels.join(', ')} SELECT * FROM c${count} UNION SELECT x FROM t`;
  };
  expect(origin(doubled(10), 'x')).toBe('t.x t.x');
  expect(origin(doubled(18), 'x')).toBe('unknown');
  expect(origin(doubled(60), 'x')).toBe('unknown');
});

it('finds the conditions of hundreds of SELECTs on one line after a wide character', () => {
  const sql = `SELECT '😀', ${Array.from({ length: 400 }, () => '(SELECT max(a) FROM t WHERE b)').join()} FROM u`;
  expect(scopesOf(sql).selects).toHaveLength(401);
  expect(
    scopesOf(sql).selects.every(({ where }) => where === undefined || sql.slice(where.start, where.end) === 'b')
  ).toBe(true);
});
