import { TokenBucket } from './flood-guard.ts';

/** Takes all available tokens one by one, and returns their number. */
function available(bucket: TokenBucket): number {
  let count = 0;
  while (bucket.take(1)) {
    count++;
  }
  return count;
}

it('allows a burst, and then the tokens of the elapsed time', () => {
  let nowMs = 5000;
  const bucket = new TokenBucket(100, 10, { nowMs: () => nowMs });
  expect(available(bucket)).toBe(100);
  nowMs += 1000;
  expect(available(bucket)).toBe(10);
});

it('never holds more than the burst', () => {
  let nowMs = 0;
  const bucket = new TokenBucket(100, 10, { nowMs: () => nowMs });
  bucket.earn(1000);
  expect(available(bucket)).toBe(100);
  nowMs += 3_600_000;
  expect(available(bucket)).toBe(100);
});

it('makes earned tokens available immediately', () => {
  const bucket = new TokenBucket(100, 10, { nowMs: () => 0 });
  bucket.take(100);
  bucket.earn(5);
  expect(available(bucket)).toBe(5);
});

it('does not read the clock to take available tokens', () => {
  let reads = 0;
  const bucket = new TokenBucket(100, 10, { nowMs: () => ++reads });
  for (let count = 0; count < 100; count++) {
    bucket.take(1);
  }
  expect(reads).toBe(1);
});
