import { growth } from '../../tests/support/growth';
import { variablesIn } from './dashboard-variables';

it.each([
  ['SELECT $__timeFrom() FROM t WHERE $__timeFilter(time)', []],
  ['SELECT ${__from:date} FROM t', []],
  ["SELECT a FROM t WHERE b ~ '^a$'", []],
  ["SELECT a FROM t WHERE b = '$1'", []],
  ["SELECT a FROM t WHERE b = '$process'", ['$process']],
  ['SELECT a FROM t WHERE b IN (${process:csv})', ['${process:csv}']],
  ["SELECT a FROM t WHERE b = '[[process]]'", ['[[process]]']],
  ['SELECT a FROM t WHERE b IN ([[process]])', ['[[process]]']],
  ["SELECT a FROM t WHERE b LIKE '%${process}%'", ['${process}']],
  ['SELECT a AS "$process" FROM t', ['$process']],
  ["SELECT a FROM t WHERE b ~ 'foo$bar' OR b ~ '[[ab]]c'", []],
  ["SELECT a FROM t WHERE b ~ 'foo$exe'", ['$exe']],
  ["SELECT a FROM t WHERE b ~ '[[exe]]c'", ['[[exe]]']],
  ['SELECT a FROM t -- $process\n/* ${process} */', []],
  ['SELECT $a, $b, $a, $c, $d', ['$a', '$b', '$c']],
])('in %s, finds the dashboard variables %j', (sql, expected) => {
  expect(variablesIn(sql, 3, ['exe'])).toEqual(expected);
});

it.each(['${a', '[[a', '$ '])('searches SQL of many %s in linear time', async (part) => {
  const sqlOf = (length: number) => part.repeat(length);
  const search = (sql: string) => variablesIn(sql, 3);
  expect(search(sqlOf(100_000))).toEqual([]);
  expect(await growth(search, sqlOf, 3000)).toBeLessThan(8);
});
