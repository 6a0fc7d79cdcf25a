import { Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { readerOf } from '../lake-reader/testing/reader';
import { MAX_TREE_DEPTH, MAX_TREE_NODES, processTree } from './process-tree';

const PARENTS = 1000;
const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const strings = (values: Array<string | null>) => vectorFromArray(values, new Utf8());
const times = (values: number[]) => vectorFromArray(values, new TimestampNanosecond());

/** A table of processes. @param distance The parent of process `n` is process `n + distance`. */
function processes(indices: number[], distance: number): Table {
  const column = <T>(value: (index: number) => T) => indices.map(value);
  return new Table({
    process_id: strings(column(idOf)),
    exe: strings(column(() => 'game')),
    computer: strings(column(() => null)),
    username: strings(column(() => null)),
    parent_process_id: strings(column((index) => idOf(index + distance))),
    start_time: times(column(() => 0)),
    last_seen: times(column(() => 0)),
    version: strings(column(() => null)),
  });
}

const noLines = () =>
  new Table({
    process_id: strings([]),
    level: vectorFromArray([], new Int32()),
    lines: vectorFromArray([], new Int64()),
    newest: times([]),
  });

/** The tree of listed processes. Their parents are not in the list. */
async function treeOf(listed: number) {
  const sent: string[] = [];
  const indices = Array.from({ length: listed }, (_, index) => index);
  const lake = readerOf(({ sql }) => {
    if (!sql.includes('FROM processes')) {
      return noLines();
    }
    sent.push(sql);
    const parents = indices.map((index) => index + PARENTS).filter((parent) => sql.includes(idOf(parent)));
    return processes(sent.length === 1 ? indices : parents, PARENTS);
  });
  const [nodes] = await processTree({ view: 'tree' }, lake);
  return { count: nodes.fields[0].values.length, notices: nodes.notices ?? [], sent };
}

it.each([
  { listed: MAX_TREE_NODES - 1, statements: 2 },
  { listed: MAX_TREE_NODES, statements: 1 },
])(
  'limits the number of nodes, and adds a notice, if each of $listed processes has another parent',
  async ({ listed, statements }) => {
    const { count, notices, sent } = await treeOf(listed);
    expect(count).toBe(MAX_TREE_NODES);
    expect(notices).toHaveLength(1);
    expect(sent).toHaveLength(statements);
  }
);

/** The tree around a process in a chain. Each process of the chain started the next process. */
async function treeInChain({ parents, children }: { parents: number; children: number }) {
  const chain = Array.from({ length: parents + 1 + children }, (_, index) => index);
  const lake = readerOf(({ sql }) => {
    if (!sql.includes('FROM processes')) {
      return noLines();
    }
    const isChildOf = sql.includes('parent_process_id IN');
    return processes(
      chain.filter((index) => sql.includes(`'${idOf(isChildOf ? index + 1 : index)}'`)),
      1
    );
  });
  const [nodes] = await processTree({ view: 'tree', processId: idOf(children) }, lake);
  return { count: nodes.fields[0].values.length, notices: nodes.notices?.length };
}

it.each([
  { parents: MAX_TREE_DEPTH, children: MAX_TREE_DEPTH, notices: 0 },
  { parents: MAX_TREE_DEPTH + 1, children: MAX_TREE_DEPTH, notices: 1 },
  { parents: MAX_TREE_DEPTH, children: MAX_TREE_DEPTH + 1, notices: 1 },
  { parents: 40, children: 40, notices: 1 },
])(
  'limits the levels: $notices notices for $parents levels of parents and $children levels of children',
  async ({ parents, children, notices }) => {
    expect(await treeInChain({ parents, children })).toEqual({ count: 2 * MAX_TREE_DEPTH + 1, notices });
  }
);

it('adds one notice if processes on several levels have more children than the maximum number of nodes', async () => {
  let levels = 0;
  const lake = readerOf(({ sql }) => {
    if (!sql.includes('FROM processes')) {
      return noLines();
    }
    if (!sql.includes('parent_process_id IN')) {
      return processes(sql.includes(idOf(0)) ? [0] : [], 1);
    }
    levels += 1;
    return processes(
      Array.from({ length: MAX_TREE_NODES + 1 }, (_, index) => levels * PARENTS + index),
      1
    );
  });
  const [nodes] = await processTree({ view: 'tree', processId: idOf(0) }, lake);
  expect(nodes.fields[0].values).toHaveLength(MAX_TREE_NODES);
  expect(nodes.notices).toHaveLength(1);
});
