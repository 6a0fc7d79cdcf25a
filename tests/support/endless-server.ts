/**
 * A Flight server whose results have as many batches as anybody takes, and which knows of each call how much it sent,
 * whether its client holds it back, and when it was cancelled.
 */
import { status as Status } from '@grpc/grpc-js';
import {
  Dictionary,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { messagesOf } from '../../proxy/data-frames/testing/arrow-messages';
import {
  failCall,
  flightData,
  startFlightServer,
  type DataCall,
  type TestServer,
} from '../../proxy/flight-sql/testing/flight-test-server';

/** How a call went on the server's side. */
export interface SentResult {
  sql: string;
  bytes: number;
  /** True while the client takes no more. */
  isHeldBack: boolean;
  /** By the clock of `performance`; undefined unless the client went away. */
  cancelledAtMs: number | undefined;
  isOver: boolean;
}

export interface EndlessServer extends Pick<TestServer, 'port' | 'kill'> {
  results: SentResult[];
}

/** Rows of each batch. */
export const BATCH_ROWS = 8192;

const NS = 1_000_000_000n;

/** One batch of a kind of result. `index` counts batches, so that rows need not repeat. */
type Batch = (index: number) => Table;

function column<T extends Int32 | Int64 | TimestampNanosecond>(type: T, data: Int32Array | BigInt64Array): Vector<T> {
  return new Vector([makeData({ type, length: data.length, nullCount: 0, data } as never) as never]);
}

/** Texts of one length, which differ in their last digits. */
function texts(length: number, number: (row: number) => number): Vector<Utf8> {
  const data = new Uint8Array(BATCH_ROWS * length).fill(0x78);
  const valueOffsets = new Int32Array(BATCH_ROWS + 1);
  for (let row = 0; row < BATCH_ROWS; row++) {
    valueOffsets[row + 1] = (row + 1) * length;
    Buffer.from(data.buffer).write(String(number(row)).padStart(12, '0'), valueOffsets[row + 1] - 12, 'latin1');
  }
  return new Vector([makeData({ type: new Utf8(), length: BATCH_ROWS, nullCount: 0, valueOffsets, data })]);
}

/** One type for all batches: its id tells which dictionary a batch replaces. */
const WORDS = new Dictionary(new Utf8(), new Int32(), 7);

/** Rows that use each of so many words once, and then the first. */
function dictionaryOf(count: number, wordAt: (word: number) => string): Vector<Dictionary<Utf8, Int32>> {
  const rows = Array.from({ length: BATCH_ROWS }, (_, row) => wordAt(row < count ? row : 0));
  return vectorFromArray(rows, WORDS);
}

const times = (index: number) =>
  column(
    new TimestampNanosecond('+00:00'),
    BigInt64Array.from({ length: BATCH_ROWS }, (_, row) => BigInt(index * BATCH_ROWS + row) * NS)
  );

const unique = (index: number) => (row: number) => index * BATCH_ROWS + row;

/** What the server can be asked for, by the SQL. */
export const ENDLESS: Readonly<Record<string, Batch>> = {
  numbers: (index) => {
    const values = () => BigInt64Array.from({ length: BATCH_ROWS }, (_, row) => BigInt(index * BATCH_ROWS + row));
    return new Table({
      a: column(new Int64(), values()),
      b: column(new Int64(), values()),
      c: column(new Int64(), values()),
    });
  },
  points: (index) => new Table({ time: times(index), value: column(new Int32(), new Int32Array(BATCH_ROWS)) }),
  // Every line has labels of its own, every series one point: what costs most objects.
  lines: (index) => new Table({ time: times(index), msg: texts(120, unique(index)), target: texts(20, unique(index)) }),
  // Each batch brings a dictionary of a megabyte.
  words: (index) => new Table({ word: dictionaryOf(1000, (word) => `${index} ${word} `.padEnd(1000, 'x')) }),
  series: (index) =>
    new Table({
      time: times(index),
      name: texts(20, unique(index)),
      value: column(new Int32(), new Int32Array(BATCH_ROWS)),
    }),
};

function messages(table: Table): Buffer[] {
  return messagesOf(table).map(({ header, body }) => flightData(header, body));
}

/** The schema and no rows. */
function schemaOnly(table: Table): Buffer {
  const { schema } = table;
  const none = new RecordBatch(
    new Schema(schema.fields),
    makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0 })
  );
  return messages(new Table([none]))[0];
}

/**
 * The SQL is a name of `ENDLESS`, with a number of batches after it where they are to end (`numbers 3`). After that stands
 * what comes then, if it is not the end of a good result: `fail` for an error, `wait` for nothing.
 */
export async function startEndlessServer(): Promise<EndlessServer> {
  const results: SentResult[] = [];
  const kept = new Map<string, Buffer[]>();
  const batchOf = (name: string, index: number): Buffer[] => {
    // Numbers may repeat: nothing is kept of them beside their bytes.
    const key = name === 'numbers' || name === 'words' ? `${name} ${index % 4}` : `${name} ${index}`;
    const batch = kept.get(key) ?? messages(ENDLESS[name](index)).slice(1);
    kept.set(key, batch);
    return batch;
  };
  const send = (call: DataCall, sql: string): void => {
    const [name, count = 'Infinity', then] = sql.split(' ');
    const result: SentResult = { sql, bytes: 0, isHeldBack: false, cancelledAtMs: undefined, isOver: false };
    results.push(result);
    call.on('cancelled', () => {
      result.cancelledAtMs = performance.now();
      result.isOver = true;
    });
    call.write(schemaOnly(ENDLESS[name](0)));
    let index = 0;
    const next = (): void => {
      result.isHeldBack = false;
      for (let turn = 0; turn < 8; turn++) {
        if (result.isOver) {
          return;
        }
        if (index >= Number(count)) {
          result.isOver = then !== 'wait';
          if (then === undefined) {
            call.end();
          } else if (then === 'fail') {
            failCall(call, Status.INTERNAL, 'error building data stream: Arrow error: Divide by zero (query_id=1-2)');
          }
          return;
        }
        const batch = batchOf(name, index++);
        result.bytes += batch.reduce((sum, { length }) => sum + length, 0);
        const room = batch.map((message) => call.write(message));
        if (room.includes(false)) {
          result.isHeldBack = true;
          call.once('drain', next);
          return;
        }
      }
      setImmediate(next);
    };
    next();
  };
  const { port, kill } = await startFlightServer({ doGet: (sql, call) => send(call, sql) });
  return { port, kill, results };
}
