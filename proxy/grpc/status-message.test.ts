import { decodeGrpcMessage, encodeGrpcMessage } from './status-message';

it.each([
  { name: 'escapes', text: 'Did you mean %3Fround%23%3F', expected: 'Did you mean ?round#?' },
  { name: 'escapes of UTF-8', text: 'na%C3%AFve%20%F0%9F%9A%80', expected: 'naïve 🚀' },
  { name: 'a line break', text: 'a%0Ab', expected: 'a\nb' },
  { name: 'a per cent sign that was escaped', text: "LIKE '50%25'", expected: "LIKE '50%'" },
  { name: 'one that was not', text: "LIKE%20'50%'%20na%C3%AFve", expected: "LIKE '50%' naïve" },
  { name: 'bytes that are no UTF-8', text: '%FFx', expected: '\ufffdx' },
  { name: 'nothing', text: '', expected: '' },
])('reads $name', ({ text, expected }) => {
  expect(decodeGrpcMessage(text)).toBe(expected);
});

it('drops the middle of a message that is too long, and keeps its end', () => {
  const read = decodeGrpcMessage(`No%20field.${'%41'.repeat(1_000_000)}%20(query_id=ab-1)`);
  expect(read).toMatch(/^No field\.A/);
  expect(read).toMatch(/ \[\.\.\.\] /);
  expect(read).toMatch(/A \(query_id=ab-1\)$/);
  expect(read.length).toBeLessThan(65_536);
});

describe('what is written', () => {
  it.each([
    ['plain words, 1 + 1', 'plain words, 1 + 1'],
    ['50 %', '50 %25'],
    ['line\nfeed', 'line%0Afeed'],
    ['é', '%C3%A9'],
    ['🙂', '%F0%9F%99%82'],
  ])('%j travels as %s', (text, expected) => {
    expect(encodeGrpcMessage(text)).toBe(expected);
    expect(decodeURIComponent(encodeGrpcMessage(text))).toBe(text);
  });

  it('is cut between characters, since headers are bounded', () => {
    const encoded = encodeGrpcMessage('é'.repeat(5000));
    expect(encoded.length).toBeLessThanOrEqual(2048);
    expect(() => decodeURIComponent(encoded)).not.toThrow();
  });
});
