/**
 * Tables that a fake Flight server returns for the statements of traces and profiles. A test can replace the columns of
 * most tables.
 */
import {
  Binary,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  Table,
  TimestampNanosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';

/** The only process, and its only stream. */
export const PROCESS = '11111111-2222-3333-4444-555555555555';
export const STREAM = '66666666-7777-8888-9999-aaaaaaaaaaaa';
/** Start of the time range of the queries, in milliseconds since 1970. */
export const FROM_MS = 1_700_000_000_000;
const FROM_NS = BigInt(FROM_MS) * 1_000_000n;

/** Strings without a dictionary. */
export const strings = (rows: number, valueOf: (row: number) => string | null): Vector =>
  vectorFromArray(
    Array.from({ length: rows }, (_, row) => valueOf(row)),
    new Utf8()
  );

const integers = (rows: number, valueOf: (row: number) => bigint): Vector =>
  new Vector([makeData({ type: new Int64(), data: BigInt64Array.from({ length: rows }, (_, row) => valueOf(row)) })]);

const doubles = (rows: number, value: number): Vector =>
  new Vector([makeData({ type: new Float64(), data: new Float64Array(rows).fill(value) })]);

const times = (rows: number): Vector =>
  new Vector([makeData({ type: new TimestampNanosecond(), data: new BigInt64Array(rows).fill(FROM_NS) })]);

/** JSONB. */
const EMPTY_OBJECT = Uint8Array.of(0x40, 0, 0, 0);
const EMPTY_ARRAY = Uint8Array.of(0x80, 0, 0, 0);

/** Rows that all refer to the only value of a dictionary. */
export function shared(rows: number, value: string | Uint8Array): Vector {
  const valueType = typeof value === 'string' ? new Utf8() : new Binary();
  const type = new Dictionary(valueType, new Int32());
  const dictionary = vectorFromArray([value], valueType);
  return new Vector([makeData({ type, data: new Int32Array(rows), dictionary })]);
}

/** A string of this many characters, which differs from the strings of other rows only at its end. */
export function longString(characters: number, row: number): string {
  return `${'x'.repeat(characters - 8)}${String(row).padStart(8, '0')}`;
}

/** Columns that replace the default columns. */
type Columns = Readonly<Record<string, Vector>>;

export function processRows(columns: Columns = {}): Table {
  return new Table({ process_id: shared(1, PROCESS), exe: shared(1, 'app'), last_seen: times(1), ...columns });
}

export function streamRows(columns: Columns = {}): Table {
  return new Table({
    stream_id: shared(1, STREAM),
    tags: vectorFromArray([['cpu']], new List(new Field('item', new Utf8()))),
    format: shared(1, 'transit'),
    thread_name: shared(1, 'main'),
    thread_id: shared(1, '1'),
    ...columns,
  });
}

/** Calls to services that record no spans. */
export function peerRows(rows: number, nameOf: (row: number) => string): Table {
  return new Table({
    part: shared(rows, 'peer'),
    source: shared(rows, 'app'),
    target: strings(rows, nameOf),
    calls: doubles(rows, 1),
    errors: doubles(rows, 0),
    mean_ns: doubles(rows, 1),
    p95_ns: doubles(rows, 1),
  });
}

/** Function calls of one thread, one after the other. */
export function callRows(rows: number, columns: Columns = {}): Table {
  return new Table({
    stream_id: shared(rows, STREAM),
    id: integers(rows, BigInt),
    parent: integers(rows, () => -1n),
    depth: doubles(rows, 1),
    name: shared(rows, 'tick'),
    filename: shared(rows, 'main.rs'),
    target: shared(rows, 'game'),
    line: doubles(rows, 1),
    begin: integers(rows, (row) => FROM_NS + BigInt(row)),
    end: integers(rows, (row) => FROM_NS + BigInt(row + 1)),
    ...columns,
  });
}

/** Root spans of one trace. */
export function spanRows(rows: number, columns: Columns = {}): Table {
  const same = Object.entries({
    process_id: PROCESS,
    exe: 'app',
    username: 'ada',
    computer: 'host',
    name: 'GET',
    kind: 'SERVER',
    status: 'OK',
    status_message: '',
  }).map(([name, value]) => [name, shared(rows, value)] as const);
  return new Table({
    ...Object.fromEntries(same),
    process_properties: shared(rows, EMPTY_OBJECT),
    properties: shared(rows, EMPTY_OBJECT),
    events: shared(rows, EMPTY_ARRAY),
    links: shared(rows, EMPTY_ARRAY),
    span_id: strings(rows, (row) => row.toString(16).padStart(16, '0')),
    parent_span_id: strings(rows, () => null),
    start_ns: integers(rows, () => FROM_NS),
    duration: integers(rows, () => 1n),
    ...columns,
  });
}
