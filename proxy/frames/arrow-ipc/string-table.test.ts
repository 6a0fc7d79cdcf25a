import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { collidingStrings } from './testing/colliding-strings';
import { hashBytes, StringTable } from './string-table';

const memory = unlimitedAccount();

const FNV_OFFSET = 0x811c9dc5;

function addAll(table: StringTable, strings: readonly string[]): number[] {
  return strings.map((value) => {
    const bytes = Buffer.from(value);
    return table.add(bytes, 0, bytes.length);
  });
}

function storedStrings(table: StringTable): string[] {
  return Array.from({ length: table.size }, (_, id) => Buffer.from(table.bytes(id)).toString());
}

it('assigns numbers to strings in the order of their first appearance', () => {
  const table = new StringTable(memory);
  expect(addAll(table, ['b', 'a', 'a', 'b', '', 'c'])).toEqual([0, 1, 1, 0, 2, 3]);
  expect(storedStrings(table)).toEqual(['b', 'a', '', 'c']);
});

it.each([
  ['FNV-1a without a seed', FNV_OFFSET],
  ['FNV-1a with a seed that the attacker knows', 0x12345678],
])('switches to a keyed hash and keeps the numbers of the strings when values collide in %s', (_name, seed) => {
  const strings = collidingStrings(12, seed);
  const hashes = new Set(strings.map((value) => hashBytes(Buffer.from(value), 0, value.length, seed)));
  expect(hashes.size).toBe(1);
  expect(new Set(strings).size).toBe(4096);
  const table = new StringTable(memory, seed);
  const numbers = strings.map((_, index) => index);
  expect(addAll(table, strings)).toEqual(numbers);
  expect(table.isKeyed).toBe(true);
  expect(addAll(table, strings)).toEqual(numbers);
  expect(storedStrings(table)).toEqual(strings);
});

it('switches to a keyed hash when only the low bits of the hashes collide', () => {
  const table = new StringTable(memory, FNV_OFFSET);
  const strings: string[] = [];
  for (let number = 0; strings.length < 400; number++) {
    const value = `k${number}`;
    if ((hashBytes(Buffer.from(value), 0, value.length) & 0x3ff) === 7) {
      strings.push(value);
    }
  }
  expect(addAll(table, strings)).toEqual(strings.map((_, index) => index));
  expect(table.isKeyed).toBe(true);
});

it.each([1, 0x9e3779b1])('keeps the fast hash with the seed %i for strings that collide without a seed', (seed) => {
  const table = new StringTable(memory, seed);
  addAll(table, collidingStrings(10));
  expect(table.isKeyed).toBe(false);
});

const ordinary: Array<[name: string, text: (index: number) => string]> = [
  ['counters', (index) => String(index)],
  ['names with a counter', (index) => `service-${index}`],
  ['fixed width numbers', (index) => String(index).padStart(12, '0')],
  ['timestamps', (index) => new Date(1.7e12 + index * 1000).toISOString()],
  ['decimals', (index) => (index / 7).toFixed(6)],
  ['paths', (index) => `/var/lib/${index % 100}/${Math.floor(index / 100)}.log`],
];

it.each(ordinary)('keeps the fast hash for 200,000 %s', (_name, value) => {
  for (const seed of [FNV_OFFSET, 1, 0x9e3779b1]) {
    const table = new StringTable(memory, seed);
    for (let index = 0; index < 200_000; index++) {
      const bytes = Buffer.from(value(index));
      table.add(bytes, 0, bytes.length);
    }
    expect(table.size).toBe(200_000);
    expect(table.isKeyed).toBe(false);
  }
});
