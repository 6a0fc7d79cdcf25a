/** Numbers, texts and broken messages, with the protobuf library as the judge. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { MalformedMessage, readFields } from './read-fields';
import { bytesField, fieldBytes, numberField, textField } from './write-fields';

const NUMBERS = [0, 1, 127, 128, 300, 2 ** 31 - 1, 2 ** 32, 1_700_000_000_000, Number.MAX_SAFE_INTEGER];

function readNumber(message: Uint8Array): number {
  let found = NaN;
  readFields(message, { 1: (value) => (found = value.number()) });
  return found;
}

it.each([...NUMBERS, -1, -128, -(2 ** 31), -62_135_596_800_000, Number.MIN_SAFE_INTEGER])('reads %d', (number) => {
  const message = new BinaryWriter().tag(1, WireType.Varint).int64(number).finish();
  expect(readNumber(message)).toBe(number);
});

it('reads the ends of 64 bits as near as a double comes', () => {
  const write = (number: bigint) => new BinaryWriter().tag(1, WireType.Varint).int64(number).finish();
  expect(readNumber(write(2n ** 63n - 1n))).toBe(2 ** 63);
  expect(readNumber(write(-(2n ** 63n)))).toBe(-(2 ** 63));
});

it.each(NUMBERS)('writes %d', (number) => {
  const message = numberField(1, number);
  const reader = new BinaryReader(message);
  expect(reader.tag()).toEqual([1, WireType.Varint]);
  expect(Number(reader.uint64())).toBe(number);
  expect(message).toHaveLength(1 + new BinaryWriter().uint64(number).finish().length);
});

it.each(['', 'plain', 'Grüße, 世界 🙂', '\uFEFFmarked', 'x'.repeat(300)])('takes %j there and back', (text) => {
  const message = textField(3, text);
  expect(message).toHaveLength(fieldBytes(Buffer.byteLength(text)));
  expect(Buffer.from(new BinaryWriter().tag(3, WireType.LengthDelimited).string(text).finish())).toEqual(message);
  let found: string | undefined;
  readFields(message, { 3: (value) => (found = value.text()) });
  expect(found).toBe(text);
});

it('passes fields over that nobody asked for, of every kind', () => {
  const writer = new BinaryWriter();
  writer.tag(2, WireType.Bit64).fixed64(7).tag(4, WireType.Bit32).fixed32(7).tag(5, WireType.Varint).int32(-7);
  writer.tag(900, WireType.LengthDelimited).string('unknown').tag(1, WireType.Varint).int32(42);
  expect(readNumber(writer.finish())).toBe(42);
});

it('hands each item of a list over, and of a field that is no list the last', () => {
  const message = Buffer.concat([textField(1, 'a'), textField(2, 'x'), textField(1, 'b'), textField(2, 'y')]);
  const items: string[] = [];
  let last = '';
  readFields(message, { 1: (item) => items.push(item.text()), 2: (value) => (last = value.text()) });
  expect({ items, last }).toEqual({ items: ['a', 'b'], last: 'y' });
});

it('gives bytes as a view', () => {
  const message = bytesField(1, Uint8Array.of(1, 2, 3));
  readFields(message, { 1: (value) => value.bytes().fill(9) });
  expect(message.subarray(-3)).toEqual(Buffer.of(9, 9, 9));
});

it('reads entries of maps in any order, and with parts missing', () => {
  const entries: Array<[string, string]> = [];
  const entryOf = (...fields: Uint8Array[]) => bytesField(1, Buffer.concat(fields));
  const message = Buffer.concat([
    entryOf(textField(1, 'key'), textField(2, 'value')),
    entryOf(textField(2, 'second'), textField(1, 'first')),
    entryOf(textField(1, '__proto__')),
    entryOf(),
  ]);
  readFields(message, { 1: (entry) => entries.push(entry.textEntry()) });
  expect(entries).toEqual([
    ['key', 'value'],
    ['first', 'second'],
    ['__proto__', ''],
    ['', ''],
  ]);
});

it.each([
  { name: 'ends in a number', bytes: [0x08, 0x80] },
  { name: 'has a number of eleven bytes', bytes: [0x08, ...Array<number>(10).fill(0x80), 1] },
  { name: 'is shorter than announced', bytes: [0x0a, 5, 1] },
  { name: 'has a group', bytes: [0x0b] },
  { name: 'has a number in the place of text', bytes: [0x08, 1] },
  { name: 'has a text that is not UTF-8', bytes: [0x0a, 1, 0xff] },
])('refuses a message that $name', ({ bytes }) => {
  expect(() => readFields(Uint8Array.from(bytes), { 1: (value) => value.text() })).toThrow(MalformedMessage);
});
