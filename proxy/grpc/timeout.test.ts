import { grpcTimeout, grpcTimeoutMs } from './timeout';

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

describe('reading', () => {
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
  ])('%s is %s ms', (text, expected) => {
    expect(grpcTimeoutMs(text)).toBe(expected);
  });
});
