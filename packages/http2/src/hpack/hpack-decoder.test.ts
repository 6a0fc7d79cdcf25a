import { randomOf } from '../testing/random.ts';
import { HpackError, type HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { huffmanString, indexed, integer, plainString, sizeUpdate, withIndexing } from './testing/block-writer.ts';
import { ModelEncoder } from './testing/model-encoder.ts';
import { RFC_EXAMPLES } from './testing/rfc-examples.ts';

const FIRST_DYNAMIC = 62;
/** Index 8 of the static table. */
const STATUS_200: HeaderField = [':status', '200'];

function decoder({ maxTableBytes = 4096, maxListBytes = 65_536 } = {}): HpackDecoder {
  return new HpackDecoder({ maxTableBytes, maxListBytes });
}

function decode(hpack: HpackDecoder, ...parts: number[][]): HeaderField[] | undefined {
  return hpack.decode(Uint8Array.from(parts.flat()));
}

/** The dynamic table, newest field first, read by decoding one index after the other. */
function tableOf(hpack: HpackDecoder): HeaderField[] {
  const table: HeaderField[] = [];
  for (;;) {
    try {
      table.push(...(decode(hpack, indexed(FIRST_DYNAMIC + table.length)) ?? []));
    } catch {
      // This index is beyond the table, so all fields have been read.
      return table;
    }
  }
}

describe('the examples of RFC 7541', () => {
  it.each(RFC_EXAMPLES)('$name', ({ tableBytes, blocks }) => {
    const hpack = decoder();
    expect(decode(hpack, sizeUpdate(tableBytes))).toEqual([]);
    for (const { hex, fields, table } of blocks) {
      expect(hpack.decode(Buffer.from(hex, 'hex'))).toEqual(fields);
      expect(tableOf(hpack)).toEqual(table);
    }
  });
});

describe('a header block', () => {
  it('may be empty', () => {
    expect(decode(decoder())).toEqual([]);
  });

  it('may be a view of a larger buffer', () => {
    const memory = Uint8Array.of(0xff, 0x88, 0xff);
    expect(decoder().decode(memory.subarray(1, 2))).toEqual([STATUS_200]);
  });

  it('is not referenced by the table', () => {
    const hpack = decoder();
    const block = Uint8Array.from(withIndexing(['a-long-enough-name', 'a long enough value']));
    hpack.decode(block);
    block.fill(0x21);
    expect(tableOf(hpack)).toEqual([['a-long-enough-name', 'a long enough value']]);
  });

  it('may refer to every index of the static table', () => {
    const all = Array.from({ length: 61 }, (_, at) => indexed(at + 1));
    const fields = decode(decoder(), ...all) ?? [];
    expect(fields).toHaveLength(61);
    expect(fields[0]).toEqual([':authority', '']);
    expect(fields[15]).toEqual(['accept-encoding', 'gzip, deflate']);
    expect(fields[30]).toEqual(['content-type', '']);
    expect(fields[60]).toEqual(['www-authenticate', '']);
  });

  it('may have strings of all bytes and lengths', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
    for (const value of ['', 'a', '\0\xff', '1234567', every, every.repeat(64)]) {
      expect(decode(decoder(), [0], plainString('x'), plainString(value))).toEqual([['x', value]]);
      expect(decode(decoder(), [0], huffmanString('x'), huffmanString(value))).toEqual([['x', value]]);
    }
  });

  it('may have integers with leading zeros', () => {
    expect(decode(decoder(), [0, 1, 0x78, 0x7f, 0x80, 0x80, 0x80, 0x00], new Array<number>(127).fill(0x79))).toEqual([
      ['x', 'y'.repeat(127)],
    ]);
  });
});

describe('the dynamic table', () => {
  const fieldOf100 = (name: string): HeaderField => [name, 'v'.repeat(68 - name.length)];
  const [a, b, c] = ['a', 'b', 'c'].map(fieldOf100);

  it('evicts the oldest field when its size is exceeded by one byte', () => {
    const hpack = decoder();
    decode(hpack, sizeUpdate(200), withIndexing(a), withIndexing(b));
    expect(tableOf(hpack)).toEqual([b, a]);
    decode(hpack, withIndexing(c));
    expect(tableOf(hpack)).toEqual([c, b]);
    decode(hpack, sizeUpdate(199));
    expect(tableOf(hpack)).toEqual([c]);
  });

  it('evicts several fields for a large one', () => {
    const hpack = decoder();
    const large: HeaderField = ['large', 'v'.repeat(250 - 37)];
    decode(hpack, sizeUpdate(300), withIndexing(a), withIndexing(b), withIndexing(c), withIndexing(large));
    expect(tableOf(hpack)).toEqual([large]);
  });

  it('is emptied by a field that is larger than the table', () => {
    const hpack = decoder();
    const large: HeaderField = ['large', 'v'.repeat(300)];
    expect(decode(hpack, sizeUpdate(300), withIndexing(a), withIndexing(large))).toEqual([a, large]);
    expect(tableOf(hpack)).toEqual([]);
  });

  it('resolves the index of a name even if the new field evicts the field with that index', () => {
    const hpack = decoder();
    decode(hpack, sizeUpdate(100), withIndexing(a));
    const value = 'w'.repeat(67);
    expect(decode(hpack, integer(0x40, 0x3f, FIRST_DYNAMIC), plainString(value))).toEqual([['a', value]]);
    expect(tableOf(hpack)).toEqual([['a', value]]);
  });

  it('can shrink and grow again', () => {
    const hpack = decoder();
    decode(hpack, withIndexing(a));
    expect(decode(hpack, sizeUpdate(0), sizeUpdate(4096), indexed(8))).toEqual([STATUS_200]);
    expect(tableOf(hpack)).toEqual([]);
    decode(hpack, withIndexing(a));
    expect(tableOf(hpack)).toEqual([a]);
  });

  it('starts with 4,096 bytes, independent of the announced size', () => {
    const fields = Array.from({ length: 33 }, (_, index): HeaderField => [`name-${10 + index}`, 'v'.repeat(89)]);
    for (const maxTableBytes of [0, 65_536]) {
      const hpack = decoder({ maxTableBytes });
      decode(hpack, ...fields.map(withIndexing));
      expect(tableOf(hpack)).toEqual(fields.slice(1).reverse());
    }
  });

  it('can grow to the announced size, and no further', () => {
    const hpack = decoder({ maxTableBytes: 8192 });
    const fields = Array.from({ length: 82 }, (_, index) => fieldOf100(`f${index}`));
    decode(hpack, sizeUpdate(8192), ...fields.map(withIndexing));
    expect(tableOf(hpack)).toEqual(fields.slice(1).reverse());
    expect(() => decode(hpack, sizeUpdate(8193))).toThrow(HpackError);
  });

  it('does not store fields without indexing', () => {
    const hpack = decoder();
    for (const kind of [0x00, 0x10]) {
      expect(decode(hpack, [kind], plainString('n'), plainString('v'))).toEqual([['n', 'v']]);
    }
    expect(tableOf(hpack)).toEqual([]);
  });
});

describe('a malformed header block', () => {
  it.each([
    { name: 'index 0', block: [0x80] },
    { name: 'an index beyond the table', block: indexed(FIRST_DYNAMIC) },
    { name: 'a name beyond the table', block: [...integer(0x40, 0x3f, FIRST_DYNAMIC), 0] },
    { name: 'a name beyond the table, without indexing', block: [...integer(0x10, 0x0f, FIRST_DYNAMIC), 0] },
    { name: 'a truncated index', block: [0xff] },
    { name: 'an index truncated after two bytes', block: [0xff, 0x80] },
    { name: 'an integer of six bytes', block: [0x3f, 0x80, 0x80, 0x80, 0x80, 0x00] },
    { name: 'an unterminated index', block: [0xff, ...new Array<number>(1000).fill(0xff)] },
    { name: 'an index that overflows into a small one', block: [0xff, 0x83, 0xff, 0xff, 0xff, 0x0f] },
    { name: 'a length that overflows', block: [0x00, 0x7f, 0x82, 0xff, 0xff, 0xff, 0x0f, 0x78, 0x00] },
    { name: 'a missing name', block: [0x40] },
    { name: 'a missing value', block: [0x40, 1, 0x78] },
    { name: 'a missing value after an index', block: [0x41] },
    { name: 'a truncated name', block: [0x40, 2, 0x78] },
    { name: 'a truncated value', block: [0x41, 3, 0x78, 0x78] },
    { name: 'a truncated Huffman value', block: [0x41, 0x83, 0xf1, 0xe3] },
    { name: 'a truncated length', block: [0x41, 0x7f] },
    { name: 'a Huffman name with invalid padding', block: [0x40, 0x81, 0x18, 0x00] },
    { name: 'a Huffman value of padding only', block: [0x41, 0x81, 0xff] },
    { name: 'the Huffman end-of-string symbol', block: [0x41, 0x84, 0xff, 0xff, 0xff, 0xff] },
    { name: 'a table size above the announced one', block: sizeUpdate(4097) },
    { name: 'a table size that overflows', block: [0x3f, 0xe1, 0xff, 0xff, 0xff, 0x0f] },
    { name: 'a truncated table size', block: [0x3f] },
    { name: 'a table size after a field', block: [0x88, ...sizeUpdate(0)] },
  ])('is rejected with $name', ({ block }) => {
    expect(() => decode(decoder(), block)).toThrow(HpackError);
    // The connection uses this message for its `ConnectionError`.
    expect(() => decode(decoder(), block)).toThrow(/^[A-Z].*\.$/);
  });

  it('is rejected when it is truncated', () => {
    const whole = [...indexed(8), ...withIndexing(['name', 'value']), 0x0f, 0x10, ...huffmanString('application/grpc')];
    // At these lengths the block ends between two fields, so it is valid.
    const ends = new Set([0, 1, 13, whole.length]);
    for (let end = 0; end <= whole.length; end++) {
      const attempt = () => decode(decoder(), whole.slice(0, end));
      if (ends.has(end)) {
        attempt();
      } else {
        expect(attempt).toThrow(HpackError);
      }
    }
  });

  it('is not quoted in the error', () => {
    const block = [...plainString('x-token'), ...plainString('hunter2')];
    expect(() => decode(decoder(), [0x00], block, [0x80])).toThrow(/^(?!.*(token|hunter2))/s);
  });
});

describe('a header list above the limit', () => {
  const field: HeaderField = ['name', 'value'];

  it('is recognized by the bytes of names and values, plus 32 bytes for each field', () => {
    expect(decode(decoder({ maxListBytes: 82 }), withIndexing(field), indexed(62))).toEqual([field, field]);
    expect(decode(decoder({ maxListBytes: 81 }), withIndexing(field), indexed(62))).toBeUndefined();
  });

  it('stays over the limit when a small field follows', () => {
    const large: HeaderField = ['name', 'v'.repeat(100)];
    expect(decode(decoder({ maxListBytes: 100 }), withIndexing(large), indexed(8))).toBeUndefined();
  });

  it('still updates the table', () => {
    const hpack = decoder({ maxListBytes: 100 });
    const fields = Array.from({ length: 10 }, (_, index): HeaderField => [`name-${index}`, 'value']);
    expect(decode(hpack, ...fields.map(withIndexing))).toBeUndefined();
    expect(tableOf(hpack)).toEqual(fields.reverse());
  });

  it('is rejected when it is malformed', () => {
    expect(() => decode(decoder({ maxListBytes: 0 }), indexed(8), indexed(8), [0x80])).toThrow(HpackError);
  });
});

describe('random header blocks', () => {
  it('are decoded as a model encoder wrote them', () => {
    const random = randomOf(7541);
    for (let round = 0; round < 50; round++) {
      const encoder = new ModelEncoder(random, 1024);
      const hpack = decoder({ maxTableBytes: 1024 });
      for (let count = 0; count < 40; count++) {
        const { block, fields } = encoder.encode();
        expect(decode(hpack, block)).toEqual(fields);
      }
      expect(tableOf(hpack)).toEqual(encoder.table);
    }
  });

  it('of random bytes throw no error other than HpackError', () => {
    const random = randomOf(1);
    const outcomes = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      outcomes.add(outcomeOf(Array.from({ length: random(40) }, () => random(256))));
    }
    expect(outcomes).toEqual(new Set(['fields', 'over the limit', 'HpackError']));
  });

  it('with changed bytes throw no error other than HpackError', () => {
    const random = randomOf(2);
    const outcomes = new Set<string>();
    for (let round = 0; round < 5_000; round++) {
      const { block } = new ModelEncoder(random, 1024).encode();
      const at = random(block.length);
      const damaged = block.with(at, block[at] ^ (1 << random(8)));
      outcomes.add(outcomeOf(random(2) === 0 ? damaged : damaged.slice(0, at)));
    }
    expect(outcomes).toEqual(new Set(['fields', 'over the limit', 'HpackError']));
  });

  function outcomeOf(block: number[]): string {
    try {
      return decode(decoder({ maxListBytes: 200 }), block) === undefined ? 'over the limit' : 'fields';
    } catch (reason) {
      return reason instanceof HpackError ? reason.name : String(reason);
    }
  }
});
