/**
 * Other work runs while long views are read, checked and written: the number of turns of the event loop grows with the
 * number of rows.
 */
import {
  Binary,
  Table,
  vectorFromArray,
  Int32,
  Int64,
  List,
  Field,
  Utf8,
  Float64,
  Dictionary,
  type DataType,
} from 'apache-arrow';
import { turnsOf } from '../base/async/testing/turns-of';
import { type ComposedFrame, writeComposedFrames } from '../frames/data-frames/composed-frames';
import { timeColumn } from '../frames/data-frames/testing/arrow-messages';
import { type ViewContext } from '../views/view-context';
import { readerOf } from '../views/lake-reader/testing/reader';
import { profileFrames } from '../views/profiles/profile-frames';
import { tracesFrames } from '../views/traces/traces-frames';

const ID = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const TRACE = 'ab'.repeat(16);
/** Maximum number of rows per turn of the event loop, on average. */
const ROWS_PER_TURN = 4096;

const column = (type: DataType, rows: number, at: (row: number) => unknown) =>
  vectorFromArray(
    Array.from({ length: rows }, (_, row) => at(row)),
    type
  );
const strings = (rows: number, at: (row: number) => string) => column(new Utf8(), rows, at);
const words = (rows: number, word: string) => column(new Dictionary(new Utf8(), new Int32()), rows, () => word);
/** JSONB: objects without properties. */
const jsonObjects = (rows: number) =>
  column(new Dictionary(new Binary(), new Int32()), rows, () => Uint8Array.of(0x40, 0, 0, 0));
const integers = (rows: number, at: (row: number) => number) => column(new Int64(), rows, (row) => BigInt(at(row)));
const floats = (rows: number) => column(new Float64(), rows, (row) => row + 1);
const times = (rows: number, at: (row: number) => number) =>
  timeColumn(Array.from({ length: rows }, (_, row) => BigInt(at(row))));

const processes = () =>
  new Table({ process_id: strings(1, () => ID), exe: words(1, 'app'), last_seen: times(1, () => 1) });
const streams = () =>
  new Table({
    stream_id: strings(1, () => ID),
    tags: column(new List(new Field('item', new Utf8())), 1, () => ['cpu']),
    format: words(1, 'transit'),
    thread_name: words(1, 'main'),
    thread_id: words(1, '1'),
  });

const wordColumns = (rows: number, names: readonly string[], word: string) =>
  Object.fromEntries(names.map((name) => [name, words(rows, word)]));

const spans = (rows: number) =>
  new Table({
    process_id: words(rows, ID),
    ...wordColumns(rows, ['exe', 'username', 'computer', 'name', 'kind', 'status', 'status_message'], 'a'),
    ...Object.fromEntries(
      ['process_properties', 'properties', 'events', 'links'].map((name) => [name, jsonObjects(rows)])
    ),
    span_id: strings(rows, String),
    parent_span_id: strings(rows, (row) => String(row - 1)),
    start_ns: integers(rows, (row) => row * 1000),
    duration: integers(rows, () => 1000),
  });

const calls = (rows: number) =>
  new Table({
    ...wordColumns(rows, ['name', 'target', 'filename'], 'a'),
    stream_id: words(rows, ID),
    id: integers(rows, Number),
    parent: integers(rows, (row) => row - 1),
    depth: column(new Int32(), rows, () => 1),
    line: column(new Int32(), rows, (row) => row % 1000),
    begin: times(rows, (row) => row * 10),
    end: times(rows, (row) => row * 10 + 5),
  });

/** The counted calls of a flame graph: so few that the flame graph shows all of them. */
const countedCalls = () => new Table({ bin: integers(1, () => 1), calls: integers(1, () => 1000) });

const servicesCalls = (rows: number) =>
  new Table({
    part: words(rows, 'call'),
    source: strings(rows, (row) => `from-${row % 100}`),
    target: strings(rows, (row) => `to-${row}`),
    calls: integers(rows, () => 1),
    errors: integers(rows, () => 0),
    mean_ns: floats(rows),
    p95_ns: floats(rows),
  });

interface View {
  name: string;
  /** Rows of a short and of a long view. */
  few: number;
  many: number;
  tableOf: (rows: number) => Table;
  open: (lake: ViewContext) => Promise<readonly ComposedFrame[]>;
}

const VIEWS: readonly View[] = [
  {
    name: 'trace',
    few: 5000,
    many: 20_000,
    tableOf: spans,
    open: (lake) => tracesFrames({ view: 'trace', traceId: TRACE }, lake),
  },
  {
    name: 'service map',
    few: 2500,
    many: 20_000,
    tableOf: servicesCalls,
    open: (lake) => tracesFrames({ view: 'service-map' }, lake),
  },
  {
    name: 'flame graph',
    few: 10_000,
    many: 40_000,
    tableOf: calls,
    open: (lake) => profileFrames({ view: 'flame-graph', processId: ID }, lake),
  },
  {
    name: 'timeline',
    few: 2500,
    many: 10_000,
    tableOf: calls,
    open: (lake) => profileFrames({ view: 'timeline', processId: ID, spans: ['thread'] }, lake),
  },
];

describe.each(VIEWS)('a $name', ({ few, many, tableOf, open }) => {
  it.each(['arrow', 'json'] as const)('lets other work run, even with many rows, as %s', async (encoding) => {
    const turns = async (rows: number) => {
      const table = tableOf(rows);
      const lake = readerOf(({ sql }) =>
        sql.includes('FROM blocks')
          ? processes()
          : sql.includes('FROM streams')
            ? streams()
            : sql.includes(' AS bin,')
              ? countedCalls()
              : table
      );
      const options = { refId: 'A', executedQueryString: '', encoding, memory: lake.memory, pace: lake.pace };
      return turnsOf(async () => writeComposedFrames(await open(lake), options));
    };
    const [short, long] = [await turns(few), await turns(many)];
    expect(many / long).toBeLessThan(ROWS_PER_TURN);
    expect(long / short).toBeGreaterThan(1.5);
  });
});
