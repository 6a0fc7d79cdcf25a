import { encodeHeaders, type EncodeOptions } from './encode-headers';
import { type HeaderField } from './header-field';
import { HpackDecoder } from './hpack-decoder';

function hex(fields: HeaderField[], options?: EncodeOptions): string {
  return encodeHeaders(fields, options).toString('hex');
}

describe('a header block', () => {
  it.each<{ name: string; field: HeaderField; expected: string; sensitive?: string }>([
    { name: 'a whole field of the static table', field: [':method', 'POST'], expected: '83' },
    { name: 'the first of several values', field: [':status', '200'], expected: '88' },
    { name: 'the last of several values', field: [':status', '500'], expected: '8e' },
    { name: 'an empty value of the static table', field: ['via', ''], expected: 'bc' },
    { name: 'a name of the static table', field: [':path', '/a'], expected: '04022f61' },
    { name: 'a name with the value of another', field: [':method', '/'], expected: '02012f' },
    { name: 'a name beyond the short indexes', field: ['content-type', 'a'], expected: '0f100161' },
    { name: 'the last name, with a value', field: ['www-authenticate', 'a'], expected: '0f2e0161' },
    { name: 'a name of its own', field: ['te', 'a'], expected: '000274650161' },
    { name: 'an empty value', field: ['te', ''], expected: '0002746500' },
    { name: 'bytes', field: ['te', '\0\x80\xff'], expected: '00027465030080ff' },
    { name: 'credentials', field: ['authorization', 'a'], expected: '1f080161' },
    { name: 'credentials without a value', field: ['authorization', ''], expected: '1f0800' },
    { name: 'credentials for a proxy', field: ['proxy-authorization', 'a'], expected: '1f220161' },
    { name: 'a cookie', field: ['cookie', 'a'], expected: '1f110161' },
    { name: 'a name called sensitive', field: ['te', 'a'], sensitive: 'te', expected: '100274650161' },
    { name: 'another name than the sensitive one', field: ['te', 'a'], sensitive: 'et', expected: '000274650161' },
    { name: 'a known field called sensitive', field: [':path', '/'], sensitive: ':path', expected: '14012f' },
  ])('holds $name', ({ field, expected, sensitive }) => {
    expect(hex([field], sensitive === undefined ? undefined : { sensitive: new Set([sensitive]) })).toBe(expected);
  });

  it('takes fields from anything that can be iterated', () => {
    expect(encodeHeaders(new Map([[':method', 'GET']]))).toEqual(Buffer.of(0x82));
    expect(encodeHeaders([])).toEqual(Buffer.alloc(0));
  });

  it('says first, if asked to, that the table stays empty', () => {
    expect(hex([[':method', 'GET']], { emptyTable: true })).toBe('2082');
  });

  it.each([126, 127, 128, 254, 255, 16_510, 16_511, 2_200_000])('holds a value of %i bytes', (length) => {
    const fields: HeaderField[] = [['x'.repeat(length), 'y'.repeat(length)]];
    const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: Infinity });
    expect(decoder.decode(encodeHeaders(fields))).toEqual(fields);
  });

  it('takes no character that is no byte, which could become the end of a line', () => {
    expect(() => encodeHeaders([['te', 'a\u010ab']])).toThrow(RangeError);
    expect(() => encodeHeaders([['t\u0100', '']])).toThrow(RangeError);
  });
});
