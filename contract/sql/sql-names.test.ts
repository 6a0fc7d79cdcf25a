import { GLOBAL_TABLES, INSTANCE_TABLES } from '../../demo/lakehouse/catalogue';
import { quoteLiteral, quoteName } from './sql-names';
import { parseSql, type ParseStatements } from './sql-parser';
import { loadParser } from './testing/load-parser';

/** Keywords of SQL, and names of its types. */
const WORDS = `
  all analyze and any array as asc begin between bigint bit blob boolean both by case cast ceil char check cluster coalesce collate column
  connect count create cross cube current current_catalog current_date current_role current_time current_timestamp
  current_user cursor date day dec decimal default delete desc distinct distribute div double drop else end epoch escape except exclude
  exists explain extract false fetch file filter first float floor for format from full function group grouping having hour if ilike
  in index inner insert int integer intersect interval into is join json key last lateral left level like limit listagg
  local localtime localtimestamp map match merge minus minute mod month name natural no not null nullif offset on or order
  outer over overlay partition pivot position precision primary qualify range real regexp replace returning right rlike
  rollup row rows sample schema second select session_user set settings show similar smallint some sort start status
  struct substring symmetric system_user table tablesample target text then time timestamp timestamptz to top trim true
  truncate try_cast type uescape union unit unknown unnest unpivot update use user using uuid value values varchar view when
  where window with within without xor year zone`
  .trim()
  .split(/\s+/);

const COLUMNS = [...GLOBAL_TABLES.values(), ...INSTANCE_TABLES.values()].flat().map(({ name }) => name);

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

it.each([
  ['log_entries', 'log_entries'],
  ['level', 'level'],
  ['streams.tags', '"streams.tags"'],
  ['Name', '"Name"'],
  ['begin', '"begin"'],
  ['interval', '"interval"'],
  ['current_date', '"current_date"'],
  ['a"b', '"a""b"'],
  ['1st', '"1st"'],
  ['', '""'],
])('writes the name %s as %s', (name, expected) => {
  expect(quoteName(name)).toBe(expected);
});

it('doubles single quotes in literals', () => {
  expect(quoteLiteral("it's '")).toBe("'it''s '''");
});

/** Statements that use a name, and how often the name occurs in each of them. */
const PLACES: ReadonlyArray<[sql: (name: string) => string, count: number]> = [
  [
    (
      name
    ) => `SELECT ${name}, x, ${name} AS ${name}, max(${name}), property_get(${name}, 'x') FROM t WHERE ${name} = 'x'
      AND ${name} IN (1) AND ${name} > 2 AND ${name} AND ${name} LIKE 'a' AND ${name} IS NULL AND ${name} ~ 'a'
      AND (${name} NOT ILIKE 'a' OR ${name} IS NOT NULL) AND ${name} NOT IN ('a') AND ${name} = timestamp '2026-01-01'
      AND try_cast(${name} AS double) < 1 GROUP BY ${name}, ${name} ORDER BY ${name}, ${name} DESC`,
    21,
  ],
  [(name) => `SELECT DISTINCT ${name} AS a FROM t`, 1],
];

/** Number of times that the tree has the identifier as an expression or alias, not as a function or literal. */
function occurrences(node: unknown, name: string): number {
  if (node === null || typeof node !== 'object') {
    return 0;
  }
  return Object.entries(node).reduce((sum, [key, value]: [string, unknown]) => {
    const isName =
      (key === 'Identifier' || key === 'alias') &&
      String(JSON.stringify(value)).includes(`"value":${JSON.stringify(name)}`);
    return sum + (isName ? 1 : occurrences(value, name));
  }, 0);
}

it('quotes names so that the parser reads them as columns in every position', () => {
  const wrong = [...new Set([...WORDS, ...COLUMNS])].filter((word) =>
    PLACES.some(([sql, count]) => {
      const result = parseSql(sql(quoteName(word)), parse);
      return result.kind !== 'parsed' || occurrences(result.statement, word) !== count;
    })
  );
  expect(wrong).toEqual([]);
});

it('quotes names so that the parser reads them as tables', () => {
  const wrong = WORDS.filter((word) => {
    const name = quoteName(word);
    const result = parseSql(`SELECT * FROM ${name} WHERE a IN (SELECT b FROM ${name})`, parse);
    return result.kind !== 'parsed' || occurrences(result.statement, word) !== 2;
  });
  expect(wrong).toEqual([]);
});
