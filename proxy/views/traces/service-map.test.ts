import { graphOf, type MapRow } from './service-map';

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
])('adds one node for a service that is caller and target, if the row with its caller is the %s', (_, ...calls) => {
  const { nodes, edges } = graphOf(calls.map(([source, target]) => peer(source, target)));
  expect(nodes).toEqual(
    expect.arrayContaining([
      { id: 'web', isInstrumented: true, calls: 0, errors: 0, meanNs: NaN, p95Ns: NaN },
      { id: 'cache', isInstrumented: true, calls: 0, errors: 0, meanNs: NaN, p95Ns: NaN },
      { id: 'db', isInstrumented: false, calls: 2, errors: 1, meanNs: 3, p95Ns: 4 },
    ])
  );
  expect(nodes).toHaveLength(3);
  expect(edges).toHaveLength(2);
});
