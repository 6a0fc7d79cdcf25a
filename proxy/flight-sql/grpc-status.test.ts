import { decodeGrpcMessage, grpcTimeout } from './grpc-status';

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

it.each([
  [1, '1m'],
  [0.2, '1m'],
  [1500.4, '1501m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [1e15, '99999999S'],
])('writes %d ms as %s', (timeoutMs, expected) => {
  expect(grpcTimeout(timeoutMs)).toBe(expected);
});
