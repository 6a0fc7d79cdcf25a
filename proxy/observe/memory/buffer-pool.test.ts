import { BufferPool } from './buffer-pool';
import { type Ledger, MemoryAccount } from './memory-account';

const MB = 1024 * 1024;

/** An account that takes from this pool and has no limits. */
function open(pool: BufferPool): MemoryAccount {
  const ledger: Ledger = {
    accountBytes: Infinity,
    finishingBytes: Infinity,
    mostBytes: Infinity,
    aheadBytes: 0,
    heapWeight: 1,
    pool,
    now: () => 0,
    nextNumber: () => 0,
    count: () => undefined,
    wait: () => undefined,
    changed: () => undefined,
    closed: () => undefined,
  };
  return new MemoryAccount(ledger, { pooled: true });
}

it('reuses the memory of a result after the result was sent', () => {
  const pool = new BufferPool(10 * MB);
  const first = open(pool);
  const bytes = first.take(MB).fill(7);
  first.close();
  expect(pool.readyBytes).toBe(MB);
  const again = open(pool).take(MB);
  expect(pool.readyBytes).toBe(0);
  expect(again.every((byte) => byte === 7)).toBe(true);
  expect(bytes).toHaveLength(0);
});

it('detaches all views of a returned buffer', () => {
  const pool = new BufferPool(10 * MB);
  const result = open(pool);
  const kept = result.take(MB);
  const part = kept.subarray(100, 200);
  const numbers = new Int32Array(kept.buffer);
  result.close();
  expect([kept.length, part.length, numbers.length]).toEqual([0, 0, 0]);
  open(pool).take(MB).fill(1);
  expect(part[0]).toBeUndefined();
});

it('reuses buffers for parts of similar size', () => {
  const pool = new BufferPool(10 * MB);
  const first = open(pool);
  [700_000, 719_000, 720_896].forEach((bytes) => expect(first.take(bytes)).toHaveLength(bytes));
  first.close();
  const second = open(pool);
  [720_000, 710_000, 701_000].forEach((bytes) => expect(second.take(bytes)).toHaveLength(bytes));
  expect(pool.readyBytes).toBe(0);
});

it('does not share buffers between two results', () => {
  const pool = new BufferPool(10 * MB);
  const [a, b] = [open(pool), open(pool)];
  expect(a.take(MB).buffer).not.toBe(b.take(MB).buffer);
  expect(a.take(1000).buffer).not.toBe(a.take(MB).buffer);
});

it('keeps no more free bytes than the limit', () => {
  const pool = new BufferPool(3 * MB);
  const result = open(pool);
  const views = Array.from({ length: 5 }, () => result.take(MB));
  result.close();
  expect(pool.readyBytes).toBe(3 * MB);
  expect(views.map(({ length }) => length)).toEqual([0, 0, 0, 0, 0]);
});

it('drops the least recently used sizes', () => {
  const pool = new BufferPool(4 * MB);
  const use = (count: number, bytes: number) => {
    const result = open(pool);
    Array.from({ length: count }, () => result.take(bytes));
    result.close();
  };
  use(4, MB);
  use(2, MB / 2);
  expect(pool.readyBytes).toBe(4 * MB);
  use(8, MB / 2);
  expect(pool.readyBytes).toBe(4 * MB);
  const before = pool.readyBytes;
  open(pool).take(MB / 2);
  expect(before - pool.readyBytes).toBe(MB / 2);
  expect(open(pool).take(MB)).toHaveLength(MB);
  expect(pool.readyBytes).toBe(before - MB / 2);
});

it('counts the bytes of a result until its account is closed', () => {
  const result = open(new BufferPool(4 * MB));
  result.take(1000);
  expect(result.heldBytes).toBe(1000);
  result.take(MB);
  result.take(MB - 10);
  expect(result.heldBytes).toBe(2 * MB + 1000);
  result.close();
  expect(result.heldBytes).toBe(0);
});

it('returns buffers only once', () => {
  const pool = new BufferPool(10 * MB);
  const result = open(pool);
  result.take(MB);
  result.close();
  result.close();
  expect(pool.readyBytes).toBe(MB);
});

it('does not pool small buffers', () => {
  const pool = new BufferPool(10 * MB);
  const result = open(pool);
  const small = result.take(1000);
  result.close();
  expect(pool.readyBytes).toBe(0);
  expect(small).toHaveLength(1000);
});

describe('a pool to which no more buffers are returned', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is cleared after a while', () => {
    const pool = new BufferPool(10 * MB);
    const result = open(pool);
    result.take(MB);
    jest.advanceTimersByTime(40_000);
    result.close();
    jest.advanceTimersByTime(29_999);
    expect(pool.readyBytes).toBe(MB);
    jest.advanceTimersByTime(1);
    expect(pool.readyBytes).toBe(0);
  });
});

it('aligns memory to eight bytes', () => {
  const result = open(new BufferPool(MB));
  const sizes = [1, 3, 100, 5000, 40_001, 40_002, 70_000];
  expect(sizes.map((bytes) => result.take(bytes).byteOffset % 8)).toEqual(sizes.map(() => 0));
});

it('frees unused buffers when the work ends, and the other buffers when the account is closed', () => {
  const pool = new BufferPool(10 * MB);
  const account = open(pool);
  const [received, made, small] = [account.take(2 * MB), account.take(MB), account.take(1000)];
  account.end([made.subarray(10, 20), made.subarray(100), small]);
  expect(account.heldBytes).toBe(MB + 1000);
  expect([received.length, made.length, pool.readyBytes]).toEqual([0, MB, 2 * MB]);
  account.close();
  expect([account.heldBytes, pool.readyBytes]).toEqual([0, 3 * MB]);
});

it('frees the old buffer immediately when a buffer grows', () => {
  const pool = new BufferPool(10 * MB);
  const account = open(pool);
  const grown = account.grow(account.take(MB).fill(3), MB, 2 * MB);
  expect([grown.length, grown[0], grown[MB - 1]]).toEqual([2 * MB, 3, 3]);
  expect([account.heldBytes, pool.readyBytes]).toEqual([2 * MB, MB]);
});
