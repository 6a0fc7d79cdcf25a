/**
 * Metadata is rejected if it announces more elements than it contains, or if many elements share bytes. Without
 * limits, such messages need much memory: 9 GB for 20,000 fields that share a name of 1 MB, 3 GB for 40 million table
 * offsets, and 6 GB for 1,000 columns that share 8 MB of buffers.
 */
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { Builder } from 'flatbuffers';
import { type ArrowField, type ArrowType } from './arrow-type';
import { MAX_METADATA_BYTES, MAX_METADATA_STRING_BYTES, MAX_NAME_BYTES } from './flatbuffer-table';
import { type IpcMessage, readMessageHeader } from './message-header';
import { MAX_SCHEMA_DEPTH, MAX_FIELDS } from './read-schema';
import { ResultReader } from './result-reader';
import {
  batchMessageOf,
  type BatchParts,
  dictionaryMessageOf,
  field,
  int32s,
  schemaMessageOf,
} from './testing/write-ipc';
import { batchMessage } from './write-batch-header';

const INT32: ArrowType = { kind: 'int', bits: 32, signed: true };
const LONG_NAME = 'n'.repeat(1_000_000);
const NO_BYTES = new Uint8Array(0);

function read(...messages: IpcMessage[]): ResultReader {
  const reader = new ResultReader(unlimitedAccount());
  messages.forEach((message) => reader.read(message));
  return reader;
}

function fields(count: number, type: ArrowType = INT32, name = (index: number) => `c${index}`): ArrowField[] {
  return Array.from({ length: count }, (_, index) => field(name(index), type));
}

function nested(levels: number): ArrowType {
  return levels === 0 ? INT32 : { kind: 'list', item: field('item', nested(levels - 1)) };
}

function timestamp(timezone: string): ArrowType {
  return { kind: 'timestamp', unit: 'nanosecond', timezone };
}

/** A schema message that announces `length` fields, but contains only `present` of them. */
function schemaAnnouncing(length: number, present: number): Uint8Array {
  const builder = new Builder(present * 4 + 1024);
  builder.startVector(4, present, 4);
  for (let index = 0; index < present; index++) {
    builder.addInt32(4);
  }
  const vector = builder.endVector();
  builder.startObject(4);
  builder.addFieldOffset(1, vector, 0);
  const schema = builder.endObject();
  builder.startObject(5);
  builder.addFieldOffset(2, schema, 0);
  builder.addFieldInt16(0, 4, 0);
  builder.addFieldInt8(1, 1, 0);
  builder.finish(builder.endObject());
  const bytes = builder.asUint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The elements are at the end of the message. The number of elements is before the first one.
  view.setUint32(bytes.length - present * 4 - 4, length, true);
  return bytes;
}

describe('a schema', () => {
  it.each([
    ['10,000 fields', fields(10_000, INT32, (index) => `a name of a column, number ${index}`.padEnd(100, '.'))],
    ['the maximum number of fields', fields(MAX_FIELDS)],
    ['types of the maximum depth', fields(1, nested(MAX_SCHEMA_DEPTH))],
    ['names of the maximum total length', fields(MAX_METADATA_STRING_BYTES / MAX_NAME_BYTES, INT32, () => LONG_NAME)],
  ])('may have %s', (_, all) => {
    expect(read(schemaMessageOf(all)).schema?.fields).toHaveLength(all.length);
  });

  it.each([
    ['one field more than the limit', fields(MAX_FIELDS + 1), 'too many fields'],
    ['one nested field more than the limit', fields(MAX_FIELDS / 2 + 1, nested(1)), 'too many fields'],
    ['types one level deeper than the limit', fields(1, nested(MAX_SCHEMA_DEPTH + 1)), 'nested deeper than 64 levels'],
    ['many fields that share a long name', fields(10_000, INT32, () => LONG_NAME), 'more than 4 MiB'],
    ['many fields that share a time zone', fields(10_000, timestamp('z'.repeat(1_000_000))), 'more than 4 MiB'],
  ])('may not have %s', (_, all, message) => {
    const { header } = schemaMessageOf(all);
    expect(() => readMessageHeader(header)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
    expect(() => readMessageHeader(header)).toThrow(message);
  });

  it('is read, and its long names are truncated', () => {
    expect(read(schemaMessageOf([field(LONG_NAME, INT32)])).schema?.fields[0]?.name).toBe(`${'n'.repeat(4096)}…`);
  });

  it('is rejected if it has more table offsets than the limit for fields', () => {
    expect(() => readMessageHeader(schemaAnnouncing(3_900_000, 3_900_000))).toThrow('too many fields');
    expect(() => readMessageHeader(schemaAnnouncing(40_000_000, 100))).toThrow(
      'the metadata of a message is truncated'
    );
  });

  it('is rejected if its metadata is too long', () => {
    expect(() => readMessageHeader(new Uint8Array(MAX_METADATA_BYTES + 1))).toThrow('more than 16 MiB');
  });

  it('is rejected if columns of different types share a dictionary', () => {
    const dictionary = (value: ArrowType): ArrowType => ({
      kind: 'dictionary',
      id: 7,
      index: { kind: 'int', bits: 32, signed: true },
      value,
    });
    const sharing = (value: ArrowType) =>
      schemaMessageOf([field('a', dictionary({ kind: 'utf8' })), field('b', dictionary(value))]);
    expect(read(sharing({ kind: 'utf8' })).schema?.fields).toHaveLength(2);
    expect(() => read(sharing(INT32))).toThrow('two columns of different types share a dictionary');
    // A dictionary that contains itself could expand to 2^n values after n replacements.
    const itself = dictionary({ kind: 'list', item: field('item', dictionary(INT32)) });
    expect(() => read(schemaMessageOf([field('a', itself)]))).toThrow('share a dictionary');
  });
});

describe('a batch', () => {
  const schema = schemaMessageOf([field('a', INT32), field('b', { kind: 'utf8' }), field('v', { kind: 'utf8View' })]);
  const good: BatchParts & { places: ReadonlyArray<readonly [number, number]>; variadicCounts: readonly number[] } = {
    length: 2,
    nodes: [
      [2, 0],
      [2, 0],
      [2, 0],
    ],
    buffers: [NO_BYTES, int32s(1, 2), NO_BYTES, int32s(0, 1, 3), Buffer.from('abc'), NO_BYTES, new Uint8Array(32)],
    places: [
      [0, 0],
      [0, 8],
      [8, 0],
      [8, 12],
      [24, 3],
      [24, 0],
      [32, 32],
    ],
    variadicCounts: [0],
  };
  const places = (...changed: Array<[index: number, place: [number, number]]>) => ({
    ...good,
    places: changed.reduce<ReadonlyArray<readonly [number, number]>>(
      (all, [index, place]) => all.with(index, place),
      good.places
    ),
  });

  it.each([
    ['buffers one after the other', good],
    ['empty buffers at any position', places([0, [64, 0]], [2, [1, 0]], [5, [20, 0]])],
    ['buffers that are not in the order of the body', places([1, [32, 8]], [6, [40, 32]], [3, [0, 12]], [4, [12, 3]])],
  ])('may have %s', (_, parts) => {
    const body = new Uint8Array(72);
    const message = { header: batchMessage(2, parts.nodes, parts.places, 72, parts.variadicCounts), body };
    expect(read(schema).read(message)?.length).toBe(2);
  });

  it.each([
    ['buffers on the same bytes', places([3, [32, 12]]), 'overlap'],
    ['buffers that overlap by a byte', places([1, [1, 8]]), 'overlap'],
    ['buffers that overlap out of order', places([1, [36, 8]]), 'overlap'],
    ['a buffer beyond its body', places([6, [33, 32]]), 'outside of its message'],
    ['a buffer before its body', places([1, [-8, 8]]), 'outside of its message'],
    ['too few columns', { ...good, nodes: good.nodes.slice(1) }, 'the number of columns'],
    ['too many columns', { ...good, nodes: [...good.nodes, [2, 0] as const] }, 'the number of columns'],
    ['too few buffers', { ...good, places: good.places.slice(1) }, 'the number of buffers'],
    ['too many buffers', { ...good, places: [...good.places, [0, 0] as const] }, 'the number of buffers'],
    ['a view with more buffers than the batch', { ...good, variadicCounts: [2 ** 40] }, 'the number of buffers'],
    [
      'a negative number of buffers of a view',
      { ...good, variadicCounts: [-1] },
      /negative number of buffers|out of range/,
    ],
    ['a buffer count without a view column', { ...good, variadicCounts: [0, 0] }, 'the number of view columns'],
    ['a view column without a buffer count', { ...good, variadicCounts: [] }, 'the number of view columns'],
  ])('may not have %s', (_, parts, message) => {
    expect(() => read(schema, batchMessageOf(parts))).toThrow(message);
    expect(() => read(schema, batchMessageOf(parts))).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it.each([-8, 8])('may not have a body that differs by %i bytes from the length in its header', (more) => {
    const { header, body } = batchMessageOf(good);
    expect(() => read(schema, { header, body: new Uint8Array(body.length + more) })).toThrow(
      'the length of a message differs'
    );
  });

  it('is rejected if columns without buffers have too many rows', () => {
    const nulls = schemaMessageOf(fields(100, { kind: 'null' }));
    const batch = (length: number) =>
      batchMessageOf({ length, nodes: Array.from({ length: 100 }, () => [length, length] as const), buffers: [] });
    expect(read(nulls).read(batch(8192))?.length).toBe(8192);
    expect(() => read(nulls, batch(2_000_000))).toThrow('impossible length');
  });
});

it('computes the null count of a column if the header announces nulls', () => {
  const reader = read(schemaMessageOf([field('a', INT32)]));
  const batch = (nullCount: number, bits: number) =>
    reader.read(batchMessageOf({ length: 3, nodes: [[3, nullCount]], buffers: [Uint8Array.of(bits), int32s(1, 2, 3)] }))
      ?.columns[0];
  expect(batch(3, 0b11111101)).toMatchObject({ nullCount: 1, validity: Uint8Array.of(0b11111101) });
  expect(batch(3, 0b111)).toMatchObject({ nullCount: 0, validity: null });
  expect(batch(0, 0)).toMatchObject({ nullCount: 0, validity: null });
});

it('rejects a dictionary of too many pieces', () => {
  const type: ArrowType = { kind: 'dictionary', id: 0, index: { kind: 'int', bits: 8, signed: true }, value: INT32 };
  const delta = dictionaryMessageOf({ length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, int32s(1)] }, { isDelta: true });
  const reader = read(schemaMessageOf([field('a', type)]));
  const send = (count: number) => {
    for (let sent = 0; sent < count; sent++) {
      reader.read(delta);
    }
  };
  send(4096);
  expect(() => send(1)).toThrow('more than 4096 pieces');
});

describe('dictionaries in pieces', () => {
  const WORD: ArrowType = {
    kind: 'dictionary',
    id: 0,
    index: { kind: 'int', bits: 32, signed: true },
    value: { kind: 'utf8' },
  };
  const piece = (bytes: number, isDelta: boolean) =>
    dictionaryMessageOf(
      { length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, int32s(0, bytes), new Uint8Array(bytes).fill(0x61)] },
      { isDelta }
    );
  const batch = (columns: number) =>
    batchMessageOf({
      length: 1,
      nodes: Array.from({ length: columns }, () => [1, 0] as const),
      buffers: Array.from({ length: columns }, () => [NO_BYTES, int32s(0)]).flat(),
    });

  it('have one limit for all columns, because each column keeps each piece', () => {
    const reader = read(schemaMessageOf(fields(4000, WORD)));
    expect(() => Array.from({ length: 20 }, (_, index) => reader.read(piece(1, index > 0)))).toThrow(
      expect.objectContaining({ code: 'result_too_large' })
    );
  });

  it('may have many pieces in one column', () => {
    const reader = read(schemaMessageOf(fields(1, WORD)));
    Array.from({ length: 4000 }, (_, index) => reader.read(piece(1, index > 0)));
    expect(reader.read(batch(1))?.columns[0]?.dictionary?.chunks).toHaveLength(4000);
  });

  it('are rejected if small batches make the reader concatenate the pieces again and again', () => {
    const reader = read(schemaMessageOf(fields(1, WORD)), piece(10_000_000, false));
    const grow = () => [reader.read(piece(1, true)), reader.read(batch(1))];
    expect(() => Array.from({ length: 1000 }, grow)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  });

  it('may grow with the result', () => {
    const reader = read(schemaMessageOf(fields(2, WORD)));
    const grow = (index: number) => [reader.read(piece(1000, index > 0)), reader.read(batch(2))];
    expect(Array.from({ length: 400 }, (_, index) => grow(index))).toHaveLength(400);
  });

  it('may be replaced as often as there are batches', () => {
    const reader = read(schemaMessageOf(fields(1000, WORD)));
    const replace = () => [reader.read(piece(1000, false)), reader.read(batch(1000))];
    expect(Array.from({ length: 500 }, replace)).toHaveLength(500);
  });
});
