import { Cache, type CacheOptions } from './cache';

/** A cache with a clock that a test sets. */
function cacheWith<Value = string>(options: Partial<CacheOptions<Value>> = {}) {
  const clock = { nowMs: 0 };
  return { cache: new Cache<Value>({ maxSize: 3, ...options, now: () => clock.nowMs }), clock };
}

/** A load that a test ends, and the number of times that it was begun. */
function loadOf() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { load: jest.fn(() => promise), resolve, reject };
}

it('drops the least recently used entries', () => {
  const { cache } = cacheWith();
  ['a', 'b', 'c'].forEach((key) => cache.set(key, key));
  expect(cache.get('a')).toBe('a');
  cache.set('d', 'd');
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd']);
});

it('counts the sizes of values, also of those that replace others, and keeps no value that is larger than the cache', () => {
  const { cache } = cacheWith({ maxSize: 10, sizeOf: (value) => value.length });
  cache.set('a', '12345');
  cache.set('b', '12345');
  cache.set('a', '1234');
  expect([cache.get('a'), cache.get('b')]).toEqual(['1234', '12345']);
  cache.set('c', '12');
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, '12345', '12']);
  cache.set('b', '12345678901');
  expect([cache.get('b'), cache.get('c')]).toEqual([undefined, '12']);
});

it('keeps a value for its age', () => {
  const { cache, clock } = cacheWith({ ageMs: (value) => (value === 'short' ? 10 : 100) });
  cache.set('a', 'short');
  cache.set('b', 'long');
  clock.nowMs = 9;
  expect([cache.get('a'), cache.get('b')]).toEqual(['short', 'long']);
  clock.nowMs = 10;
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'long']);
  clock.nowMs = 100;
  expect(cache.get('b')).toBeUndefined();
});

it('shares one load, whose result is kept from its end on', async () => {
  const { cache, clock } = cacheWith({ ageMs: 100 });
  const { load, resolve } = loadOf();
  const both = [cache.load('a', load), cache.load('a', load)];
  expect(cache.get('a')).toBeUndefined();
  clock.nowMs = 1000;
  resolve('value');
  expect(await Promise.all(both)).toEqual(['value', 'value']);
  clock.nowMs = 1099;
  expect(await cache.load('a', load)).toBe('value');
  expect(load).toHaveBeenCalledTimes(1);
  clock.nowMs = 1100;
  await cache.load('a', load);
  expect(load).toHaveBeenCalledTimes(2);
});

it('shares a load without keeping its result', async () => {
  const { cache } = cacheWith({ ageMs: 0 });
  const load = jest.fn(async () => 'value');
  await Promise.all([cache.load('a', load), cache.load('a', load)]);
  expect(load).toHaveBeenCalledTimes(1);
  await cache.load('a', load);
  expect(load).toHaveBeenCalledTimes(2);
});

it('keeps a failure for its own age', async () => {
  const { cache, clock } = cacheWith({ failureAgeMs: 10 });
  const { load, reject } = loadOf();
  const reason = new Error('no value');
  const first = cache.load('a', load);
  reject(reason);
  await expect(first).rejects.toBe(reason);
  clock.nowMs = 9;
  await expect(cache.load('a', load)).rejects.toBe(reason);
  expect([cache.get('a'), load.mock.calls.length]).toEqual([undefined, 1]);
  clock.nowMs = 10;
  expect(await cache.load('a', async () => 'value')).toBe('value');
});

it('loads again for a waiting caller if the failure concerns only the caller who loaded', async () => {
  const left = new Error('left');
  const { cache } = cacheWith({ failureAgeMs: 10, isOfCaller: (reason) => reason === left });
  const { load, reject } = loadOf();
  const leaving = cache.load('a', load);
  const waiting = [1, 2].map(() => cache.load('a', async () => 'value'));
  reject(left);
  await expect(leaving).rejects.toBe(left);
  expect(await Promise.all(waiting)).toEqual(['value', 'value']);
});

it.each<[string, (cache: Cache<string>) => void]>([
  ['dropped', (cache) => cache.delete('a')],
  ['dropped with all others', (cache) => cache.clear()],
  ['replaced', (cache) => cache.set('a', 'newer')],
])('does not keep the result of a load whose entry was %s', async (_, change) => {
  const { cache } = cacheWith();
  const { load, resolve } = loadOf();
  const loading = cache.load('a', load);
  change(cache);
  const before = cache.get('a');
  resolve('older');
  expect(await loading).toBe('older');
  expect(cache.get('a')).toBe(before);
});

it('has no entry after a load that could not begin', async () => {
  const { cache } = cacheWith();
  const reason = new Error('not begun');
  const fail = () => {
    throw reason;
  };
  await expect(cache.load('a', fail)).rejects.toBe(reason);
  expect(await cache.load('a', async () => 'value')).toBe('value');
});
