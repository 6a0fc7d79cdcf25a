import { Int32, Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { readerOf } from '../lake-reader/testing/reader';
import { MAX_TREE_NODES, processTree } from './process-tree';

const PARENTS = 1000;
const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const strings = (values: Array<string | null>) => vectorFromArray(values, new Utf8());
const times = (values: number[]) => vectorFromArray(values, new TimestampNanosecond());

/** A table of processes. The parent of process `n` is process `n + PARENTS`. */
function processes(indices: number[]): Table {
  const column = <T>(value: (index: number) => T) => indices.map(value);
  return new Table({
    process_id: strings(column(idOf)),
    exe: strings(column(() => 'game')),
    computer: strings(column(() => null)),
    username: strings(column(() => null)),
    parent_process_id: strings(column((index) => idOf(index + PARENTS))),
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

/** The tree of a list of processes whose parents are not in the list. */
async function treeOf(listed: number) {
  const sent: string[] = [];
  const indices = Array.from({ length: listed }, (_, index) => index);
  const lake = readerOf(({ sql }) => {
    if (!sql.includes('FROM processes')) {
      return noLines();
    }
    sent.push(sql);
    const parents = indices.map((index) => index + PARENTS).filter((parent) => sql.includes(idOf(parent)));
    return processes(sent.length === 1 ? indices : parents);
  });
  const [nodes] = await processTree({ view: 'tree' }, lake);
  return { count: nodes.fields[0].values.length, notices: nodes.notices ?? [], sent };
}

it.each([
  { listed: MAX_TREE_NODES - 1, statements: 2 },
  { listed: MAX_TREE_NODES, statements: 1 },
])(
  'limits the number of nodes, and adds a notice, for $listed processes with as many parents',
  async ({ listed, statements }) => {
    const { count, notices, sent } = await treeOf(listed);
    expect(count).toBe(MAX_TREE_NODES);
    expect(notices).toHaveLength(1);
    expect(sent).toHaveLength(statements);
  }
);
