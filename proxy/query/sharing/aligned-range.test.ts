import { TimeBins } from '../../sql/macros/time-bins';
import { alignedRange } from './aligned-range';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const AGE_MS = 5000;
const RELATIVE = { from: 'now-1h', to: 'now' };
/** From 10:20:33.123 to 11:20:33.456 of one day. */
const RANGE = { fromMs: 10 * HOUR_MS + 20 * MINUTE_MS + 33_123, toMs: 11 * HOUR_MS + 20 * MINUTE_MS + 33_456 };
const binsOf = (count: number) => new TimeBins({ unit: 'ms', count }, RANGE);
const minutes = binsOf(MINUTE_MS);
const noBins = () => undefined;
const ON_GRID = { fromMs: 10 * HOUR_MS + 20 * MINUTE_MS + 30_000, toMs: 11 * HOUR_MS + 20 * MINUTE_MS + 34_999 };

it.each([
  {
    name: 'to the bins of the query, at both ends',
    panel: RELATIVE,
    bins: minutes,
    expected: { fromMs: 10 * HOUR_MS + 20 * MINUTE_MS, toMs: 11 * HOUR_MS + 21 * MINUTE_MS - 1 },
  },
  {
    name: 'to a grid if the query has no bins',
    panel: RELATIVE,
    bins: undefined,
    expected: ON_GRID,
  },
  {
    name: 'to a grid if a bin is a large part of the range',
    panel: RELATIVE,
    bins: binsOf(5 * MINUTE_MS),
    expected: ON_GRID,
  },
  {
    name: 'to a grid if a bin is longer than the range',
    panel: RELATIVE,
    bins: binsOf(3650 * DAY_MS),
    expected: ON_GRID,
  },
  {
    name: 'only at its end if the panel rounds the start of the range',
    panel: { from: 'now/d', to: 'now' },
    bins: minutes,
    expected: { fromMs: RANGE.fromMs, toMs: 11 * HOUR_MS + 21 * MINUTE_MS - 1 },
  },
  {
    name: 'only at its end if the start of the range is not relative',
    panel: { to: 'now' },
    bins: minutes,
    expected: { fromMs: RANGE.fromMs, toMs: 11 * HOUR_MS + 21 * MINUTE_MS - 1 },
  },
])('aligns a range $name', ({ panel, bins, expected }) => {
  expect(alignedRange(RANGE, panel, () => bins, AGE_MS)).toEqual(expected);
});

it.each([
  { name: 'the maximum age', bins: 2000, ageMs: 7000, hours: 6, stepMs: 6000 },
  { name: 'a fiftieth of the range', bins: 15_000, ageMs: HOUR_MS, hours: 6, stepMs: 420_000 },
  { name: 'a fiftieth of the range, without bins', bins: undefined, ageMs: HOUR_MS, hours: 6, stepMs: 300_000 },
  { name: 'the maximum age, without bins', bins: undefined, ageMs: 200_000, hours: 6, stepMs: 180_000 },
  { name: '15 minutes, without bins', bins: undefined, ageMs: HOUR_MS, hours: 240, stepMs: 900_000 },
])('aligns ranges to steps of at most $name', ({ bins, ageMs, hours, stepMs }) => {
  const startMs = stepMs * 5_000_000;
  const rangeAt = (toMs: number) =>
    alignedRange(
      { fromMs: toMs - hours * HOUR_MS, toMs },
      RELATIVE,
      () => (bins === undefined ? undefined : binsOf(bins)),
      ageMs
    );
  expect([startMs, startMs + stepMs - 1, startMs + stepMs].map((toMs) => rangeAt(toMs).toMs)).toEqual([
    startMs + stepMs - 1,
    startMs + stepMs - 1,
    startMs + 2 * stepMs - 1,
  ]);
});

it.each([
  { name: 'an absolute range', panel: {}, ageMs: AGE_MS, range: RANGE },
  { name: 'a calendar day', panel: { from: 'now-1d/d', to: 'now-1d/d' }, ageMs: AGE_MS, range: RANGE },
  { name: 'a range if the maximum age is zero', panel: RELATIVE, ageMs: 0, range: RANGE },
])('does not align $name, and does not read the bins', ({ panel, ageMs, range }) => {
  const bins = () => {
    throw new Error('The bins are not needed.');
  };
  expect(alignedRange(range, panel, bins, ageMs)).toBe(range);
});

it('does not align a range of a few seconds', () => {
  const range = { fromMs: 10_123, toMs: 20_456 };
  expect(alignedRange(range, RELATIVE, noBins, AGE_MS)).toBe(range);
});

it('uses the same grid for ranges whose lengths differ by some milliseconds', () => {
  for (const extraMs of [-2, -1, 0, 1, 2]) {
    const range = { fromMs: 1_000_500, toMs: 1_100_500 + extraMs };
    expect(alignedRange(range, RELATIVE, noBins, 60_000)).toEqual({ fromMs: 1_000_000, toMs: 1_101_999 });
  }
});

it('does not change a range that ends at the last millisecond of a step', () => {
  const day = { fromMs: 0, toMs: DAY_MS - 1 };
  expect(alignedRange(day, RELATIVE, noBins, AGE_MS)).toBe(day);
});

it('does not extend the range past the end of a day in a time zone', () => {
  // 23:59:58 in a time zone with an offset of 5:45.
  const toMs = 18 * HOUR_MS + 15 * MINUTE_MS - 2000;
  const { toMs: end } = alignedRange({ fromMs: 0, toMs }, RELATIVE, noBins, 7000);
  expect(end).toBeLessThan(18 * HOUR_MS + 15 * MINUTE_MS);
});
