import { loadParser } from '../../../contract/sql/testing/load-parser';
import { applyEdits } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { readTailable, tailEdits } from './tailable-query';

const parse = loadParser();

/** The SQL of the lines with the condition `arrived`. The arrival columns, which every result gets, are removed. */
function tailed(sql: string): string {
  const tailable = readTailable(sql, parse);
  const { sql: edited } = applyEdits(sql.slice(0, tailable.lines.end), tailEdits(tailable, 'arrived'));
  return edited
    .slice(tailable.lines.start)
    .replace(/, CAST\([\w."]*insert_time AS BIGINT\) [/%] 1000000000 AS __tail_(second|nanos)/g, '');
}

const ADDED = 'log_entries.process_id AS process_id, log_entries.block_id AS block_id';

it.each([
  ['no condition', 'SELECT * FROM log_entries ORDER BY time DESC LIMIT 5', 'SELECT * FROM log_entries WHERE (arrived)'],
  [
    'conditions with OR, macros and comments',
    "-- a\nSELECT * FROM log_entries WHERE $__timeFilter(time) OR msg LIKE '%🔥%' -- b\nORDER BY time LIMIT 5;",
    "SELECT * FROM log_entries WHERE ($__timeFilter(time) OR msg LIKE '%🔥%') AND (arrived)",
  ],
  [
    'missing columns',
    'SELECT time, msg FROM log_entries',
    `SELECT time, msg, ${ADDED}, log_entries.target AS target FROM log_entries WHERE (arrived)`,
  ],
  [
    'columns that the query already has',
    'SELECT time, msg, target, l.process_id, block_id FROM log_entries l',
    'SELECT time, msg, target, l.process_id, block_id FROM log_entries l WHERE (arrived)',
  ],
  [
    'other columns with the names of the added columns',
    'SELECT time, msg, lower(target) AS target, exe AS process_id, block_id FROM log_entries AS "L"',
    'SELECT time, msg, lower(target) AS target, exe AS process_id, block_id, "L".process_id AS __line_process_id, "L".target AS __line_target FROM log_entries AS "L" WHERE (arrived)',
  ],
  [
    'a wildcard without some columns',
    'SELECT * EXCLUDE (target) FROM log_entries',
    'SELECT * EXCLUDE (target), log_entries.process_id AS __line_process_id, log_entries.block_id AS __line_block_id, log_entries.target AS __line_target FROM log_entries WHERE (arrived)',
  ],
  [
    'a view instance',
    "SELECT time, msg, target, process_id FROM view_instance('log_entries', 'x')",
    "SELECT time, msg, target, process_id, block_id AS block_id FROM view_instance('log_entries', 'x') WHERE (arrived)",
  ],
  [
    'a join, a CTE and a subquery',
    'WITH p AS (SELECT * FROM processes LIMIT 3) SELECT l.*, p.exe AS program FROM log_entries l JOIN p ON p.process_id = l.process_id WHERE l.level IN (SELECT 2)',
    'WITH p AS (SELECT * FROM processes LIMIT 3) SELECT l.*, p.exe AS program FROM log_entries l JOIN p ON p.process_id = l.process_id WHERE (l.level IN (SELECT 2)) AND (arrived)',
  ],
  [
    'unqualified columns in a join',
    'SELECT l.time, l.msg, target, block_id FROM log_entries l, processes p',
    'SELECT l.time, l.msg, target, block_id, l.process_id AS process_id, l.block_id AS __line_block_id, l.target AS __line_target FROM log_entries l, processes p WHERE (arrived)',
  ],
])('inserts the condition and the columns: %s', (_name, sql, expected) => {
  expect(tailed(sql)).toBe(expected);
});

it.each([
  ['a statement that is not a SELECT', 'SHOW TABLES', 'not a SELECT'],
  ['a syntax error', 'SELEC 1', 'cannot be parsed'],
  ['another table', 'SELECT * FROM measures', 'does not read log_entries'],
  ['a CTE', 'WITH a AS (SELECT * FROM log_entries) SELECT * FROM a', 'reads a subquery'],
  ['a subquery', 'SELECT * FROM (SELECT * FROM log_entries) AS a', 'reads a subquery'],
  ['a CTE with the name of the table', 'WITH log_entries AS (SELECT 1) SELECT * FROM log_entries', 'reads a subquery'],
  ['a variable as id', "SELECT * FROM view_instance('log_entries', $process)", 'does not read log_entries'],
  ['groups', 'SELECT time, count(*) FROM log_entries GROUP BY time', 'groups or counts'],
  ['an aggregate', 'SELECT count(*) FROM log_entries', 'groups or counts'],
  ['DISTINCT', 'SELECT DISTINCT msg FROM log_entries', 'groups or counts'],
  ['DISTINCT ON', 'SELECT DISTINCT ON (exe) msg FROM log_entries', 'DISTINCT ON'],
  ['a union', 'SELECT * FROM log_entries UNION ALL SELECT * FROM log_entries', 'UNION'],
  ['parentheses', '(SELECT * FROM log_entries)', 'in parentheses'],
  ['two sources', 'SELECT a.* FROM log_entries a, log_entries b', 'more than once'],
  ['an outer join', 'SELECT * FROM processes p LEFT JOIN log_entries l ON true', 'outer join'],
  ['a semi join', 'SELECT * FROM processes p LEFT SEMI JOIN log_entries l ON true', 'semi join'],
  [
    'an instance without an alias in a join',
    "SELECT * FROM view_instance('log_entries', 'x'), processes",
    'Give it one',
  ],
])('rejects %s, and names the reason', (_name, sql, message) => {
  const error = (() => {
    try {
      return readTailable(sql, parse);
    } catch (reason) {
      return reason;
    }
  })();
  expect(error).toBeInstanceOf(ProxyError);
  expect((error as ProxyError).code).toBe('tail_not_possible');
  expect((error as ProxyError).messages.detail).toContain(message);
});

it('keeps an outer join that does not fill columns of log_entries with nulls', () => {
  expect(tailed('SELECT l.* FROM log_entries l LEFT JOIN processes p ON p.process_id = l.process_id')).toBe(
    'SELECT l.* FROM log_entries l LEFT JOIN processes p ON p.process_id = l.process_id WHERE (arrived)'
  );
});
