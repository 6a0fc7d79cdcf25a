import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { ByteSink } from './byte-sink';
import { PLAIN_NUMBERS } from './json-values';
import { isJsonb, visitJsonbObject, writeJsonb } from './jsonb';

const memory = unlimitedAccount();

/** The JSON text of JSONB bytes in hexadecimal. Undefined if the bytes are rejected. */
function decode(hex: string | Uint8Array): string | undefined {
  const bytes = typeof hex === 'string' ? Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex')) : hex;
  const sink = new ByteSink(memory);
  sink.string('before:');
  const problem = writeJsonb(bytes, sink);
  const json = Buffer.from(sink.finish()).toString();
  if (problem !== undefined) {
    expect(json).toBe('before:');
  }
  return problem === undefined ? json.slice('before:'.length) : undefined;
}

/** A scalar document from the type of the entry and its payload. */
function scalar(type: number, payload: string): string {
  const size = payload.replace(/\s/g, '').length / 2;
  return `20000000 ${type.toString(16)}${size.toString(16).padStart(7, '0')} ${payload}`;
}

/** The object `{"a":…}` with this value. */
function objectWith(value: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32BE(0x40000001, 0);
  head.writeUInt32BE(0x10000001, 4);
  head.writeUInt32BE(0x50000000 + value.length, 8);
  return Buffer.concat([head, Buffer.from('a'), value]);
}

/** The JSON texts of the values of a JSONB object. Undefined if the object is rejected. */
function visited(bytes: Uint8Array, quoteWholeFloats = false): string[] | undefined {
  const values: string[] = [];
  const numbers = { ...PLAIN_NUMBERS, quoteWholeFloats };
  const isObject = visitJsonbObject(
    bytes,
    (_key, write) => {
      const sink = new ByteSink(memory);
      write(sink);
      values.push(Buffer.from(sink.finish()).toString());
    },
    numbers
  );
  return isObject ? values : undefined;
}

/** An empty array within this many arrays. */
function nested(levels: number): Buffer {
  let bytes = Buffer.from('80000000', 'hex');
  for (let level = 0; level < levels; level++) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(0x80000001, 0);
    head.writeUInt32BE(0x50000000 + bytes.length, 4);
    bytes = Buffer.concat([head, bytes]);
  }
  return bytes;
}

const EXAMPLE_1 = '40000001 10000001 10000001 61 62';
const EXAMPLE_2 = `40000002 10000001 10000001 5000000f 50000011 6b 74
  40000001 10000001 20000002 6e 50 01  80000003 40000000 00000000 10000001 78`;

describe('JSONB to JSON', () => {
  it.each([
    { name: 'the first example of the format', bytes: EXAMPLE_1, json: '{"a":"b"}' },
    { name: 'the second example, nested', bytes: EXAMPLE_2, json: '{"k":{"n":1},"t":[true,null,"x"]}' },
    { name: 'an empty object', bytes: '40000000', json: '{}' },
    { name: 'an empty array', bytes: '80000000', json: '[]' },
    { name: 'a single text', bytes: '20000000 10000001 62', json: '"b"' },
    { name: 'null', bytes: '20000000 00000000', json: 'null' },
    { name: 'false', bytes: '20000000 30000000', json: 'false' },
    { name: 'true', bytes: '20000000 40000000', json: 'true' },
    { name: 'zero', bytes: scalar(2, '00'), json: '0' },
    { name: 'NaN as text', bytes: scalar(2, '10'), json: '"NaN"' },
    { name: 'infinity as text', bytes: scalar(2, '20'), json: '"Infinity"' },
    { name: 'minus infinity as text', bytes: scalar(2, '30'), json: '"-Infinity"' },
    { name: 'a signed byte', bytes: scalar(2, '40 fb'), json: '-5' },
    { name: 'two signed bytes', bytes: scalar(2, '40 8000'), json: '-32768' },
    { name: 'four signed bytes', bytes: scalar(2, '40 ffffffff'), json: '-1' },
    { name: 'eight signed bytes beyond 2^53', bytes: scalar(2, '40 7fffffffffffffff'), json: '9223372036854775807' },
    { name: 'an unsigned byte', bytes: scalar(2, '50 ff'), json: '255' },
    { name: 'two unsigned bytes', bytes: scalar(2, '50 ffff'), json: '65535' },
    { name: 'four unsigned bytes', bytes: scalar(2, '50 ffffffff'), json: '4294967295' },
    { name: 'eight unsigned bytes', bytes: scalar(2, '50 ffffffffffffffff'), json: '18446744073709551615' },
    { name: 'a float', bytes: scalar(2, '60 3ff8000000000000'), json: '1.5' },
    { name: 'a float that is NaN', bytes: scalar(2, '60 7ff8000000000000'), json: '"NaN"' },
    { name: 'a decimal of 64 bits', bytes: scalar(2, '70 00000000000004d2 02'), json: '12.34' },
    { name: 'a decimal of 128 bits', bytes: scalar(2, '70 fffffffffffffffffffffffffffffffb 03'), json: '-0.005' },
    {
      name: 'a decimal with precision, in the older encoding',
      bytes: scalar(2, '70 00000000000000000000000000000007 26 00'),
      json: '7',
    },
    { name: 'a decimal of 256 bits', bytes: scalar(2, `70 ${'00'.repeat(31)}0c 01`), json: '1.2' },
    { name: 'bytes as base64', bytes: scalar(6, '00 ff00'), json: '"/wA="' },
    { name: 'a date', bytes: scalar(6, '10 ffffffff'), json: '"1969-12-31"' },
    { name: 'a timestamp', bytes: scalar(6, '20 00000000000f4241'), json: '"1970-01-01T00:00:01.000001Z"' },
    { name: 'a timestamp with zone', bytes: scalar(6, '30 0000000000000000 00000e10'), json: '"1970-01-01T00:00:00Z"' },
    {
      name: 'a timestamp with zone, in the older encoding',
      bytes: scalar(6, '30 0000000000000000 01'),
      json: '"1970-01-01T00:00:00Z"',
    },
    { name: 'an interval', bytes: scalar(6, '40 00000001 00000002 00000000000f4240'), json: '"P1M2DT1S"' },
    { name: 'a text that needs escapes', bytes: scalar(1, '22 5c 0a'), json: '"\\"\\\\\\n"' },
    { name: 'a text of other scripts', bytes: scalar(1, 'c3a9 e697a5'), json: '"é日"' },
  ])('writes $name', ({ bytes, json }) => {
    expect(decode(bytes)).toBe(json);
    expect(() => JSON.parse(json)).not.toThrow();
  });

  it.each([
    { name: 'an empty value', bytes: '' },
    { name: 'an unknown header', bytes: '00000000' },
    { name: 'bytes after the value', bytes: `${EXAMPLE_1} 00` },
    { name: 'a scalar with a count', bytes: '20000001 00000000' },
    { name: 'more elements than bytes', bytes: '9fffffff' },
    { name: 'more pairs than bytes', bytes: '5fffffff' },
    { name: 'a key that is not a text', bytes: '40000001 20000001 10000001 61 62' },
    { name: 'a text beyond the end', bytes: '20000000 10000009 62' },
    { name: 'text that is not UTF-8', bytes: scalar(1, 'ff') },
    { name: 'a number of three bytes', bytes: scalar(2, '40 000001') },
    { name: 'a number without a payload', bytes: '20000000 20000000' },
    { name: 'a number of an unknown type', bytes: scalar(2, '80') },
    { name: 'an extension of an unknown type', bytes: scalar(6, '50') },
    { name: 'an entry of an unknown type', bytes: '20000000 70000000' },
    { name: 'the value true with a payload', bytes: scalar(4, '00') },
    { name: 'a container shorter than its entry', bytes: '80000001 50000005 80000000 00' },
  ])('rejects $name', ({ bytes }) => {
    expect(decode(bytes)).toBeUndefined();
  });

  it.each([100, 101, 5000])(
    'accepts 100 levels of nesting, and rejects more levels as too deep, not as invalid: %s levels',
    (levels) => {
      const bytes = nested(levels);
      expect(decode(bytes)).toBe(levels > 100 ? undefined : '['.repeat(101) + ']'.repeat(101));
      expect(writeJsonb(bytes, new ByteSink(memory))).toBe(levels > 100 ? 'too_deep' : undefined);
      expect(isJsonb(bytes, memory)).toBe(true);
    }
  );

  it.each([98, 99, 100])(
    'has the same limit of nesting for a visited object: %s arrays around the innermost array',
    (levels) => {
      const array = nested(levels);
      const json = '['.repeat(levels + 1) + ']'.repeat(levels + 1);
      expect(decode(objectWith(array))).toBe(levels > 99 ? undefined : `{"a":${json}}`);
      expect(visited(objectWith(array))).toEqual(levels > 99 ? undefined : [json]);
    }
  );

  it('rejects bytes of another format as invalid', () => {
    expect(writeJsonb(Buffer.from('CBOR'), new ByteSink(memory))).toBe('invalid');
  });

  it.each([
    { name: 'a JSONB value', bytes: Buffer.from('80000000', 'hex'), known: true },
    { name: 'bytes of another format', bytes: Buffer.from('CBOR'), known: false },
    { name: 'an empty value', bytes: Buffer.alloc(0), known: false },
    { name: 'truncated nested JSONB', bytes: nested(50).subarray(0, -1), known: false },
  ])('isJsonb returns $known for $name', ({ bytes, known }) => {
    expect(isJsonb(bytes, memory)).toBe(known);
  });

  it('rejects truncated examples; for each changed byte, rejects the example or writes valid JSON', () => {
    for (const example of [EXAMPLE_1, EXAMPLE_2]) {
      const whole = Uint8Array.from(Buffer.from(example.replace(/\s/g, ''), 'hex'));
      for (let size = 0; size < whole.length; size++) {
        expect(decode(whole.subarray(0, size))).toBeUndefined();
      }
      for (let at = 0; at < whole.length; at++) {
        for (let value = 0; value < 256; value++) {
          const json = decode(whole.with(at, value));
          expect(json === undefined || JSON.parse(json) !== undefined).toBe(true);
        }
      }
    }
  });

  it('rejects damaged examples, or writes valid JSON', () => {
    const seeds = [EXAMPLE_1, EXAMPLE_2].map((example) => Buffer.from(example.replace(/\s/g, ''), 'hex'));
    // A linear congruential generator gives the same bytes in every run.
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 20_000; round++) {
      const seed = seeds[round % seeds.length] ?? Buffer.alloc(0);
      const bytes = Uint8Array.from(seed);
      for (let change = random(4); change >= 0; change--) {
        bytes[random(bytes.length)] = random(256);
      }
      const json = decode(bytes.subarray(0, random(bytes.length + 1)));
      expect(json === undefined || JSON.parse(json) !== undefined).toBe(true);
    }
  });
});

describe('writing JSONB with quoted big numbers', () => {
  it.each([
    {
      name: 'the largest integer that browsers do not round',
      bytes: scalar(2, '40 001fffffffffffff'),
      json: '9007199254740991',
      calls: 0,
    },
    {
      name: 'the smallest positive integer that is quoted',
      bytes: scalar(2, '40 0020000000000000'),
      json: '"9007199254740992"',
      calls: 1,
    },
    {
      name: 'a large negative integer',
      bytes: scalar(2, '40 ffc0000000000000'),
      json: '"-18014398509481984"',
      calls: 1,
    },
    {
      name: 'the largest unsigned 64-bit integer',
      bytes: scalar(2, '50 ffffffffffffffff'),
      json: '"18446744073709551615"',
      calls: 1,
    },
    { name: 'a decimal of few digits', bytes: scalar(2, '70 00000000000004d2 02'), json: '12.34', calls: 0 },
    {
      name: 'a decimal of many digits',
      bytes: scalar(2, '70 7fffffffffffffff 02'),
      json: '"92233720368547758.07"',
      calls: 1,
    },
  ])('writes $name as $json', ({ bytes, json, calls: expected }) => {
    const sink = new ByteSink(memory);
    let calls = 0;
    const numbers = { quoteBig: true, onBig: () => calls++ };
    expect(writeJsonb(Buffer.from(bytes.replace(/\s/g, ''), 'hex'), sink, numbers)).toBeUndefined();
    expect({ json: Buffer.from(sink.finish()).toString(), calls }).toEqual({ json, calls: expected });
  });
});

describe('visiting a JSONB object', () => {
  it('passes keys and the JSON text of their values', () => {
    const pairs: string[] = [];
    const done = visitJsonbObject(Buffer.from(EXAMPLE_2.replace(/\s/g, ''), 'hex'), (key, write) => {
      const sink = new ByteSink(memory);
      write(sink);
      pairs.push(`${key}=${Buffer.from(sink.finish()).toString()}`);
    });
    expect(done).toBe(true);
    expect(pairs).toEqual(['k={"n":1}', 't=[true,null,"x"]']);
  });

  it.each([
    ['an array', '80000000'],
    ['a scalar', '20000000 00000000'],
    ['a truncated object', '40000001 10000001 10000001 61'],
    ['bytes after the object', `${EXAMPLE_1} 00`],
  ])('returns false for %s', (_, hex) => {
    expect(
      visitJsonbObject(Buffer.from(hex.replace(/\s/g, ''), 'hex'), (_key, write) => write(new ByteSink(memory)))
    ).toBe(false);
  });

  it('quotes whole floating point numbers only if they are values of this object', () => {
    const float = '20000009 60 3ff0000000000000';
    const array = `80000001 ${float}`;
    const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
    expect(visited(hex(`40000001 10000001 20000009 61 60 3ff0000000000000`), true)).toEqual(['"1.0"']);
    expect(visited(objectWith(hex(array)), true)).toEqual(['[1]']);
    const sink = new ByteSink(memory);
    writeJsonb(hex(`80000001 50000011 ${array}`), sink, { ...PLAIN_NUMBERS, quoteWholeFloats: true });
    expect(Buffer.from(sink.finish()).toString()).toBe('[[1]]');
  });
});
