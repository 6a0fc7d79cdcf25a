/**
 * A Flight server with endless results. The server records for each call the number of sent bytes, whether backpressure
 * stops the sending, and whether the client has cancelled.
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
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  failCall,
  flightData,
  startFlightServer,
  type DataCall,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';

/** The state of a call on the server. */
export interface SentResult {
  sql: string;
  bytes: number;
  /** True while backpressure stops the server. */
  isPaused: boolean;
  /** True after the client has cancelled. */
  isCancelled: boolean;
  isOver: boolean;
}

export interface EndlessServer extends Pick<TestServer, 'port' | 'kill'> {
  results: SentResult[];
}

/** Rows per batch. */
export const BATCH_ROWS = 8192;

const NS = 1_000_000_000n;

/** Creates a batch. Its rows depend on `index`, the number of the batch, so that batches differ. */
type Batch = (index: number) => Table;

function column<T extends Int32 | Int64 | TimestampNanosecond>(type: T, data: Int32Array | BigInt64Array): Vector<T> {
  return new Vector([makeData({ type, length: data.length, nullCount: 0, data } as never) as never]);
}

/** Strings of equal length, which differ only in their last 12 digits. */
function strings(length: number, number: (row: number) => number): Vector<Utf8> {
  const data = new Uint8Array(BATCH_ROWS * length).fill(0x78);
  const valueOffsets = new Int32Array(BATCH_ROWS + 1);
  for (let row = 0; row < BATCH_ROWS; row++) {
    valueOffsets[row + 1] = (row + 1) * length;
    Buffer.from(data.buffer).write(String(number(row)).padStart(12, '0'), valueOffsets[row + 1] - 12, 'latin1');
  }
  return new Vector([makeData({ type: new Utf8(), length: BATCH_ROWS, nullCount: 0, valueOffsets, data })]);
}

/** All batches share this type, because the id in the type determines which dictionary a batch replaces. */
const WORDS = new Dictionary(new Utf8(), new Int32(), 7);

/** A column with `count` different words. The remaining rows repeat the first word. */
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

/** The results of the server, by the second word of the SQL. */
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
  // `lines` and `series` create the most objects: every log line has its own labels, and every series has one point.
  lines: (index) =>
    new Table({ time: times(index), msg: strings(120, unique(index)), target: strings(20, unique(index)) }),
  // Each batch comes with a dictionary of 1 MB.
  words: (index) => new Table({ word: dictionaryOf(1000, (word) => `${index} ${word} `.padEnd(1000, 'x')) }),
  series: (index) =>
    new Table({
      time: times(index),
      name: strings(20, unique(index)),
      value: column(new Int32(), new Int32Array(BATCH_ROWS)),
    }),
};

function messages(table: Table): Buffer[] {
  return messagesOf(table).map(({ header, body }) => flightData(header, body));
}

/** The schema message. */
function schemaOnly(table: Table): Buffer {
  const { schema } = table;
  const none = new RecordBatch(
    new Schema(schema.fields),
    makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0 })
  );
  return messages(new Table([none]))[0];
}

/**
 * Starts the server. The SQL is FROM with a name in `ENDLESS`, optionally followed by a number of batches, as in `FROM
 * numbers 3`. After that number of batches, the result ends. If the last word is `fail`, the call fails there. If the
 * last word is `wait`, the call stays open.
 */
export async function startEndlessServer(): Promise<EndlessServer> {
  const results: SentResult[] = [];
  const cache = new Map<string, Buffer[]>();
  const batchOf = (name: string, index: number): Buffer[] => {
    // Batches of `numbers` and `words` may repeat: the plugin stores only their bytes, so equal values take as much
    // memory as different ones.
    const key = name === 'numbers' || name === 'words' ? `${name} ${index % 4}` : `${name} ${index}`;
    const batch = cache.get(key) ?? messages(ENDLESS[name](index)).slice(1);
    cache.set(key, batch);
    return batch;
  };
  const send = (call: DataCall, sql: string): void => {
    const [, name, count = 'Infinity', then] = sql.split(' ');
    const result: SentResult = { sql, bytes: 0, isPaused: false, isCancelled: false, isOver: false };
    results.push(result);
    call.on('cancelled', () => {
      result.isCancelled = true;
      result.isOver = true;
    });
    call.write(schemaOnly(ENDLESS[name](0)));
    let index = 0;
    const next = (): void => {
      result.isPaused = false;
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
        const isWritable = batch.map((message) => call.write(message));
        if (isWritable.includes(false)) {
          result.isPaused = true;
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
