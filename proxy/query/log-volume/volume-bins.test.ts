import { binWidthMs, MAX_BINS, MINUTE_MS, statisticsMinutes } from './volume-bins';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

it.each([
  { name: 'an hour in minutes', rangeMs: HOUR, intervalMs: 60_000, maxDataPoints: 1000, expected: 60_000 },
  { name: 'a day on a narrow page', rangeMs: DAY, intervalMs: 60_000, maxDataPoints: 800, expected: 120_000 },
  {
    name: 'a range of seconds with an interval of a millisecond',
    rangeMs: 4000,
    intervalMs: 1,
    maxDataPoints: 1000,
    expected: 5,
  },
  { name: 'a year in days', rangeMs: 365 * DAY, intervalMs: DAY, maxDataPoints: 1000, expected: DAY },
  { name: 'a page without a width', rangeMs: DAY, intervalMs: 60_000, maxDataPoints: 0, expected: 60_000 },
  { name: 'a page of one pixel', rangeMs: HOUR, intervalMs: 60_000, maxDataPoints: 1, expected: 300_000 },
  { name: 'an interval of less than a millisecond', rangeMs: 100, intervalMs: 0.2, maxDataPoints: 1000, expected: 1 },
  { name: 'an empty range', rangeMs: 0, intervalMs: 1000, maxDataPoints: 1000, expected: 1000 },
])('chooses the width of the bins: $name', ({ rangeMs, intervalMs, maxDataPoints, expected }) => {
  expect(binWidthMs({ fromMs: 1000, toMs: 1000 + rangeMs }, { intervalMs, maxDataPoints })).toBe(expected);
});

it('has at most MAX_BINS bins for the longest range', () => {
  const first = Date.UTC(1678, 0, 1);
  const last = Date.UTC(2262, 3, 11);
  for (const intervalMs of [1, 7, 1000, 60_000, DAY, 3650 * DAY]) {
    for (const maxDataPoints of [0, 1, 999, 10_000_000]) {
      const widthMs = binWidthMs({ fromMs: first, toMs: last }, { intervalMs, maxDataPoints });
      expect(widthMs % intervalMs).toBe(0);
      expect((last - first) / widthMs).toBeLessThanOrEqual(MAX_BINS);
    }
  }
});

describe('the minutes of log_stats', () => {
  const at = (minutes: number) => minutes * MINUTE_MS;

  it('are the full minutes of the range that are old enough', () => {
    const range = { fromMs: at(10) + 1, toMs: at(200) };
    expect(statisticsMinutes(range, at(1), at(150) + 5)).toEqual({ startMs: at(11), endMs: at(140) });
    expect(statisticsMinutes(range, at(2), at(500))).toEqual({ startMs: at(11), endMs: at(200) });
    expect(statisticsMinutes({ fromMs: at(10), toMs: at(200) - 1 }, at(1), at(500))).toEqual({
      startMs: at(10),
      endMs: at(199),
    });
  });

  it('are used only if the bins are full minutes, and at least five minutes are old enough', () => {
    const range = { fromMs: 0, toMs: at(100) };
    expect(statisticsMinutes(range, 1000, at(500))).toBeUndefined();
    expect(statisticsMinutes(range, 90_000, at(500))).toBeUndefined();
    expect(statisticsMinutes(range, at(1), at(14))).toBeUndefined();
    expect(statisticsMinutes(range, at(1), at(15))).toEqual({ startMs: 0, endMs: at(5) });
  });
});
