/** Changes each column of the result of each statement of each view, as another version of the server might. */
import { Dictionary, Int32, Table, TimestampMillisecond, Utf8, vectorFromArray, type Vector } from 'apache-arrow';
import { ProxyError } from '../base/errors/proxy-error';
import { readImage } from './images/read-image';
import { type LakeStatement } from './lake-reader/lake-reader';
import { type ColumnKind } from './lake-reader/result-columns';
import { readerOf } from './lake-reader/testing/reader';
import { columnOf } from './lake-reader/testing/table-of';
import { tracePieces } from './perfetto/trace-pieces';
import { processesFrames } from './processes/processes-frames';
import { profileFrames } from './profiles/profile-frames';
import { tracesFrames } from './traces/traces-frames';
import { type ViewContext } from './view-context';
import { whatChangedFrames } from './what-changed/what-changed-frames';

const ID = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const TRACE = 'ab'.repeat(16);
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const GIF = new TextEncoder().encode('GIF89a');

/** Values that make a view send its next statement. Other columns have a value of their kind. */
const VALUES: Readonly<Record<string, unknown>> = {
  process_id: ID,
  stream_id: ID,
  block_id: ID,
  parent_process_id: ID,
  trace: TRACE,
  tags: ['cpu', 'net'],
  data: GIF,
  payload_size: GIF.length,
  exe: 'a',
  // With this many calls, a flame graph shows only a part of its range.
  calls: 5_000_000,
  part: 'call',
  source: 'a',
  target: 'b',
};

interface View {
  name: string;
  open: (lake: ViewContext) => Promise<unknown>;
  /** Number of statements with different columns. */
  statements: number;
  rangeMs?: number;
}

const take = (bytes: number) => new Uint8Array(bytes);
const profile = (lake: ViewContext, more: object = {}) =>
  profileFrames({ view: 'flame-graph', processId: ID, ...more }, lake);

const VIEWS: readonly View[] = [
  {
    name: 'an image',
    open: ({ read }) => readImage({ processId: ID, time: 1n, name: 'a', blockId: ID }, read, take),
    statements: 1,
  },
  {
    name: 'a Perfetto trace',
    open: async ({ read }) => {
      for await (const piece of tracePieces({ processId: ID, spans: 'both', fromMs: 0, toMs: 1 }, read, take)) {
        expect(piece.length).toBeGreaterThan(0);
      }
    },
    statements: 1,
  },
  { name: 'the list of processes', open: (lake) => processesFrames({ view: 'list' }, lake), statements: 2 },
  {
    name: 'the tree of a process',
    open: (lake) => processesFrames({ view: 'tree', processId: ID }, lake),
    statements: 2,
  },
  {
    name: 'the images of a process',
    open: (lake) => processesFrames({ view: 'images', processId: ID }, { ...lake, isPanel: true }),
    statements: 2,
  },
  { name: 'a flame graph', open: (lake) => profile(lake, { spans: ['thread', 'async'] }), statements: 3 },
  { name: 'a flame graph of a thread', open: (lake) => profile(lake, { streamId: ID }), statements: 2 },
  { name: 'a flame graph of a long range', open: (lake) => profile(lake), statements: 4, rangeMs: DAY_MS },
  { name: 'a timeline', open: (lake) => profile(lake, { view: 'timeline' }), statements: 4 },
  { name: 'a search of traces', open: (lake) => tracesFrames({ view: 'search' }, lake), statements: 2 },
  { name: 'a trace', open: (lake) => tracesFrames({ view: 'trace', traceId: TRACE }, lake), statements: 2 },
  { name: 'a service map', open: (lake) => tracesFrames({ view: 'service-map' }, lake), statements: 2 },
  {
    name: 'the changes of a process',
    open: (lake) => whatChangedFrames({ processIds: [ID], scope: 'callers-and-callees' }, lake),
    statements: 4,
  },
  { name: 'the changes of a program', open: (lake) => whatChangedFrames({ exe: 'a' }, lake), statements: 3 },
  {
    name: 'the changes of all programs',
    open: (lake) => whatChangedFrames({ scope: 'lakehouse' }, lake),
    statements: 3,
  },
];

type Change = (statement: LakeStatement, columns: Record<string, Vector>) => Record<string, Vector>;

/** Opens a view whose results have one row. @returns The code of its error, or `accepted`. */
async function outcomeOf({ open, rangeMs = MINUTE_MS }: View, change: Change = (_, columns) => columns) {
  const lake = readerOf((statement) => {
    const columns = Object.entries(statement.columns).map(
      ([name, kind]) => [name, columnOf(kind, VALUES[name])] as const
    );
    return new Table(change(statement, Object.fromEntries(columns)));
  });
  const range = { fromMs: 0, toMs: rangeMs };
  try {
    await open({ ...lake, range, nowMs: rangeMs });
    return 'accepted';
  } catch (reason) {
    const { code, source } = ProxyError.from(reason);
    return `${code} ${source}`;
  }
}

const shapeOf = ({ columns }: LakeStatement) => Object.keys(columns).join();

/** The statements of a view that have different columns. */
async function statementsOf(view: View): Promise<readonly LakeStatement[]> {
  const found = new Map<string, LakeStatement>();
  const outcome = await outcomeOf(view, (statement, columns) => {
    found.set(shapeOf(statement), statement);
    return columns;
  });
  expect(outcome).toBe('accepted');
  return [...found.values()];
}

/** Opens a view once for each column of its statements, with a change of this column. @returns The outcomes. */
async function outcomesOf(
  view: View,
  change: (columns: Record<string, Vector>, name: string, kind: ColumnKind) => Record<string, Vector>
): Promise<ReadonlySet<string>> {
  const outcomes = new Set<string>();
  for (const changed of await statementsOf(view)) {
    for (const [name, kind] of Object.entries(changed.columns)) {
      const outcome = await outcomeOf(view, (statement, columns) =>
        shapeOf(statement) === shapeOf(changed) ? change(columns, name, kind) : columns
      );
      outcomes.add(outcome === 'accepted' ? `${outcome} ${name}` : outcome);
    }
  }
  return outcomes;
}

const without = (columns: Record<string, Vector>, name: string) =>
  Object.fromEntries(Object.entries(columns).filter(([each]) => each !== name));

const MALFORMED = new Set(['result_malformed downstream']);

describe.each(VIEWS)('$name', (view) => {
  it('sends its statements', async () => {
    expect((await statementsOf(view)).map(shapeOf)).toHaveLength(view.statements);
  });

  it('rejects a result without a column', async () => {
    expect(await outcomesOf(view, without)).toEqual(MALFORMED);
  });

  it('rejects a renamed column', async () => {
    const renamed = await outcomesOf(view, (columns, name) => ({
      ...without(columns, name),
      [`${name}_2`]: columns[name],
    }));
    expect(renamed).toEqual(MALFORMED);
  });

  it('rejects a column of another type', async () => {
    const retyped = await outcomesOf(view, (columns, name, kind) => ({
      ...columns,
      [name]: kind === 'string' ? columnOf('number') : columnOf('string'),
    }));
    expect(retyped).toEqual(MALFORMED);
  });

  it('ignores an additional column', async () => {
    const more = await outcomesOf(view, (columns) => ({ ...columns, more: columnOf('string') }));
    expect([...more].filter((outcome) => !outcome.startsWith('accepted'))).toEqual([]);
  });

  it('accepts other encodings of the same values', async () => {
    const encoded = await outcomesOf(view, (columns, name, kind) => ({
      ...columns,
      [name]: otherEncoding(kind, name) ?? columns[name],
    }));
    expect([...encoded].filter((outcome) => !outcome.startsWith('accepted'))).toEqual([]);
  });
});

/** The value of a column as a dictionary, as a 32-bit integer, or as a time with a time zone. */
function otherEncoding(kind: ColumnKind, name: string): Vector | undefined {
  const value = VALUES[name];
  switch (kind) {
    case 'string':
      return vectorFromArray([value ?? 'a'], new Dictionary(new Utf8(), new Int32()));
    case 'number':
      return vectorFromArray([value ?? 0], new Int32());
    case 'int64':
      return vectorFromArray([1], new TimestampMillisecond('+00:00'));
    default:
      return undefined;
  }
}
