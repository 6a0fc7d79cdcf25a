import { type Instance, type RejectionListener } from '../../lakehouse/instances/instance';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { ResultCache, type CachedResult } from './result-cache';

/** The instance of a data source, and a function that rejects its users. */
function instanceOf(): { instance: Instance; reject: RejectionListener } {
  const listeners: RejectionListener[] = [];
  const instance: Partial<Instance> = { onRejected: (listener) => void listeners.push(listener) };
  return { instance: instance as Instance, reject: (owner) => listeners.forEach((listener) => listener(owner)) };
}

const { instance: INSTANCE, reject } = instanceOf();
const key = (statement: string, user = 'ada', instance = INSTANCE) => ({
  instance,
  sharers: user,
  owner: user,
  statement,
});
const times = { wallMs: 0, monotonicMs: 0 };

function resultOf(bytes: number): CachedResult {
  return {
    schema: { fields: [] },
    schemaHeader: new Uint8Array(0),
    rows: { length: 0, columns: [], bytes },
    bins: [],
    range: { fromMs: 0, toMs: 1 },
    readAt: times,
    wholeAt: times,
    wholeMs: 0,
    slowRefreshes: 0,
    wholeReadsLeft: 0,
  };
}

it('drops the least recently used results, and keeps no result that is too large', () => {
  const results = new ResultCache(new MemoryBudget({ totalBytes: 1e9 }).kept, 40_000);
  for (const name of ['a', 'b', 'c']) {
    results.set(key(name), resultOf(10_000));
  }
  results.get(key('a'));
  results.set(key('d'), resultOf(10_000));
  expect(['a', 'b', 'c', 'd'].filter((name) => results.get(key(name)) !== undefined)).toEqual(['a', 'c', 'd']);
  results.set(key('e'), resultOf(40_000));
  expect(results.get(key('e'))).toBeUndefined();
  expect(results.bytes).toBeLessThanOrEqual(40_000);
});

it('keeps separate results for each user and each version of the settings', () => {
  const results = new ResultCache(new MemoryBudget({ totalBytes: 1e9 }).kept);
  results.set(key('a'), resultOf(1));
  expect(results.get(key('a', 'grace'))).toBeUndefined();
  expect(results.get(key('a', 'ada', instanceOf().instance))).toBeUndefined();
  results.set(key('a', 'grace'), resultOf(1));
  expect(results.get(key('a'))).toBeDefined();
  expect(results.get(key('a', 'grace'))).toBeDefined();
});

it.each([
  { name: 'the results of a rejected user', owner: 'ada', left: ['of grace', 'of another instance'] },
  { name: 'all results after a rejected sign-in', owner: undefined, left: ['of another instance'] },
])('drops the results of an instance: $name', ({ owner, left }) => {
  const results = new ResultCache(new MemoryBudget({ totalBytes: 1e9 }).kept);
  const keys = {
    'of ada': key('a'),
    'of grace': key('a', 'grace'),
    'of another instance': key('a', 'ada', instanceOf().instance),
  };
  Object.values(keys).forEach((each) => results.set(each, resultOf(1)));
  reject(owner);
  const found = Object.entries(keys).filter(([, each]) => results.get(each) !== undefined);
  expect(found.map(([name]) => name)).toEqual(left);
});

it('counts the memory of cached results', () => {
  const { kept } = new MemoryBudget({ totalBytes: 1e9 });
  const results = new ResultCache(kept);
  results.set(key('a'), resultOf(100));
  results.set(key('a'), resultOf(200));
  results.set(key('b'), resultOf(300));
  expect(kept.heldBytes).toBe(results.bytes);
  results.delete(key('a'));
  results.delete(key('b'));
  expect([results.bytes, kept.heldBytes]).toEqual([0, 0]);
});

it('drops all results when queries need the memory', () => {
  const { kept } = new MemoryBudget({ totalBytes: 1e9 });
  const results = new ResultCache(kept);
  results.set(key('a'), resultOf(100));
  kept.dropAll();
  expect(results.get(key('a'))).toBeUndefined();
  expect(kept.heldBytes).toBe(0);
});

it('drops the least recently used results to make room for other caches', () => {
  const { kept } = new MemoryBudget({ totalBytes: 400_000 });
  const [results, others] = [new ResultCache(kept), new ResultCache(kept)];
  results.set(key('a'), resultOf(40_000));
  results.set(key('b'), resultOf(40_000));
  results.get(key('a'));
  others.set(key('c'), resultOf(40_000));
  expect(['a', 'b'].filter((name) => results.get(key(name)) !== undefined)).toEqual(['a']);
  expect(others.get(key('c'))).toBeDefined();
});

it('counts copied rows until the refresh ends', () => {
  const { kept } = new MemoryBudget({ totalBytes: 1e6 });
  const memory = new ResultCache(kept).openMemory();
  memory.adopt(1000);
  expect(kept.heldBytes).toBe(1000);
  expect(() => memory.adopt(1e9)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  memory.close();
  memory.close();
  expect(kept.heldBytes).toBe(0);
});
