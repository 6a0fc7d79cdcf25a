import { encodeHeaders, EMPTY_TABLE } from './encode-headers.ts';
import { type HeaderField } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';

describe('encodeHeaders', () => {
  it.each<{ name: string; field: HeaderField; expected: string }>([
    { name: 'a complete field of the static table', field: [':method', 'POST'], expected: '83' },
    { name: 'the first of several values of a static name', field: [':status', '200'], expected: '88' },
    { name: 'the last of several values of a static name', field: [':status', '500'], expected: '8e' },
    { name: 'an empty value of the static table', field: ['via', ''], expected: 'bc' },
    { name: 'a name of the static table', field: [':path', '/a'], expected: '14022f61' },
    { name: 'a static name with the value of another static field', field: [':method', '/'], expected: '12012f' },
    { name: 'a static name whose index takes two bytes', field: ['content-type', 'a'], expected: '1f100161' },
    { name: 'the last static name', field: ['www-authenticate', 'a'], expected: '1f2e0161' },
    { name: 'a name that is not in the static table', field: ['te', 'a'], expected: '100274650161' },
    { name: 'an empty value', field: ['te', ''], expected: '1002746500' },
    { name: 'bytes that are not ASCII', field: ['te', '\t\x80\xff'], expected: '10027465030980ff' },
    { name: 'credentials', field: ['authorization', 'a'], expected: '1f080161' },
    { name: 'a static field without a value', field: ['authorization', ''], expected: '97' },
    { name: 'credentials for a proxy', field: ['proxy-authorization', 'a'], expected: '1f220161' },
    { name: 'a cookie', field: ['cookie', 'a'], expected: '1f110161' },
  ])('encodes $name', ({ field, expected }) => {
    expect(encodeHeaders([field]).toString('hex')).toBe(expected);
  });

  it('accepts any iterable', () => {
    expect(encodeHeaders(new Map([[':method', 'GET']]))).toEqual(Buffer.of(0x82));
    expect(encodeHeaders([])).toEqual(Buffer.alloc(0));
  });

  it('can follow EMPTY_TABLE at the start of a block', () => {
    const decoder = new HpackDecoder({ maxTableBytes: 0, maxListBytes: Infinity });
    expect(decoder.decode(Buffer.concat([EMPTY_TABLE, encodeHeaders([[':method', 'GET']])]))).toEqual([
      [':method', 'GET'],
    ]);
  });

  it.each([126, 127, 128, 254, 255, 16_510, 16_511, 2_200_000])('encodes a name and a value of %i bytes', (length) => {
    const fields: HeaderField[] = [['x'.repeat(length), 'y'.repeat(length)]];
    const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: Infinity });
    expect(decoder.decode(encodeHeaders(fields))).toEqual(fields);
  });

  it.each(['\0', '\r', '\n'])('throws a RangeError for %j in a name or value', (character) => {
    expect(() => encodeHeaders([['te', `a${character}`]])).toThrow(RangeError);
    expect(() => encodeHeaders([[':path', `/${character}`]])).toThrow(RangeError);
    expect(() => encodeHeaders([[`x${character}`, '']])).toThrow(RangeError);
  });

  it('throws a RangeError for characters above U+00FF, which could become line breaks', () => {
    expect(() => encodeHeaders([['te', 'a\u010ab']])).toThrow(RangeError);
    expect(() => encodeHeaders([['t\u0100', '']])).toThrow(RangeError);
  });
});
