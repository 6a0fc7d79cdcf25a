/**
 * Damaged results of a Flight server. Seed and number of a stream determine its changes, so that every run can be
 * repeated. Headers are changed more often than bodies, because the offsets and lengths in the headers locate all other
 * data.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Bool,
  Dictionary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  type RecordBatch,
  Table,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { type QueryFormat } from '../../contract/result-format';
import { type IpcMessage } from '../../proxy/frames/arrow-ipc';
import { generator, splitStream } from '../../proxy/frames/arrow-ipc/testing/ipc-bytes';
import { messagesOf, timeColumn } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { ROOT } from '../support/plugin';

const GOLDEN = join(ROOT, 'proxy', 'frames', 'data-frames', 'golden');

type Random = (below: number) => number;

/** Lengths, counts and offsets near the bounds of alignments (8 and 64 bytes) and of integer types. */
const EDGES = [0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8];

const ROWS = 40;

/** An undamaged result, and the formats that it can be shown in. */
export interface BaseStream {
  name: string;
  formats: readonly QueryFormat[];
  messages: IpcMessage[];
}

const TABLE: readonly QueryFormat[] = ['table'];
const SERIES: readonly QueryFormat[] = ['table', 'time_series'];
const ALL: readonly QueryFormat[] = ['table', 'logs', 'time_series'];

/** The golden streams, and tables of the types that the plugin passes through unconverted. */
export function baseStreams(): BaseStream[] {
  const golden = readdirSync(GOLDEN)
    .filter((name) => name.endsWith('.arrows'))
    .map((name) => ({
      name,
      formats: /types?\b/.test(name) ? ALL : TABLE,
      messages: splitStream(readFileSync(join(GOLDEN, name))),
    }));
  return [
    ...golden,
    { name: 'numbers', formats: SERIES, messages: twice(numbers()) },
    { name: 'texts', formats: ALL, messages: twice(stringTable()) },
    { name: 'logs', formats: ALL, messages: twice(logs()) },
    { name: 'series', formats: SERIES, messages: messagesOf(series()) },
    { name: 'labelled series', formats: ALL, messages: twice(new Table({ ...columnsOf(series()), host: words() })) },
  ];
}

/**
 * A copy of a stream with at most five changes.
 *
 * @param seed   Seed of the run.
 * @param number Number of the stream in the run.
 */
export function mutatedStream(base: BaseStream, seed: number, number: number): IpcMessage[] {
  const random = generator(Math.imul(seed, 2_654_435_761) ^ Math.imul(number + 1, 40_503));
  random(2);
  let messages: Bytes[] = base.messages.map(({ header, body }) => ({
    header: Buffer.from(header),
    body: Buffer.from(body),
  }));
  for (let change = random(3) === 0 ? random(5) : 0; change >= 0; change--) {
    messages = changed(messages, random);
  }
  return messages;
}

interface Bytes {
  header: Buffer;
  body: Buffer;
}

function changed(messages: Bytes[], random: Random): Bytes[] {
  // The schema is changed rarely, because the plugin reads the other messages only if the schema is valid.
  const at = random(8) === 0 ? 0 : Math.min(messages.length - 1, 1 + random(Math.max(1, messages.length - 1)));
  const message = messages[at];
  if (message === undefined) {
    return messages;
  }
  switch (random(16)) {
    case 0:
      return random(4) === 0 ? messages.toSpliced(at, 1) : messages;
    case 1:
      return messages.toSpliced(at, 0, message);
    case 2:
      return messages.with(at, { ...message, body: resized(message.body, random) });
    case 3:
      return messages.with(at, { ...message, header: resized(message.header, random) });
    case 4:
    case 5:
    case 6:
      changeBytes(message.body, random);
      return messages;
    case 7:
      changeBytes(message.header, random);
      return messages;
    default:
      changeNumber(message.header, random);
      return messages;
  }
}

function resized(bytes: Buffer, random: Random): Buffer {
  const more = random(2) === 0 ? 8 * (1 + random(4)) : -8 * (1 + random(4));
  const longer = Buffer.alloc(Math.max(0, bytes.length + more));
  bytes.copy(longer);
  return longer;
}

function changeBytes(bytes: Buffer, random: Random): void {
  if (bytes.length < 4) {
    return;
  }
  if (random(2) === 0) {
    bytes[random(bytes.length)] = random(256);
  } else {
    bytes.writeUInt32LE(EDGES[random(EDGES.length)] ?? 0, 4 * random(bytes.length >> 2));
  }
}

/**
 * Changes a number of 32 bits (an offset, a length or a count) or of 16 bits (possibly part of a FlatBuffers vtable).
 */
function changeNumber(header: Buffer, random: Random): void {
  if (header.length < 16) {
    return;
  }
  const position = () => 4 * random(header.length >> 2);
  const at = position();
  const value = header.readUInt32LE(at);
  switch (random(5)) {
    case 0:
      header.writeUInt32LE((value + 1 + random(16)) >>> 0, at);
      break;
    case 1:
      header.writeUInt32LE(Math.max(0, value - 1 - random(16)), at);
      break;
    case 2:
      header.writeUInt32LE(EDGES[random(EDGES.length)] ?? 0, at);
      break;
    case 3:
      header.writeUInt32LE(header.readUInt32LE(position()), at);
      break;
    default:
      header.writeUInt16LE(random(64), 2 * random(header.length >> 1));
  }
}

function twice(table: Table): IpcMessage[] {
  return messagesOf([...table.batches, ...table.slice(3, ROWS - 5).batches] as RecordBatch[]);
}

function columnsOf(table: Table): Record<string, never> {
  return Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)] as never));
}

/** A value for each row. Rows 3, 3 + nullEvery, and so on are null. */
function rows<T>(value: (row: number) => T, nullEvery = 7): Array<T | null> {
  return full(value).map((each, row) => (row % nullEvery === 3 ? null : each));
}

/** A value for each row, none of them null. */
function full<T>(value: (row: number) => T): T[] {
  return Array.from({ length: ROWS }, (_, row) => value(row));
}

function numbers(): Table {
  return new Table({
    time: timeColumn(full((row) => 1_767_312_000_000_000_000n + BigInt(row))),
    i8: vectorFromArray(
      rows((row) => row - 20),
      new Int8()
    ),
    i16: vectorFromArray(
      rows((row) => row - 20),
      new Int16()
    ),
    i32: vectorFromArray(
      rows((row) => row - 20),
      new Int32()
    ),
    i64: vectorFromArray(
      rows((row) => BigInt(row) - 20n),
      new Int64()
    ),
    u8: vectorFromArray(
      rows((row) => row),
      new Uint8()
    ),
    u16: vectorFromArray(
      rows((row) => row),
      new Uint16()
    ),
    u32: vectorFromArray(
      rows((row) => row),
      new Uint32()
    ),
    u64: vectorFromArray(
      rows((row) => BigInt(row)),
      new Uint64()
    ),
    f32: vectorFromArray(
      rows((row) => row / 2),
      new Float32()
    ),
    f64: vectorFromArray(
      rows((row) => row / 3),
      new Float64()
    ),
    flag: vectorFromArray(
      rows((row) => row % 2 === 0),
      new Bool()
    ),
  });
}

function stringTable(): Table {
  return new Table({
    time: timeColumn(rows((row) => 1_767_312_000_000_000_000n + BigInt(row), 5)),
    text: vectorFromArray(
      rows((row) => `a text, é, number ${row}`),
      new Utf8()
    ),
    full: vectorFromArray(
      full((row) => 'x'.repeat(row)),
      new Utf8()
    ),
    flag: vectorFromArray(
      rows((row) => row % 3 === 0),
      new Bool()
    ),
  });
}

function words() {
  return vectorFromArray(
    rows((row) => ['alpha', 'beta', 'a word of more than twelve bytes'][row % 3] ?? ''),
    new Dictionary(new Utf8(), new Int32())
  );
}

function logs(): Table {
  return new Table({
    time: timeColumn(rows((row) => 1_767_312_000_000_000_000n + BigInt(row), 11)),
    level: vectorFromArray(
      rows((row) => 1 + (row % 6)),
      new Int32()
    ),
    target: words(),
    msg: vectorFromArray(
      rows((row) => `message ${row}`),
      new Utf8()
    ),
    count: vectorFromArray(
      rows((row) => BigInt(row)),
      new Int64()
    ),
  });
}

/**
 * A series. Its times (ascending) and numbers have no nulls, so the plugin passes them through unconverted. Its flags
 * have nulls.
 */
function series(): Table {
  return new Table({
    time: timeColumn(full((row) => 1_767_312_000_000_000_000n + BigInt(row) * 1_000_000_000n)),
    value: vectorFromArray(
      full((row) => row / 2),
      new Float64()
    ),
    flag: vectorFromArray(
      rows((row) => row % 2 === 0),
      new Bool()
    ),
  });
}
