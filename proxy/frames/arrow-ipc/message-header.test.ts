import {
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int8,
  List,
  RecordBatchStreamWriter,
  Struct,
  Table,
  TimestampNanosecond,
  Uint16,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatType } from './arrow-type';
import { readEncapsulatedSchema, readMessageHeader } from './message-header';
import { generator, splitStream } from './testing/ipc-bytes';
import { field, schemaMessageOf } from './testing/write-ipc';

const stream = RecordBatchStreamWriter.writeAll(
  new Table({
    text: vectorFromArray(['a'], new Utf8()),
    word: vectorFromArray(['a'], new Dictionary(new Utf8(), new Int32())),
    small: vectorFromArray([1], new Uint16()),
    list: vectorFromArray([[1]], new List(new Field('item', new Int8(), true))),
    struct: vectorFromArray([{ x: 1 }], new Struct([new Field('x', new Float64(), true)])),
    amount: vectorFromArray([null], new Decimal(2, 10, 128)),
    time: vectorFromArray([null], new TimestampNanosecond('+00:00')),
    local: vectorFromArray([null], new TimestampNanosecond()),
  })
).toUint8Array(true);

it('reads the schema at the start of a stream', () => {
  const { fields } = readEncapsulatedSchema(stream);
  expect(fields.map(({ name, type }) => `${name} ${formatType(type)}`)).toEqual([
    'text Utf8',
    'word Dictionary(Int32, Utf8)',
    'small UInt16',
    'list List(Int8)',
    'struct Struct(x: Float64)',
    'amount Decimal128(10, 2)',
    'time Timestamp(Nanosecond, "+00:00")',
    'local Timestamp(Nanosecond, None)',
  ]);
});

it('rejects a truncated message if more than padding is missing', () => {
  const size = Buffer.from(stream.buffer, stream.byteOffset).readInt32LE(4);
  const whole = readMessageHeader(stream.subarray(8, 8 + size));
  for (let kept = 0; kept < size; kept++) {
    const header = stream.subarray(8, 8 + kept);
    if (size - kept < 8) {
      expect([whole, undefined]).toContainEqual(attempt(header));
    } else {
      expect(() => readMessageHeader(header)).toThrow('not valid Arrow data');
    }
  }
});

function attempt(header: Uint8Array): unknown {
  try {
    return readMessageHeader(header);
  } catch (reason) {
    expect(reason).toMatchObject({ code: 'result_malformed' });
    return undefined;
  }
}

it.each([
  ['an empty buffer', new Uint8Array(0)],
  ['only zero bytes', new Uint8Array(64)],
  ['only 0xff bytes', new Uint8Array(64).fill(255)],
])('rejects %s', (_, bytes) => {
  expect(() => readEncapsulatedSchema(bytes)).toThrow('not valid Arrow data');
});

it.each([
  { bits: 32, unit: 'microsecond' },
  { bits: 32, unit: 'nanosecond' },
  { bits: 64, unit: 'second' },
  { bits: 64, unit: 'millisecond' },
] as const)('rejects a time of day of $bits bits in $unit', (time) => {
  const { header } = schemaMessageOf([field('time', { kind: 'time', ...time })]);
  expect(() => readMessageHeader(header)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
});

it('reads headers with changed bytes, or rejects them with result_malformed', () => {
  const golden = ['every-type.arrows', 'every-type-lz4.arrows', 'delta-dictionaries.arrows', 'pyarrow-types.arrows'];
  const messages = golden.flatMap((file) =>
    splitStream(readFileSync(join(__dirname, '..', 'data-frames', 'golden', file)))
  );
  const random = generator(3);
  let rejected = 0;
  for (let round = 0; round < 8000; round++) {
    const { header } = messages[round % messages.length] ?? { header: new Uint8Array(0) };
    const bytes = Uint8Array.from(header);
    for (let change = random(6); change >= 0; change--) {
      bytes[random(bytes.length)] = random(3) === 0 ? 255 : random(256);
    }
    rejected += attempt(bytes) === undefined ? 1 : 0;
  }
  expect(rejected).toBeGreaterThan(100);
});
