import { type DataFrame } from '@grafana/data';
import { layOut } from './layout';
import { readNodeGraph } from './node-graph-model';

interface GivenField {
  name: string;
  values: unknown[];
  config?: object;
}

function frameOf(name: string, fields: GivenField[]): DataFrame {
  const complete = fields.map((field) => ({
    type: typeof field.values[0] === 'number' ? 'number' : 'string',
    config: {},
    ...field,
  }));
  return { name, length: fields[0].values.length, fields: complete } as DataFrame;
}

const nodes = frameOf('nodes', [
  { name: 'id', values: ['web', 'match'] },
  { name: 'Title', values: ['Gateway', null] },
  { name: 'mainStat', values: ['12 req/s', null] },
  { name: 'arc__failed', values: [0.25, 0], config: { color: { mode: 'fixed', fixedColor: 'red' } } },
  { name: 'detail__Version', values: ['2.4', null] },
]);

const edges = frameOf('edges', [
  { name: 'id', values: ['1', '2'] },
  { name: 'source', values: ['web', 'web'] },
  { name: 'target', values: ['match', 'gone'] },
]);

it('reads nodes, and the edges between them', () => {
  const graph = readNodeGraph([nodes, edges])!;
  expect(graph.nodes).toMatchObject([
    {
      id: 'web',
      title: 'Gateway',
      mainStat: '12 req/s',
      arcs: [{ share: 0.25, color: 'red' }],
      details: [['version', '2.4']],
    },
    { id: 'match', title: '', mainStat: '', arcs: [], details: [] },
  ]);
  expect(graph.edges).toMatchObject([{ id: '1', source: 'web', target: 'match', thickness: 1 }]);
});

it("shows numbers as Grafana's panel does", () => {
  const numbers = frameOf('nodes', [
    { name: 'id', values: ['a'] },
    { name: 'mainstat', values: [2], config: { unit: 'req/s' } },
    { name: 'secondarystat', values: [1.23456], config: { decimals: 3 } },
    { name: 'detail__calls', values: [2769] },
  ]);
  expect(readNodeGraph([numbers])!.nodes).toMatchObject([
    { mainStat: '2.00 req/s', secondaryStat: '1.235', details: [['calls', '2769']] },
  ]);
});

it('returns undefined if no frame has nodes', () => {
  expect(readNodeGraph([edges])).toBeUndefined();
});

const edge = (source: string, target: string) => ({ source, target });

function columns(ids: string[], list: Array<{ source: string; target: string }>): string[] {
  const { positions } = layOut(ids, list);
  return [...positions].sort(([, a], [, b]) => a.x - b.x || a.y - b.y).map(([id, { x }]) => `${id}@${x}`);
}

it('places each node to the right of its sources', () => {
  const placed = columns(['d', 'a', 'c', 'b'], [edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('c', 'd')]);
  expect(placed.map((place) => place[0])).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(placed.map((place) => place.slice(2))).size).toBe(4);
});

it('places the nodes of a cycle, and nodes that call themselves', () => {
  const placed = columns(['a', 'b', 'c'], [edge('a', 'b'), edge('b', 'c'), edge('c', 'b'), edge('b', 'b')]);
  expect(placed.map((place) => place[0])).toEqual(['a', 'b', 'c']);
});

it('orders the nodes of a column so that edges do not cross', () => {
  const { positions } = layOut(['a', 'b', 'x', 'y'], [edge('a', 'y'), edge('b', 'x')]);
  const rowOf = (id: string) => positions.get(id)!.y;
  expect(Math.sign(rowOf('a') - rowOf('b'))).toBe(Math.sign(rowOf('y') - rowOf('x')));
});
