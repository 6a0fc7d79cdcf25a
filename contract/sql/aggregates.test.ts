import { mentionsAggregate } from './aggregates';

it.each([
  ['SELECT count(*) FROM t', true],
  ['SELECT Max (a) FROM t', true],
  ['SELECT a FROM t GROUP -- x\nBY a', true],
  ['SELECT (SELECT sum(a) FROM t) FROM u', true],
  ['SELECT count FROM t', false],
  ['SELECT "count"(1) FROM t', false],
  ["SELECT 'count(*)' FROM t -- GROUP BY a", false],
  ['', false],
])('for %s, returns whether the query aggregates: %s', (sql, expected) => {
  expect(mentionsAggregate(sql)).toBe(expected);
});
