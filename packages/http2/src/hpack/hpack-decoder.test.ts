import { randomOf } from '../testing/random.ts';
import { type HeaderField } from './header-field.ts';
import { HpackDecoder, HpackError } from './hpack-decoder.ts';
import { huffmanString, indexed, integer, plainString, remembered, sizeUpdate } from './testing/block-writer.ts';
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

/** What the decoder remembers, newest first: found by asking for one index after the other. */
function tableOf(hpack: HpackDecoder): HeaderField[] {
  const table: HeaderField[] = [];
  for (;;) {
    try {
      table.push(...(decode(hpack, indexed(FIRST_DYNAMIC + table.length)) ?? []));
    } catch {
      // The first index that does not exist ends the table.
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

  it('may lie anywhere in its memory', () => {
    const memory = Uint8Array.of(0xff, 0x88, 0xff);
    expect(decoder().decode(memory.subarray(1, 2))).toEqual([STATUS_200]);
  });

  it('is not kept', () => {
    const hpack = decoder();
    const block = Uint8Array.from(remembered(['a-long-enough-name', 'a long enough value']));
    hpack.decode(block);
    block.fill(0x21);
    expect(tableOf(hpack)).toEqual([['a-long-enough-name', 'a long enough value']]);
  });

  it('knows every index of the static table', () => {
    const all = Array.from({ length: 61 }, (_, at) => indexed(at + 1));
    const fields = decode(decoder(), ...all) ?? [];
    expect(fields).toHaveLength(61);
    expect(fields[0]).toEqual([':authority', '']);
    expect(fields[15]).toEqual(['accept-encoding', 'gzip, deflate']);
    expect(fields[30]).toEqual(['content-type', '']);
    expect(fields[60]).toEqual(['www-authenticate', '']);
  });

  it('may hold strings of every byte and length', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
    for (const value of ['', 'a', '\0\xff', '1234567', every, every.repeat(64)]) {
      expect(decode(decoder(), [0], plainString('x'), plainString(value))).toEqual([['x', value]]);
      expect(decode(decoder(), [0], huffmanString('x'), huffmanString(value))).toEqual([['x', value]]);
    }
  });

  it('may write numbers longer than they need to be', () => {
    expect(decode(decoder(), [0, 1, 0x78, 0x7f, 0x80, 0x80, 0x80, 0x00], new Array<number>(127).fill(0x79))).toEqual([
      ['x', 'y'.repeat(127)],
    ]);
  });
});

describe('the table', () => {
  const fieldOf100 = (name: string): HeaderField => [name, 'v'.repeat(68 - name.length)];
  const [a, b, c] = ['a', 'b', 'c'].map(fieldOf100);

  it('holds what fits, to the byte', () => {
    const hpack = decoder();
    decode(hpack, sizeUpdate(200), remembered(a), remembered(b));
    expect(tableOf(hpack)).toEqual([b, a]);
    decode(hpack, remembered(c));
    expect(tableOf(hpack)).toEqual([c, b]);
    decode(hpack, sizeUpdate(199));
    expect(tableOf(hpack)).toEqual([c]);
  });

  it('gives up several fields for a large one', () => {
    const hpack = decoder();
    const large: HeaderField = ['large', 'v'.repeat(250 - 37)];
    decode(hpack, sizeUpdate(300), remembered(a), remembered(b), remembered(c), remembered(large));
    expect(tableOf(hpack)).toEqual([large]);
  });

  it('is emptied by a field larger than all of it', () => {
    const hpack = decoder();
    const large: HeaderField = ['large', 'v'.repeat(300)];
    expect(decode(hpack, sizeUpdate(300), remembered(a), remembered(large))).toEqual([a, large]);
    expect(tableOf(hpack)).toEqual([]);
  });

  it('lends the name of a field that leaves it at that moment', () => {
    const hpack = decoder();
    decode(hpack, sizeUpdate(100), remembered(a));
    const value = 'w'.repeat(67);
    expect(decode(hpack, integer(0x40, 0x3f, FIRST_DYNAMIC), plainString(value))).toEqual([['a', value]]);
    expect(tableOf(hpack)).toEqual([['a', value]]);
  });

  it('may be made smaller and larger again', () => {
    const hpack = decoder();
    decode(hpack, remembered(a));
    expect(decode(hpack, sizeUpdate(0), sizeUpdate(4096), indexed(8))).toEqual([STATUS_200]);
    expect(tableOf(hpack)).toEqual([]);
    decode(hpack, remembered(a));
    expect(tableOf(hpack)).toEqual([a]);
  });

  it('starts at 4096 bytes, whatever was announced', () => {
    const fields = Array.from({ length: 33 }, (_, index): HeaderField => [`name-${10 + index}`, 'v'.repeat(89)]);
    for (const maxTableBytes of [0, 65_536]) {
      const hpack = decoder({ maxTableBytes });
      decode(hpack, ...fields.map(remembered));
      expect(tableOf(hpack)).toEqual(fields.slice(1).reverse());
    }
  });

  it('may grow to what was announced, and no further', () => {
    const hpack = decoder({ maxTableBytes: 8192 });
    const fields = Array.from({ length: 82 }, (_, index) => fieldOf100(`f${index}`));
    decode(hpack, sizeUpdate(8192), ...fields.map(remembered));
    expect(tableOf(hpack)).toEqual(fields.slice(1).reverse());
    expect(() => decode(hpack, sizeUpdate(8193))).toThrow(HpackError);
  });

  it('keeps no field that is only passed on', () => {
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
    { name: 'a name beyond the table, not remembered', block: [...integer(0x10, 0x0f, FIRST_DYNAMIC), 0] },
    { name: 'an index cut short', block: [0xff] },
    { name: 'an index cut short within its bytes', block: [0xff, 0x80] },
    { name: 'a number of five more bytes', block: [0x3f, 0x80, 0x80, 0x80, 0x80, 0x00] },
    { name: 'an index without end', block: [0xff, ...new Array<number>(1000).fill(0xff)] },
    { name: 'an index that overflows into a small one', block: [0xff, 0x83, 0xff, 0xff, 0xff, 0x0f] },
    { name: 'a length that overflows', block: [0x00, 0x7f, 0x82, 0xff, 0xff, 0xff, 0x0f, 0x78, 0x00] },
    { name: 'no name', block: [0x40] },
    { name: 'no value', block: [0x40, 1, 0x78] },
    { name: 'no value after an index', block: [0x41] },
    { name: 'a name cut short', block: [0x40, 2, 0x78] },
    { name: 'a value cut short', block: [0x41, 3, 0x78, 0x78] },
    { name: 'a Huffman value cut short', block: [0x41, 0x83, 0xf1, 0xe3] },
    { name: 'a length cut short', block: [0x41, 0x7f] },
    { name: 'a Huffman name with wrong padding', block: [0x40, 0x81, 0x18, 0x00] },
    { name: 'a Huffman value that is padding alone', block: [0x41, 0x81, 0xff] },
    { name: 'the Huffman end symbol', block: [0x41, 0x84, 0xff, 0xff, 0xff, 0xff] },
    { name: 'a size beyond what was announced', block: sizeUpdate(4097) },
    { name: 'a size that overflows', block: [0x3f, 0xe1, 0xff, 0xff, 0xff, 0x0f] },
    { name: 'a size cut short', block: [0x3f] },
    { name: 'a size after a field', block: [0x88, ...sizeUpdate(0)] },
  ])('is refused with $name', ({ block }) => {
    expect(() => decode(decoder(), block)).toThrow(HpackError);
  });

  it('is refused wherever it is cut', () => {
    const whole = [...indexed(8), ...remembered(['name', 'value']), 0x0f, 0x10, ...huffmanString('application/grpc')];
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

  it('is not quoted by the error', () => {
    const block = [...plainString('x-token'), ...plainString('hunter2')];
    expect(() => decode(decoder(), [0x00], block, [0x80])).toThrow(/^(?!.*(token|hunter2))/s);
  });
});

describe('a list beyond the bound', () => {
  const field: HeaderField = ['name', 'value'];

  it('is counted with 32 bytes for each field', () => {
    expect(decode(decoder({ maxListBytes: 82 }), remembered(field), indexed(62))).toEqual([field, field]);
    expect(decode(decoder({ maxListBytes: 81 }), remembered(field), indexed(62))).toBeUndefined();
  });

  it('stays out of bounds when a small field follows', () => {
    const large: HeaderField = ['name', 'v'.repeat(100)];
    expect(decode(decoder({ maxListBytes: 100 }), remembered(large), indexed(8))).toBeUndefined();
  });

  it('leaves the table right for the blocks after it', () => {
    const hpack = decoder({ maxListBytes: 100 });
    const fields = Array.from({ length: 10 }, (_, index): HeaderField => [`name-${index}`, 'value']);
    expect(decode(hpack, ...fields.map(remembered))).toBeUndefined();
    expect(tableOf(hpack)).toEqual(fields.reverse());
  });

  it('is refused all the same when it is malformed', () => {
    expect(() => decode(decoder({ maxListBytes: 0 }), indexed(8), indexed(8), [0x80])).toThrow(HpackError);
  });
});

describe('whatever comes', () => {
  it('keeps in step with an encoder that uses every form', () => {
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

  it('fails with nothing but an HpackError on random bytes', () => {
    const random = randomOf(1);
    const outcomes = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      outcomes.add(outcomeOf(Array.from({ length: random(40) }, () => random(256))));
    }
    expect(outcomes).toEqual(new Set(['fields', 'too much', 'HpackError']));
  });

  it('fails with nothing but an HpackError on damaged blocks', () => {
    const random = randomOf(2);
    const outcomes = new Set<string>();
    for (let round = 0; round < 5_000; round++) {
      const { block } = new ModelEncoder(random, 1024).encode();
      const at = random(block.length);
      const damaged = block.with(at, block[at] ^ (1 << random(8)));
      outcomes.add(outcomeOf(random(2) === 0 ? damaged : damaged.slice(0, at)));
    }
    expect(outcomes).toEqual(new Set(['fields', 'too much', 'HpackError']));
  });

  function outcomeOf(block: number[]): string {
    try {
      return decode(decoder({ maxListBytes: 200 }), block) === undefined ? 'too much' : 'fields';
    } catch (reason) {
      return reason instanceof HpackError ? reason.name : String(reason);
    }
  }
});
