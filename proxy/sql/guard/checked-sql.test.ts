import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callAttacks, statementAttacks, WRITING_FUNCTIONS } from '../../../tests/support/attack-statements';
import { growth } from '../../../tests/support/growth';
import { documentedQueries } from '../../../tests/support/documented-sql';
import { ROOT } from '../../../tests/support/plugin';
import { corpusStatements } from '../../../tests/support/sql-corpus/corpus';
import { ERRORS } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkedSql, MAX_STATEMENT_CHARACTERS } from './checked-sql';

/** The code and position of the error, or the SQL that is sent. */
function outcome(sql: string): string {
  try {
    return checkedSql(sql);
  } catch (reason) {
    const { code, sentPosition } = ProxyError.from(reason);
    return `${code} ${sentPosition?.line}:${sentPosition?.column}`;
  }
}

function adviceOn(sql: string): string {
  try {
    return checkedSql(sql);
  } catch (reason) {
    return ProxyError.from(reason).advice;
  }
}

/** All strings of a JSON value that look like SQL. */
function sqlIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return /^\s*(select|with|explain|show|describe|values|from)\b/i.test(value) ? [value] : [];
  }
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(sqlIn) : [];
}

function savedSql(): Array<[string, string]> {
  const files = globSync(['provisioning/**/*.json', 'tests/integration/saved-dashboards/**/*.json'], { cwd: ROOT });
  return files.flatMap((file) =>
    sqlIn(JSON.parse(readFileSync(join(ROOT, file), 'utf8'))).map((sql): [string, string] => [file, sql])
  );
}

describe('statements that read', () => {
  it.each([
    ['SELECT 1'],
    ['select 1'],
    ['  \r\n\u0085\u3000-- a\n/* b /* c */ */ ;; ((SELECT 1))'],
    ['WITH a AS (SELECT 1) SELECT * FROM a'],
    ['WITH a AS (SELECT 1), b (SELECT 2) SELECT count(*) delete FROM a, b'],
    ['VALUES (1)'],
    ['FROM processes SELECT exe'],
    ['SHOW TABLES'],
    ["SHOW FUNCTIONS LIKE 'date%'"],
    ['SHOW COLUMNS FROM "log entries"'],
    ['EXPLAIN SHOW datafusion.execution.batch_size'],
    ['DESCRIBE processes'],
    ['DESC datafusion.public."processes" ;'],
    ["DESCRIBE 'processes'"],
    ['DESCRIBE EXTENDED processes'],
    ['DESCRIBE extended'],
    ['DESCRIBE SELECT 1'],
    ['DESCRIBE (SELECT 1)'],
    ['EXPLAIN SELECT 1'],
    ['EXPLAIN ANALYZE VERBOSE SELECT 1'],
    ['EXPLAIN FORMAT TREE SELECT 1'],
    ["EXPLAIN FORMAT 'indent' WITH a AS (SELECT 1) SELECT * FROM a"],
    ['EXPLAIN (ANALYZE, VERBOSE false) (SELECT 1)'],
    ['EXPLAIN (SELECT 1) UNION (SELECT 2)'],
    ['EXPLAIN ((SELECT 1) UNION (SELECT 2)) LIMIT 1'],
    ['EXPLAIN SHOW TABLES'],
    ['SELECT 1;'],
    ['SELECT 1 AS insert, 2 AS update, 3 AS delete, 4 AS merge, 5 AS into'],
    ['SELECT insert, max(update), t.delete, substring(merge FROM 2) FROM t'],
    ['SELECT (SELECT 1), (update IS NULL), max((delete AND a)), b = (insert IN (1)) FROM t'],
    [
      'SELECT count(update), (insert), insert(a, 1), (insert(a, 1)), replace(update, 1), (update + 1), (delete::int) FROM t',
    ],
    [
      "SELECT CAST(update AS int), (update OR a), (update AT TIME ZONE 'UTC'), trim(delete FROM x), extract(update FROM x), (merge[1]) FROM t",
    ],
    ['SELECT array_agg(update ORDER BY x), first_value(update IGNORE NULLS ORDER BY x), (t.update) FROM t'],
    ['SELECT count(*) FILTER (WHERE update), sum(a) OVER (PARTITION BY delete) FROM t WHERE a IN (delete, merge)'],
    ['SELECT * FROM ("delete") AS "update" JOIN ("merge") ON true'],
    ["SELECT process_spans.name FROM process_spans('1-2', 'thread') JOIN parse_block ('3') AS parse_block ON true"],
    ["SELECT 1 AS process_spans FROM t WHERE process_spans IN (1) AND name = 'process_spans'"],
    ['SELECT t.into, "into" FROM t ORDER BY "into" DESC'],
    ['SELECT max(a) AS into, 1 AS b FROM t WHERE (b = into)'],
    ['WITH a AS (SELECT 1) FROM a SELECT count(*) update'],
    ['WITH a AS (SELECT 1) FROM a, b SELECT count(*) delete'],
    ['SELECT \'COPY; /*! INSERT */\' AS "DELETE" -- DROP\n'],
    ['SELECT /* nested /*! COPY */ comment */ 1'],
    // SQL without a statement, which the server rejects.
    [''],
    ['-- a'],
    [';'],
  ])('accepts %j', (sql) => {
    expect(outcome(sql)).toBe(sql);
  });

  it.each(WRITING_FUNCTIONS)('accepts statements that only mention %s', (name) => {
    const sql = `SELECT '${name}' AS ${name}, 1 AS "${name}" -- ${name}()\n /* ${name} () */ FROM t
      WHERE msg IN ('${name}') AND msg LIKE '%${name}(%' AND msg <> $$${name}($$ AND my_${name} = 1`;
    expect(outcome(sql)).toBe(sql);
  });

  it.each(
    documentedQueries()
      .filter(({ notRun }) => notRun === undefined)
      .map(({ place, sql }) => [place, sql])
  )('accepts the SQL of %s', (_, sql) => {
    expect(outcome(sql)).toBe(sql);
  });

  it.each(corpusStatements().map(({ name, sql }) => [name, sql]))('accepts "%s" of the corpus', (_, sql) => {
    expect(outcome(sql)).toBe(sql);
  });

  it('accepts the SQL of all dashboards', () => {
    const saved = savedSql();
    expect(saved.length).toBeGreaterThan(40);
    for (const [file, sql] of saved) {
      expect([file, outcome(sql)]).toEqual([file, sql]);
    }
  });
});

describe('statements that write', () => {
  it.each(statementAttacks('/tmp/file.csv'))('rejects %j', (sql) => {
    expect(outcome(sql)).toMatch(/^statement_not_allowed /);
  });

  it('rejects all calls of functions that change the lakehouse', () => {
    expect(callAttacks().filter((sql) => !outcome(sql).startsWith('statement_not_allowed '))).toEqual([]);
  });

  it.each([
    ['COPY', "\n/* 😀 */ COPY (SELECT 1) TO 'x'", '2:9'],
    ['the explained statement', 'EXPLAIN ANALYZE COPY x', '1:17'],
    ['a function', 'SELECT 1,\n "retire_partitions"()', '2:2'],
    ['a comment that is code', 'SELECT 1 /*! + 1 */', '1:10'],
    ['a second statement', 'SELECT 1; SELECT 2', '1:11'],
    ['INTO', 'SELECT 1 INTO t', '1:10'],
    ['an id', "SELECT * FROM parse_block('a' || 'b')", '1:31'],
    ['a string in SHOW', "SHOW FUNCTIONS LIKE 'x''y'", '1:21'],
    ['the last word of an incomplete statement', 'EXPLAIN', '1:1'],
  ])('reports the position of %s', (_, sql, place) => {
    expect(outcome(sql)).toBe(`statement_not_allowed ${place}`);
  });

  it.each([
    ['a character that is not known', 'SELECT 1 \u0000; '],
    ['a byte order mark', '\ufeffSELECT 1'],
    ['a word with an unknown prefix', "SELECT 1 #'; '"],
    ['a string without its end', "SELECT '; "],
    ['a name without its end', 'SELECT "; '],
    ['a comment without its end', 'SELECT 1 /*! /* */'],
    ['a dollar string without its end', 'SELECT $a$ ; $'],
  ])('rejects %s', (_, sql) => {
    expect(outcome(sql)).toMatch(/^statement_not_allowed /);
  });

  it.each([
    ['\u017f', 'retire_partition\u017f'],
    ['\u212a', 'delete_duplicate_bloc\u212as'],
  ])('rejects a function name with %s in place of an ASCII letter', (_, name) => {
    expect(outcome(`SELECT ${name}('x')`)).toMatch(/^statement_not_allowed /);
  });

  it.each(['\u017fELECT 1', 'EXPLA\u0131N SELECT 1', 'DE\u017fC x'])(
    'does not read the first word of %j as a keyword',
    (sql) => {
      expect(outcome(sql)).toMatch(/^statement_not_allowed /);
    }
  );
});

it('sends exactly the checked SQL if it has lone surrogates', () => {
  // The server gets U+FFFD for each lone surrogate, so the first string ends before the call. With the surrogates, the
  // string would end after the call.
  expect(outcome("SELECT Q'\ud800 a \ufffd', retire_partitions()--\ud800'")).toMatch(/^statement_not_allowed /);
  expect(outcome("SELECT '\ud800'")).toBe("SELECT '\ufffd'");
});

it('allows statements of 2 Mi characters, and no longer ones', () => {
  const sql = 'SELECT 1'.padEnd(MAX_STATEMENT_CHARACTERS);
  expect(outcome(sql)).toBe(sql);
  expect(outcome(`${sql} `)).toMatch(/^query_too_long/);
});

it.each([
  ['words', 'a '],
  ['strings', "'x',"],
  ['names in quotes', '"a""b",'],
  ['escaped quotes', "E'\\'',"],
  ['parentheses', '('],
  ['nested comments', '/*a'],
  ['comments', '/**/'],
  ['line comments', '--\r\n'],
  ['dollar strings', '$a$b$a$,'],
  ['tags', '$aaaaaaaaaaaaaaaaaaaa'],
  ['symbols', '<@|/'],
  ['ends of statements', ';'],
  ['names of functions in strings', "'retire_partitions' "],
  ['lone surrogates', "'\ud800' "],
])('checks %s in linear time', async (_, part) => {
  const sqlOf = (length: number) => `SELECT 1 AS retire_partitions, ${part.repeat(length / part.length)}`;
  expect(outcome(sqlOf(2 ** 17))).toMatch(/^(SELECT|statement_not_allowed|statement_too_large)/);
  expect(await growth(outcome, sqlOf, 2 ** 13)).toBeLessThan(8);
});

it.each([
  ['a second statement', 'SELECT 1; SELECT 2'],
  ['an unclosed string', "SELECT 'a"],
  ['an unknown character', 'SELECT \u0001'],
  ['a comment that the server runs', 'SELECT 1 /*! , 2 */'],
])('gives advice of its own for %s', (_name, sql) => {
  expect(adviceOn(sql)).not.toBe(ERRORS.statement_not_allowed.advice);
  expect(adviceOn('DROP TABLE a')).toBe(ERRORS.statement_not_allowed.advice);
});
