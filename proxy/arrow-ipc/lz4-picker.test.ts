import { unlimitedAccount, usedMemory } from '../memory/testing/accounts';
import { decompressFrameSync } from 'lz4-napi';
import { generator } from './testing/ipc-bytes';
import { decodeLz4Frame } from './lz4-frame';
import { Lz4Picker } from './lz4-picker';

const memory = unlimitedAccount();

const KIB = 1024;

/** A picker of these values, and what it makes of rows. */
function picking(values: readonly string[]) {
  const bytes = Buffer.from(values.join(''));
  const ends = (texts: readonly string[]) => {
    let end = 0;
    return Int32Array.from(['', ...texts], (text) => (end += Buffer.byteLength(text)));
  };
  const picker = new Lz4Picker(values.length, () => ends(values), memory);
  return (codes: readonly number[]) => {
    const rows = codes.map((code) => values[code] ?? '');
    return { buffer: picker.pick(bytes, Int32Array.from(codes), ends(rows)), expected: rows.join('') };
  };
}

/** The size that the buffer states, and its frame. */
function parts(buffer: Uint8Array | undefined): { size: number; frame: Buffer } {
  const bytes = Buffer.from(buffer ?? []);
  return { size: Number(bytes.readBigInt64LE(0)), frame: bytes.subarray(8) };
}

/** Reads the buffer by another implementation, and by our own. */
function textOf(buffer: Uint8Array | undefined): string {
  const { size, frame } = parts(buffer);
  const text = decompressFrameSync(frame).toString();
  expect(Buffer.byteLength(text)).toBe(size);
  expect(Buffer.from(decodeLz4Frame(frame, size, memory)).toString()).toBe(text);
  return text;
}

interface Block {
  isStored: boolean;
  /** Bytes that it takes. */
  length: number;
  /** Bytes that it stands for. */
  size: number;
  /** Bytes after the last match; the whole block without one. */
  tail: number;
  /** Where its last match starts. */
  lastMatch: number | undefined;
  farthest: number;
}

/** The blocks of a frame, sequence by sequence. */
function blocksOf(frame: Buffer): Block[] {
  const blocks: Block[] = [];
  let at = 7;
  for (let header = frame.readUInt32LE(at); header > 0; header = frame.readUInt32LE(at)) {
    const length = header & 0x7fffffff;
    if (header > length) {
      blocks.push({ isStored: true, length, size: length, tail: length, lastMatch: undefined, farthest: 0 });
      at += 4 + length;
      continue;
    }
    const block = frame.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    let [from, size, tail, farthest] = [0, 0, 0, 0];
    let lastMatch: number | undefined;
    const long = (nibble: number) => {
      let sum = nibble;
      for (let more = nibble === 15 ? 255 : 0; more === 255; sum += more) {
        more = block[from++] ?? 0;
      }
      return sum;
    };
    while (from < block.length) {
      const token = block[from++] ?? 0;
      tail = long(token >> 4);
      from += tail;
      size += tail;
      if (from < block.length) {
        farthest = Math.max(farthest, block.readUInt16LE(from));
        from += 2;
        lastMatch = size;
        size += long(token & 15) + 4;
        tail = 0;
      }
    }
    blocks.push({ isStored: false, length, size, tail, lastMatch, farthest });
  }
  return blocks;
}

function rows<T = number>(length: number, codeOf: (row: number) => T): T[] {
  return Array.from({ length }, (_, row) => codeOf(row));
}

const random = generator(3);
const SIXTEEN = ['a view of a text', 'another of those', 'and a third one.', 'four of sixteen.', 'the fifth of all'];
const LINES = SIXTEEN.map((text, index) => `{"line":"${text}","n":${index},"more":"${'+'.repeat(index * 9)}"}`);

describe('picking', () => {
  it.each([
    { name: 'one value throughout', values: SIXTEEN, codes: rows(8192, () => 2) },
    { name: 'a pattern', values: SIXTEEN, codes: rows(8192, (row) => row % 5) },
    { name: 'a few runs', values: SIXTEEN, codes: rows(8192, (row) => Math.floor(row / 1500) % 5) },
    { name: 'short runs of varying length', values: SIXTEEN, codes: rows(9000, (row) => (row >> (row % 7)) % 5) },
    { name: 'mostly one value', values: SIXTEEN, codes: rows(8192, () => (random(5) === 0 ? random(5) : 0)) },
    { name: 'longer values at random', values: LINES, codes: rows(3000, () => random(5)) },
    { name: 'empty values among them', values: ['', ...LINES], codes: rows(3000, (row) => (row % 9) % 6) },
    { name: 'long runs of empty values', values: ['', LINES[1]], codes: rows(20_000, (row) => (row >> 9) & 1) },
    { name: 'values of a byte', values: ['1', '2', '3'], codes: rows(50_000, (row) => row % 3) },
    { name: 'values of a byte that hardly change', values: ['1', '2'], codes: rows(99_999, (row) => (row >> 10) & 1) },
    {
      name: 'many values, each often',
      values: rows(300, (n) => n).map((n) => `${LINES[3]}${n}`),
      codes: rows(9000, (row) => row % 300),
    },
    {
      name: 'values of a kilobyte',
      values: LINES.map((line) => line.repeat(15)),
      codes: rows(999, () => random(5)),
    },
    { name: 'no ASCII', values: ['größer', 'ééé', '日本語'], codes: rows(9999, (row) => row % 3) },
  ])('gives $name, in less than half of the bytes', ({ values, codes }) => {
    const { buffer, expected } = picking(values.map((value) => value ?? ''))(codes);
    expect(textOf(buffer)).toBe(expected);
    expect(buffer?.length).toBeLessThan(Buffer.byteLength(expected) / 2);
  });

  it('knows nothing of the rows before', () => {
    const pick = picking(SIXTEEN);
    const first = pick(rows(4000, (row) => row % 5));
    const second = pick(rows(3000, (row) => 4 - (row % 5)));
    expect(textOf(second.buffer)).toBe(second.expected);
    expect(textOf(first.buffer)).toBe(first.expected);
  });

  it('fills what it is given', () => {
    const starts = Int32Array.of(0, 16);
    const picker = new Lz4Picker(1, () => starts, usedMemory());
    const offsets = Int32Array.from({ length: 4097 }, (_, row) => row * 16);
    const picked = picker.pick(Buffer.from(SIXTEEN[0] ?? ''), new Int32Array(4096), offsets);
    expect(textOf(picked)).toBe(SIXTEEN[0]?.repeat(4096));
  });

  it.each([1, 2, 3, 4, 5])('gives whatever rows there are, number %s', (seed) => {
    const next = generator(seed);
    let compressed = 0;
    for (let round = 0; round < 150; round++) {
      const burst = next(8);
      const values = rows(1 + next(next(2) === 0 ? 40 : 900), () => 0).map(
        () => 'x'.repeat(next(2) * next(40)) + 'y'.repeat(next(30)) + next(99)
      );
      const habit = 1 + next(60);
      let code = 0;
      const codes = rows(500 + next(4000), (row) => {
        // Now and then a stretch of rows of which none repeats another.
        const isBurst = (row >> 9) % 5 === burst;
        code = isBurst ? row % values.length : next(habit) === 0 ? next(values.length) : code;
        return code;
      });
      const { buffer, expected } = picking(values)(codes);
      if (buffer !== undefined) {
        compressed++;
        expect(textOf(buffer)).toBe(expected);
        checkBlocks(parts(buffer).frame, expected.length);
      }
    }
    expect(compressed).toBeGreaterThan(30);
  });
});

/** What readers may rely on, beyond the text. */
function checkBlocks(frame: Buffer, size: number): void {
  const blocks = blocksOf(frame);
  expect(blocks.reduce((sum, block) => sum + block.size, 0)).toBe(size);
  for (const block of blocks) {
    expect(block.size).toBeLessThanOrEqual(64 * KIB);
    // Frame format description: decoders refuse a block that is longer.
    expect(block.length).toBeLessThanOrEqual(64 * KIB);
    expect(block.farthest).toBeLessThan(64 * KIB);
    if (block.lastMatch !== undefined) {
      // Format description, "End of block conditions".
      expect(block.tail).toBeGreaterThanOrEqual(5);
      expect(block.lastMatch).toBeLessThanOrEqual(block.size - 12);
    }
  }
}

it('ends blocks between two rows, before they are too large', () => {
  const { buffer } = picking(LINES)(rows(9000, (row) => row % 5));
  const sizes = blocksOf(parts(buffer).frame).map((block) => block.size);
  expect(sizes.length).toBeGreaterThan(5);
  for (const size of sizes.slice(0, -1)) {
    expect(size).toBeGreaterThan(63 * KIB);
    expect(size).toBeLessThanOrEqual(64 * KIB);
  }
});

describe('is left to others', () => {
  it.each([
    { name: 'what is short', values: SIXTEEN, codes: rows(2000, () => 0) },
    { name: 'what has no bytes', values: [''], codes: rows(9000, () => 0) },
    {
      name: 'what hardly repeats',
      values: rows(3000, (n) => n).map((n) => `${n} ${LINES[2]}`),
      codes: rows(5000, (row) => row % 3000),
    },
    {
      name: 'what never repeats within reach',
      values: rows(2000, (n) => n).map((n) => `${n} ${LINES[2]}`),
      codes: rows(9000, (row) => row % 2000),
    },
    { name: 'short values in no order', values: SIXTEEN, codes: rows(8192, () => random(5)) },
    {
      name: 'values of more than an eighth of a block',
      values: ['x'.repeat(9 * KIB), 'y'],
      codes: rows(99, (row) => row % 2),
    },
  ])('$name', ({ values, codes }) => {
    expect(picking(values)(codes).buffer).toBeUndefined();
  });
});

describe('a block that hardly repeats, among others that do', () => {
  const views = rows(4095, (n) => `t${String(n).padStart(6, '0')}..........`.slice(0, 16));
  const bags = rows(800, (n) => `{"request":"${n}","more":"${'-'.repeat(180)}"}`);
  it.each([
    { name: 'of views', values: views, codes: rows(8192, (row) => Math.max(0, Math.min(4094, row - 4096))) },
    {
      name: 'of longer texts',
      values: bags,
      codes: rows(8192, (row) => (row < 6000 || row > 6700 ? 0 : row - 5999)),
    },
    {
      name: 'in no order',
      values: SIXTEEN,
      codes: rows(30_000, (row) => (row > 8192 && row < 12_288 ? random(5) : 0)),
    },
  ])('is stored as it is: $name', ({ values, codes }) => {
    const { buffer, expected } = picking(values)(codes);
    expect(textOf(buffer)).toBe(expected);
    const { frame } = parts(buffer);
    checkBlocks(frame, expected.length);
    expect(blocksOf(frame).filter((block) => block.isStored).length).toBeGreaterThan(0);
  });
});

it('goes on after it has given up', () => {
  const pick = picking(SIXTEEN);
  expect(pick(rows(8192, () => random(5))).buffer).toBeUndefined();
  const { buffer, expected } = pick(rows(8192, (row) => row % 2));
  expect(textOf(buffer)).toBe(expected);
});
