import { turnsOf } from '../../base/async/testing/turns-of';
import { Pace } from '../../base/async/turns';
import { type ServiceMap } from './service-map';
import { MAX_EDGES, serviceMapFrames } from './service-map-frames';

const context = () => ({ range: { fromMs: 0, toMs: 1000 }, linkTarget: undefined, pace: new Pace() });

const CALLS = { calls: 1, errors: 0, meanNs: 1, p95Ns: 1 };

/** A map with calls between 100 services. */
function mapWith(edges: number): ServiceMap {
  const nodes = Array.from({ length: 100 }, (_, node) => ({ ...CALLS, id: `service-${node}`, isInstrumented: true }));
  return {
    nodes,
    edges: Array.from({ length: edges }, (_, edge) => ({
      ...CALLS,
      source: `service-${Math.floor(edge / 100)}`,
      target: `service-${edge % 100}`,
    })),
    processes: 1,
    hasMoreProcesses: false,
    isTruncated: false,
  };
}

it.each([
  [MAX_EDGES, 0],
  [MAX_EDGES + 1, 1],
])('draws edges up to the limit: a map with %i edges has %i notices', async (edges, notices) => {
  const [nodes, drawn] = await serviceMapFrames(mapWith(edges), context());
  expect(drawn.fields[0].values).toHaveLength(MAX_EDGES);
  expect(nodes.notices).toHaveLength(notices);
});

it.each([
  [0, 'rgb(153, 153, 153)'],
  [1, 'rgb(154, 152, 152)'],
  [50, 'rgb(198, 113, 123)'],
  [100, 'rgb(242, 73, 92)'],
])('draws an edge of which %i of 100 calls failed in the color %s', async (errors, color) => {
  const map = mapWith(1);
  const edges = [{ ...map.edges[0], calls: 100, errors }];
  const [, drawn] = await serviceMapFrames({ ...map, edges }, context());
  expect(drawn.fields.find(({ name }) => name === 'color')?.values.at(0)).toBe(color);
});

it('works in short steps on services and calls with long names', async () => {
  const name = (service: number) => `${service}/`.padEnd(20_000, 'x');
  const nodes = Array.from({ length: 200 }, (_, node) => ({ ...CALLS, id: name(node), isInstrumented: true }));
  const edges = nodes.map(({ id }) => ({ ...CALLS, source: id, target: name(0) }));
  // The names of services take 8 megabytes, and the names at the ends of calls take 16.
  expect(await turnsOf(() => serviceMapFrames({ ...mapWith(0), nodes, edges }, context()))).toBeGreaterThan(20);
});
