/** Places the nodes of a graph in layers from left to right, so that most edges lead to the right. */

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  positions: ReadonlyMap<string, Point>;
  width: number;
  height: number;
}

interface Edge {
  source: string;
  target: string;
}

const LAYER_WIDTH = 230;
const ROW_HEIGHT = 150;
/** Margins for titles at the sides, loops above, and subtitles below. */
const MARGIN = { x: 100, y: 95 };
/** Number of passes of `untangle`. More passes hardly change the result. */
const PASSES = 4;

function neighbors(edges: readonly Edge[], from: 'source' | 'target'): Map<string, string[]> {
  const to = from === 'source' ? 'target' : 'source';
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    const known = found.get(edge[from]);
    if (known) {
      known.push(edge[to]);
    } else {
      found.set(edge[from], [edge[to]]);
    }
  }
  return found;
}

/** Sorts the nodes so that each node is after its sources. Edges that close a cycle are ignored. */
function inOrder(ids: readonly string[], targets: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>();
  const entered = new Set<string>();
  const order: string[] = [];
  for (const start of ids) {
    const stack = [start];
    while (stack.length > 0) {
      const id = stack.at(-1)!;
      const open = entered.has(id) ? [] : (targets.get(id) ?? []).filter((target) => !entered.has(target));
      entered.add(id);
      if (open.length > 0) {
        stack.push(...open);
      } else {
        stack.pop();
        if (!done.has(id)) {
          done.add(id);
          order.push(id);
        }
      }
    }
  }
  return order.reverse();
}

/** The layer of a node is one more than the highest layer of its sources. */
function layersOf(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const targets = neighbors(edges, 'source');
  const hasSource = new Set(edges.map(({ target }) => target));
  const rootsFirst = [...ids.filter((id) => !hasSource.has(id)), ...ids];
  const order = inOrder([...new Set(rootsFirst)], targets);
  const rank = new Map(order.map((id, index) => [id, index]));
  const layer = new Map<string, number>();
  for (const id of order) {
    const own = layer.get(id) ?? 0;
    layer.set(id, own);
    for (const target of targets.get(id) ?? []) {
      if ((rank.get(target) ?? 0) > (rank.get(id) ?? 0)) {
        layer.set(target, Math.max(layer.get(target) ?? 0, own + 1));
      }
    }
  }
  const layers: string[][] = [];
  for (const id of ids) {
    (layers[layer.get(id) ?? 0] ??= []).push(id);
  }
  return Array.from(layers, (each) => each ?? []);
}

/** Sorts the nodes of a layer by the mean row of their neighbors, which avoids most crossings. */
function untangle(layers: string[][], edges: readonly Edge[]): void {
  const [before, after] = [neighbors(edges, 'target'), neighbors(edges, 'source')];
  const row = new Map(layers.flatMap((layer) => layer.map((id, index) => [id, index - layer.length / 2] as const)));
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const layer of pass % 2 === 0 ? layers : layers.toReversed()) {
      const near = pass % 2 === 0 ? before : after;
      const mean = new Map(
        layer.map((id) => {
          const rows = (near.get(id) ?? []).map((other) => row.get(other) ?? 0);
          return [id, rows.length === 0 ? (row.get(id) ?? 0) : rows.reduce((sum, each) => sum + each, 0) / rows.length];
        })
      );
      layer.sort((a, b) => mean.get(a)! - mean.get(b)!);
      layer.forEach((id, index) => row.set(id, index - layer.length / 2));
    }
  }
}

/**
 * The positions of the nodes, and the size of the graph. Takes time in proportion to the number of nodes and edges,
 * apart from the sorting of layers.
 */
export function layOut(ids: readonly string[], edges: readonly Edge[]): Layout {
  const layers = layersOf(
    ids,
    edges.filter(({ source, target }) => source !== target)
  );
  untangle(layers, edges);
  const rows = layers.reduce((most, layer) => Math.max(most, layer.length), 1);
  const height = (rows - 1) * ROW_HEIGHT + 2 * MARGIN.y;
  const positions = layers.flatMap((layer, column) => {
    const top = (height - (layer.length - 1) * ROW_HEIGHT) / 2;
    return layer.map((id, index): [string, Point] => [
      id,
      { x: MARGIN.x + column * LAYER_WIDTH, y: top + index * ROW_HEIGHT },
    ]);
  });
  return { positions: new Map(positions), width: (layers.length - 1) * LAYER_WIDTH + 2 * MARGIN.x, height };
}
