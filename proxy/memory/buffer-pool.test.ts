import { BufferPool } from './buffer-pool';

const MB = 1024 * 1024;

it('uses the memory of an answer again once it has gone out', () => {
  const pool = new BufferPool(10 * MB);
  const first = pool.open();
  const bytes = first.take(MB).fill(7);
  first.release();
  expect(pool.readyBytes).toBe(MB);
  const again = pool.open().take(MB);
  expect(pool.readyBytes).toBe(0);
  expect(again.every((byte) => byte === 7)).toBe(true);
  expect(bytes).toHaveLength(0);
});

it('takes the bytes away from whoever still holds them', () => {
  const pool = new BufferPool(10 * MB);
  const answer = pool.open();
  const kept = answer.take(MB);
  const part = kept.subarray(100, 200);
  const numbers = new Int32Array(kept.buffer);
  answer.release();
  expect([kept.length, part.length, numbers.length]).toEqual([0, 0, 0]);
  pool.open().take(MB).fill(1);
  expect(part[0]).toBeUndefined();
});

it('finds memory for parts of about the same size', () => {
  const pool = new BufferPool(10 * MB);
  const first = pool.open();
  [700_000, 719_000, 720_896].forEach((bytes) => expect(first.take(bytes)).toHaveLength(bytes));
  first.release();
  const second = pool.open();
  [720_000, 710_000, 701_000].forEach((bytes) => expect(second.take(bytes)).toHaveLength(bytes));
  expect(pool.readyBytes).toBe(0);
});

it('gives two answers memory of their own', () => {
  const pool = new BufferPool(10 * MB);
  const [a, b] = [pool.open(), pool.open()];
  expect(a.take(MB).buffer).not.toBe(b.take(MB).buffer);
  expect(a.take(1000).buffer).not.toBe(a.take(MB).buffer);
});

it('keeps no more ready than it may', () => {
  const pool = new BufferPool(3 * MB);
  const answer = pool.open();
  const views = Array.from({ length: 5 }, () => answer.take(MB));
  answer.release();
  expect(pool.readyBytes).toBe(3 * MB);
  expect(views.map(({ length }) => length)).toEqual([0, 0, 0, 0, 0]);
});

it('lets sizes go that nobody uses any more, for those of today', () => {
  const pool = new BufferPool(4 * MB);
  const use = (count: number, bytes: number) => {
    const answer = pool.open();
    Array.from({ length: count }, () => answer.take(bytes));
    answer.release();
  };
  use(4, MB);
  use(2, MB / 2);
  expect(pool.readyBytes).toBe(4 * MB);
  use(8, MB / 2);
  expect(pool.readyBytes).toBe(4 * MB);
  const before = pool.readyBytes;
  pool.open().take(MB / 2);
  expect(before - pool.readyBytes).toBe(MB / 2);
  expect(pool.open().take(MB)).toHaveLength(MB);
  expect(pool.readyBytes).toBe(before - MB / 2);
});

it('tells how much an answer keeps, until it is released', () => {
  const answer = new BufferPool(4 * MB).open();
  answer.take(1000);
  expect(answer.takenBytes).toBe(0);
  answer.take(MB);
  answer.take(MB - 10);
  expect(answer.takenBytes).toBe(2 * MB);
  answer.release();
  expect(answer.takenBytes).toBe(0);
});

it('releases once', () => {
  const pool = new BufferPool(10 * MB);
  const answer = pool.open();
  answer.take(MB);
  answer.release();
  answer.release();
  expect(pool.readyBytes).toBe(MB);
});

it('leaves small parts to the garbage collector', () => {
  const pool = new BufferPool(10 * MB);
  const answer = pool.open();
  const small = answer.take(1000);
  answer.release();
  expect(pool.readyBytes).toBe(0);
  expect(small).toHaveLength(1000);
});

describe('without answers', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('gives everything back after a while', () => {
    const pool = new BufferPool(10 * MB);
    const answer = pool.open();
    answer.take(MB);
    jest.advanceTimersByTime(40_000);
    answer.release();
    jest.advanceTimersByTime(29_999);
    expect(pool.readyBytes).toBe(MB);
    jest.advanceTimersByTime(1);
    expect(pool.readyBytes).toBe(0);
  });
});

it('aligns what it gives to eight bytes', () => {
  const answer = new BufferPool(MB).open();
  const sizes = [1, 3, 100, 5000, 40_001, 40_002, 70_000];
  expect(sizes.map((bytes) => answer.take(bytes).byteOffset % 8)).toEqual(sizes.map(() => 0));
});
