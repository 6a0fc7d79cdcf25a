import { type ServiceMap } from './service-map';
import { MAX_EDGES, serviceMapFrames } from './service-map-frames';

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
])('draws edges up to the limit: a map with %i edges has %i notices', (edges, notices) => {
  const [nodes, drawn] = serviceMapFrames(mapWith(edges), { fromMs: 0, toMs: 1000 }, undefined);
  expect(drawn.fields[0].values).toHaveLength(MAX_EDGES);
  expect(nodes.notices).toHaveLength(notices);
});

it.each([
  [0, 'rgb(153, 153, 153)'],
  [1, 'rgb(154, 152, 152)'],
  [50, 'rgb(198, 113, 123)'],
  [100, 'rgb(242, 73, 92)'],
])('draws an edge of which %i of 100 calls failed in the color %s', (errors, color) => {
  const map = mapWith(1);
  const edges = [{ ...map.edges[0], calls: 100, errors }];
  const [, drawn] = serviceMapFrames({ ...map, edges }, { fromMs: 0, toMs: 1000 }, undefined);
  expect(drawn.fields.find(({ name }) => name === 'color')?.values.at(0)).toBe(color);
});
