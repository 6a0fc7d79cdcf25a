import { decodeGrpcMessage, encodeGrpcMessage, grpcTimeout, grpcTimeoutMs } from './grpc';

describe('decodeGrpcMessage', () => {
  it.each([
    { name: 'percent escapes', encoded: 'Did you mean %3Fround%23%3F', expected: 'Did you mean ?round#?' },
    { name: 'percent escapes of UTF-8 bytes', encoded: 'na%C3%AFve%20%F0%9F%9A%80', expected: 'naïve 🚀' },
    { name: 'a line break', encoded: 'a%0Ab', expected: 'a\nb' },
    { name: 'an escaped percent sign', encoded: "LIKE '50%25'", expected: "LIKE '50%'" },
    { name: 'an unescaped percent sign', encoded: "LIKE%20'50%'%20na%C3%AFve", expected: "LIKE '50%' naïve" },
    { name: 'invalid UTF-8', encoded: '%FFx', expected: '\ufffdx' },
    { name: 'an empty string', encoded: '', expected: '' },
  ])('decodes $name', ({ encoded, expected }) => {
    expect(decodeGrpcMessage(encoded)).toBe(expected);
  });

  it('drops the middle of a message that is too long, and keeps its end', () => {
    const read = decodeGrpcMessage(`No%20field.${'%41'.repeat(1_000_000)}%20(query_id=ab-1)`);
    expect(read).toMatch(/^No field\.A/);
    expect(read).toMatch(/ \[\.\.\.\] /);
    expect(read).toMatch(/A \(query_id=ab-1\)$/);
    expect(read.length).toBeLessThan(65_536);
  });
});

describe('encodeGrpcMessage', () => {
  it.each([
    ['plain words, 1 + 1', 'plain words, 1 + 1'],
    ['50 %', '50 %25'],
    ['line\nfeed', 'line%0Afeed'],
    ['é', '%C3%A9'],
    ['🙂', '%F0%9F%99%82'],
  ])('encodes %j as %s', (value, expected) => {
    expect(encodeGrpcMessage(value)).toBe(expected);
    expect(decodeURIComponent(encodeGrpcMessage(value))).toBe(value);
  });

  it('truncates a long message between two characters', () => {
    const encoded = encodeGrpcMessage('é'.repeat(5000));
    expect(encoded.length).toBeLessThanOrEqual(2048);
    expect(() => decodeURIComponent(encoded)).not.toThrow();
  });
});

it.each([
  [1, '1m'],
  [0.2, '1m'],
  [1500.4, '1501m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [1e15, '99999999S'],
])('grpcTimeout writes %d ms as %s', (timeoutMs, expected) => {
  expect(grpcTimeout(timeoutMs)).toBe(expected);
});

it.each([
  ['2H', 7_200_000],
  ['3M', 180_000],
  ['4S', 4000],
  ['250m', 250],
  ['5000u', 5],
  ['1000000n', 1],
  ['99999999H', 2 ** 31 - 1],
  ['123456789S', undefined],
  ['1', undefined],
  ['x', undefined],
  [undefined, undefined],
])('grpcTimeoutMs reads %s as %s ms', (value, expected) => {
  expect(grpcTimeoutMs(value)).toBe(expected);
});
