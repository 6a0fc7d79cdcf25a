import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Field, type Fields, MalformedMessageError, readMessage } from './read-message';

/** The last value of field 1, or undefined. */
function readFirst<Value>(bytes: Uint8Array, read: (field: Field) => Value): Value | undefined {
  const fields: Fields<{ value?: Value }> = { 1: (message, field) => (message.value = read(field)) };
  return readMessage<{ value?: Value }>(bytes, fields, {}).value;
}

const number = (field: Field) => field.number();
const string = (field: Field) => field.string();

function stringField(field: number, value: string): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).string(value).finish();
}

function numberField(value: bigint | number): Uint8Array {
  return new BinaryWriter().tag(1, WireType.Varint).int64(value).finish();
}

const NUMBERS = [0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 32, 1_700_000_000_000, Number.MAX_SAFE_INTEGER];

it.each([...NUMBERS, -1, -128, -(2 ** 31), -62_135_596_800_000, Number.MIN_SAFE_INTEGER])('reads %d', (value) => {
  expect(readFirst(numberField(value), number)).toBe(value);
});

it('rounds 64-bit integers to the nearest double', () => {
  expect(readFirst(numberField(2n ** 63n - 1n), number)).toBe(2 ** 63);
  expect(readFirst(numberField(-(2n ** 63n)), number)).toBe(-(2 ** 63));
});

it.each(['', 'plain', 'Grüße, 世界 🙂', '\uFEFFmarked', 'x'.repeat(300)])('reads the string %j', (value) => {
  expect(readFirst(stringField(1, value), string)).toBe(value);
});

it('skips unknown fields of every wire type except groups', () => {
  const writer = new BinaryWriter();
  writer.tag(2, WireType.Bit64).fixed64(7).tag(4, WireType.Bit32).fixed32(7).tag(5, WireType.Varint).int32(-7);
  writer.tag(900, WireType.LengthDelimited).string('unknown').tag(1, WireType.Varint).int32(42);
  expect(readFirst(writer.finish(), number)).toBe(42);
});

it('passes each item of a repeated field to the callback, and keeps the last value of any other field', () => {
  const bytes = Buffer.concat([stringField(1, 'a'), stringField(2, 'x'), stringField(1, 'b'), stringField(2, 'y')]);
  const fields: Fields<{ items: string[]; last: string }> = {
    1: (message, item) => message.items.push(item.string()),
    2: (message, value) => (message.last = value.string()),
  };
  expect(readMessage(bytes, fields, { items: [], last: '' })).toEqual({ items: ['a', 'b'], last: 'y' });
});

it('returns bytes as a view of the message', () => {
  const message = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(Uint8Array.of(1, 2, 3))
    .finish();
  readFirst(message, (field) => field.bytes().fill(9));
  expect(message.subarray(-3)).toEqual(Uint8Array.of(9, 9, 9));
});

it('reads map entries with fields in any order, and with missing fields', () => {
  const entryOf = (...fields: Uint8Array[]) =>
    new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Buffer.concat(fields)).finish();
  const message = Buffer.concat([
    entryOf(stringField(1, 'key'), stringField(2, 'value')),
    entryOf(stringField(2, 'second'), stringField(1, 'first')),
    entryOf(stringField(1, '__proto__')),
    entryOf(),
  ]);
  const entries = readMessage<Array<[string, string]>>(
    message,
    { 1: (all, entry) => all.push(entry.stringEntry()) },
    []
  );
  expect(entries).toEqual([
    ['key', 'value'],
    ['first', 'second'],
    ['__proto__', ''],
    ['', ''],
  ]);
});

const unknown = (field: number, wireType: number) => (field << 3) | wireType;

interface MalformedCase {
  name: string;
  bytes: number[];
  read?: (field: Field) => string | number;
}

it.each<MalformedCase>([
  { name: 'a truncated varint', bytes: [0x08, 0x80], read: number },
  { name: 'a varint of eleven bytes', bytes: [0x08, ...Array<number>(10).fill(0x80), 1], read: number },
  { name: 'a varint of eleven bytes in an unknown field', bytes: [0x10, ...Array<number>(10).fill(0x80), 1] },
  { name: 'a truncated tag', bytes: [0x80] },
  { name: 'a tag beyond 32 bits', bytes: Array<number>(12).fill(0xff) },
  { name: 'field number 0', bytes: [0x00, 1] },
  { name: 'a length beyond the end', bytes: [0x0a, 5, 1] },
  { name: 'a length of 4 GiB', bytes: [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1] },
  { name: 'an unknown field with a length beyond the end', bytes: [unknown(2, WireType.LengthDelimited), 5, 1] },
  { name: 'a group instead of a string', bytes: [0x0b] },
  { name: 'an unterminated group in an unknown field', bytes: [unknown(2, WireType.StartGroup)] },
  { name: 'an end-group tag without a start-group tag', bytes: [unknown(2, WireType.EndGroup)] },
  { name: '10,000 nested groups', bytes: Array<number>(10_000).fill(unknown(2, WireType.StartGroup)) },
  { name: 'wire type 6', bytes: [unknown(2, 6)] },
  { name: 'a varint instead of a string', bytes: [0x08, 1] },
  { name: 'a string that is not UTF-8', bytes: [0x0a, 1, 0xff] },
  { name: 'a long string that is not UTF-8', bytes: [0x0a, 100, ...Array<number>(99).fill(0x20), 0xff] },
])('throws a MalformedMessageError for $name', ({ bytes, read = string }) => {
  expect(() => readFirst<string | number>(Uint8Array.from(bytes), read)).toThrow(MalformedMessageError);
});

it('throws the error of a callback unchanged', () => {
  const full = new Error('too many');
  const fields: Fields<void> = {
    1: () => {
      throw full;
    },
  };
  expect(() => readMessage(stringField(1, ''), fields, undefined)).toThrow(full);
});
