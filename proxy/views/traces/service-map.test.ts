import { Pace } from '../../base/async/turns';
import { turnsOf } from '../../base/async/testing/turns-of';
import { checkedSql } from '../../sql/guard/checked-sql';
import { graphOf, type MapRow, mapSql, MAX_MAP_PROCESSES } from './service-map';

const peer = (source: string, target: string): MapRow => ({
  part: 'peer',
  source,
  target,
  calls: 2,
  errors: 1,
  meanNs: 3,
  p95Ns: 4,
});

it.each([
  ['first', ['web', 'cache'], ['cache', 'db']],
  ['last', ['cache', 'db'], ['web', 'cache']],
])(
  'adds one node for a service that is caller and target, if the row with its caller is the %s',
  async (_, ...calls) => {
    const rows = calls.map(([source, target]) => peer(source, target));
    const { nodes, edges } = await graphOf(rows, new Pace());
    expect(nodes).toEqual(
      expect.arrayContaining([
        { id: 'web', isInstrumented: true, calls: 0, errors: 0, meanNs: NaN, p95Ns: NaN },
        { id: 'cache', isInstrumented: true, calls: 0, errors: 0, meanNs: NaN, p95Ns: NaN },
        { id: 'db', isInstrumented: false, calls: 2, errors: 1, meanNs: 3, p95Ns: 4 },
      ])
    );
    expect(nodes).toHaveLength(3);
    expect(edges).toHaveLength(2);
  }
);

it.each(['service', 'call', 'peer'])('works in short steps on rows of the part %s with long names', async (part) => {
  const rows = Array.from({ length: 400 }, (_, row) => ({ ...peer(`${row}/`.padEnd(20_000, 'x'), 'db'), part }));
  // Each name is read at least once, and a step reads at most a megabyte.
  expect(await turnsOf(() => graphOf(rows, new Pace()))).toBeGreaterThan(400 * 0.02 * 2);
});

it('sends a statement for the maximum number of processes that the guard accepts', () => {
  const ids = Array.from({ length: MAX_MAP_PROCESSES }, (_, index) => `process-${index}`);
  const sql = mapSql(ids, ["name = 'a'"]);
  expect(checkedSql(sql)).toBe(sql);
});
