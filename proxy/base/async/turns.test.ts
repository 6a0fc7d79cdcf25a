import { setImmediate as turn } from 'node:timers/promises';
import { turnsOf } from './testing/turns-of';
import { nextTurn, Pace } from './turns';

it('continues one task in each turn of the event loop, in the order of arrival', async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    for (let step = 0; step < 2; step++) {
      await nextTurn();
      order.push(name);
    }
  };
  const works = Promise.all(['a', 'b', 'c'].map(work));
  for (let turns = 1; turns <= 6; turns++) {
    await turn();
    expect(order).toHaveLength(turns);
  }
  await works;
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});

it.each([
  { name: 'values', values: 1000, bytes: 0 },
  { name: 'bytes', values: 0, bytes: 100_000 },
])('pauses in proportion to the $name', async ({ values, bytes }) => {
  const rows = (count: number) => async () => {
    const pace = new Pace();
    for (let row = 0; row < count; row++) {
      await pace.worked(values, bytes);
    }
  };
  const [few, many] = [await turnsOf(rows(1000)), await turnsOf(rows(4000))];
  expect(few).toBeGreaterThan(10);
  expect(many / few).toBeCloseTo(4, 0);
});

it('pauses in proportion to the bytes of the items', async () => {
  const strings = Array<string>(40).fill('x'.repeat(100_000));
  let count = 0;
  const work = () =>
    new Pace().each(
      strings,
      1,
      () => count++,
      ({ length }) => length
    );
  expect(await turnsOf(work)).toBeGreaterThan(3);
  expect(count).toBe(40);
});

it('does not pause for little work', () => {
  expect(new Pace().worked(100, 10_000)).toBeUndefined();
});

it('ends the work with the error that the callback throws', async () => {
  const pace = new Pace(() => {
    throw new Error('The caller has left.');
  });
  await expect(pace.worked(10_000_000)).rejects.toThrow('The caller has left.');
});

it.each([0, 1, 8192, 20_000, 50_000])('sorts %d items in steps, and keeps the order of equal items', async (count) => {
  const items = Array.from({ length: count }, (_, index) => ({ key: Math.imul(index, 0x9e3779b1) >>> 24, index }));
  const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
  let sorted: typeof items = [];
  const turns = await turnsOf(async () => (sorted = await new Pace().sorted(items, byKey)));
  expect(sorted).toEqual(items.toSorted(byKey));
  expect(turns).toBeGreaterThan(Math.floor(count / 8192));
});
