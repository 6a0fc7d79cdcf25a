import { MAX_KEY_CHARACTERS, StringMap, StringSet } from './string-map';

const long = (end: string, characters = 20_000) => `${'x'.repeat(characters - end.length)}${end}`;

it.each([1, MAX_KEY_CHARACTERS, MAX_KEY_CHARACTERS + 1, 17_000, 900 * 20])(
  'finds only an equal string among strings of %d characters',
  (characters) => {
    const map = new StringMap<number>();
    const [first, second] = [long('a', characters), long('b', characters)];
    map.set(first, 1).set(second, 2).set(first, 3);
    expect([map.get(first), map.get(second), map.has(`${first}x`), map.has(first.slice(1)), map.size]).toEqual([
      3,
      2,
      false,
      false,
      2,
    ]);
    expect([...map]).toEqual([
      [first, 3],
      [second, 2],
    ]);
  }
);

it('distinguishes a string from its prefix', () => {
  const whole = long('', 3 * 900);
  const set = new StringSet([whole]);
  expect([set.has(whole), set.has(whole.slice(0, 2 * 900)), set.has(`${whole}x`)]).toEqual([true, false, false]);
  set.add(whole.slice(0, 2 * 900));
  expect([...set]).toEqual([whole, whole.slice(0, 2 * 900)]);
});

it('removes deleted strings, and keeps strings with the same prefix', () => {
  const map = new StringMap([
    [long('a'), 1],
    [long('b'), 2],
    ['short', 3],
  ]);
  expect([map.delete(long('a')), map.delete(long('a')), map.delete('other'), map.delete(long('c'))]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([map.get(long('a')), map.get(long('b')), map.get('short'), map.size]).toEqual([undefined, 2, 3, 2]);
  map.set(long('a'), 4);
  expect([...map.keys()]).toEqual([long('b'), 'short', long('a')]);
  map.clear();
  expect([map.size, map.get(long('b')), [...map.values()]]).toEqual([0, undefined, []]);
});

it('passes no key of more than `MAX_KEY_CHARACTERS` to `Map`', () => {
  const lengths: number[] = [];
  for (const name of ['get', 'set', 'has'] as const) {
    const original: (this: Map<unknown, unknown>, ...args: [unknown, unknown]) => unknown = Map.prototype[name];
    jest.spyOn(Map.prototype, name).mockImplementation(function (this: Map<unknown, unknown>, ...args) {
      lengths.push(String(args[0]).length);
      return Reflect.apply(original, this, args) as never;
    });
  }
  const map = new StringMap([[long('a', 100_000), 1]]);
  map.get(long('b', 100_000));
  jest.restoreAllMocks();
  expect(Math.max(...lengths)).toBeLessThanOrEqual(MAX_KEY_CHARACTERS);
});
