import { randomNumbers } from '../../sql/macros/testing/random-numbers';
import { firstSliceMs, type LineSlice, LineSlices } from './line-slices';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Reads slices until `wanted` lines are found or the range ends.
 *
 * @param foundIn Returns the number of lines in a slice.
 */
function allSlices(slices: LineSlices, wanted = 1000, foundIn: (slice: LineSlice) => number = () => 0): LineSlice[] {
  const read: LineSlice[] = [];
  let found = 0;
  for (let isLast = false; !isLast && found < wanted;) {
    isLast = slices.endsWithNext;
    const slice = slices.next();
    read.push(slice);
    found += foundIn(slice);
    slices.grow(found, wanted);
  }
  return read;
}

it('divides any range into at most six disjoint slices, from either end', () => {
  const random = randomNumbers(3);
  for (let round = 0; round < 500; round++) {
    const fromMs = Math.floor(random() * 1e12);
    const toMs = fromMs + Math.ceil(10 ** (random() * 12));
    const isDescending = random() < 0.5;
    const firstMs = firstSliceMs({ fromMs, toMs }, 1000, { lines: 1 + Math.floor(random() * 5000), spanMs: 1e6 });
    const read = allSlices(new LineSlices({ fromMs, toMs, isDescending }, firstMs), 1000, () =>
      random() < 0.5 ? 0 : Math.floor(random() * 100)
    );
    expect(read.length).toBeLessThanOrEqual(6);
    const inOrder = isDescending ? read.reverse() : read;
    expect(inOrder[0].fromMs).toBe(fromMs);
    expect(inOrder.at(-1)).toMatchObject({ toMs, excludesEnd: false });
    inOrder.slice(1).forEach(({ fromMs: begin }, index) => {
      expect(inOrder[index]).toMatchObject({ toMs: begin, excludesEnd: true });
    });
  }
});

it('makes the next slice longer if more lines are missing', () => {
  const range = { fromMs: 0, toMs: 64 * HOUR_MS, isDescending: true };
  const lengths = (lines: number) =>
    allSlices(new LineSlices(range, HOUR_MS), 1000, () => lines).map(({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS);
  expect(lengths(0)).toEqual([1, 63]);
  expect(lengths(150)).toEqual([1, 9, 54]);
  expect(lengths(400)).toEqual([1, 4, 16]);
});

it('sizes the first slice by the rate of the last result', () => {
  const range = { fromMs: 0, toMs: 64 * HOUR_MS };
  expect(firstSliceMs(range, 1000, undefined)).toBe(HOUR_MS);
  expect(firstSliceMs({ fromMs: 0, toMs: 1000 * 24 * HOUR_MS }, 1000, undefined)).toBe(24 * HOUR_MS);
  expect(firstSliceMs(range, 1000, { lines: 500, spanMs: HOUR_MS })).toBe(3 * HOUR_MS);
  expect(firstSliceMs(range, 1000, { lines: 1000, spanMs: 10 })).toBe(MINUTE_MS);
  const nothing = firstSliceMs(range, 1000, { lines: 0, spanMs: HOUR_MS });
  expect(allSlices(new LineSlices({ ...range, isDescending: true }, nothing))).toEqual([
    { ...range, excludesEnd: false },
  ]);
});
