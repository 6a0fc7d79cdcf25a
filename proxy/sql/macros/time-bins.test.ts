/** Compares bins in time zones with a slow reference, which gets the local time of each instant from Intl. */
import { MAX_FILLED_BINS } from '../../../contract/queries/query';
import { parseInterval } from './intervals';
import { Rope } from './rope';
import { longestBinMs, TimeBins } from './time-bins';
import { randomNumbers } from './testing/random-numbers';
import { firstInstantOfBin, ZONES } from './testing/reference-bins';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function binsOf(interval: string, fromMs: number, toMs: number, zone?: string): TimeBins {
  const width = parseInterval(interval);
  if (width === undefined) {
    throw new Error(`${interval} is no interval`);
  }
  return new TimeBins(width, { fromMs, toMs }, zone);
}

const iso = (epochMs: number) => new Date(epochMs).toISOString();

describe.each(Object.entries(ZONES))('in %s', (zone, ranges) => {
  const random = randomNumbers(zone.length);

  it.each(['1d', '2d', '1w', '1M', '3M', '1y'])('agrees with the reference: %s', (interval) => {
    for (const [from, to] of ranges) {
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      const bins = binsOf(interval, fromMs, toMs, zone);
      for (let count = 0; count < (interval === '1y' ? 2 : 6); count++) {
        const at = Math.floor((fromMs + random() * (toMs - fromMs)) / 1000) * 1000;
        const expected = firstInstantOfBin(at, interval, zone);
        expect(`${iso(at)} ${iso(bins.startOf(at))}`).toBe(`${iso(at)} ${iso(expected)}`);
      }
    }
  });

  it('lists the bins of a range without a gap', () => {
    for (const [from, to] of ranges) {
      const bins = binsOf('1d', Date.parse(from), Date.parse(to), zone);
      const starts: number[] = [];
      for (let at = bins.startOf(Date.parse(from)); at < Date.parse(to); at = bins.next(at)) {
        starts.push(at);
      }
      expect(starts.map((at) => bins.startOf(at))).toEqual(starts);
      const lengths = starts.slice(1).map((at, index) => at - starts[index]);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(22 * HOUR_MS);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(26 * HOUR_MS);
    }
  });
});

it('has days of 23 and 25 hours', () => {
  const bins = binsOf('1d', Date.UTC(2026, 2, 1), Date.UTC(2026, 10, 30), 'Europe/Berlin');
  const hoursOf = (start: string) => (bins.next(Date.parse(start)) - Date.parse(start)) / HOUR_MS;
  expect(hoursOf('2026-03-28T23:00:00Z')).toBe(23);
  expect(hoursOf('2026-10-24T22:00:00Z')).toBe(25);
});

it('begins a day at the clock change if the clock skips midnight', () => {
  const bins = binsOf('1d', Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 1), 'America/Havana');
  expect(iso(bins.startOf(Date.UTC(2026, 2, 8, 12)))).toBe('2026-03-08T05:00:00.000Z');
});

it('begins a day at the first of two midnights', () => {
  const bins = binsOf('1d', Date.UTC(2026, 9, 25), Date.UTC(2026, 10, 10), 'America/Havana');
  expect(iso(bins.startOf(Date.UTC(2026, 10, 1, 12)))).toBe('2026-11-01T04:00:00.000Z');
});

it('leaves out a day that the clock skipped', () => {
  const bins = binsOf('1d', Date.UTC(2011, 11, 25), Date.UTC(2012, 0, 5), 'Pacific/Apia');
  const dayBefore = bins.startOf(Date.UTC(2011, 11, 30, 9));
  expect(iso(bins.next(dayBefore))).toBe('2011-12-30T10:00:00.000Z');
  expect(iso(bins.next(bins.next(dayBefore)))).toBe('2011-12-31T10:00:00.000Z');
});

it('begins weeks on Monday, and ignores the zone for intervals below a day', () => {
  const week = binsOf('1w', Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 31));
  expect(iso(week.startOf(Date.UTC(2026, 0, 14)))).toBe('2026-01-12T00:00:00.000Z');
  const hours = binsOf('12h', Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 31), 'Asia/Kolkata');
  expect(iso(hours.startOf(Date.UTC(2026, 0, 14, 13)))).toBe('2026-01-14T12:00:00.000Z');
});

it('rejects an unknown zone', () => {
  expect(() => binsOf('1d', 0, DAY_MS, 'Mars/Olympus')).toThrow(/time zone "Mars\/Olympus".*unknown/);
});

it.each([
  ['of centuries', Date.UTC(1700, 0, 1), Date.UTC(2200, 0, 1), 'UTC'],
  ['of centuries', Date.UTC(1700, 0, 1), Date.UTC(2200, 0, 1), 'Europe/Berlin'],
  ['before all known clock changes', -8.64e15, -8.6e15, 'Europe/Berlin'],
  ['after all known clock changes', 8.6e15, 8.64e15, 'Europe/Berlin'],
])('divides a range %s into bins: from %d to %d in %s', (_name, fromMs, toMs, zone) => {
  for (const width of ['1d', '1w', '1M', '10y']) {
    const bins = binsOf(width, fromMs, toMs, zone);
    expect(bins.sql(Rope.of('t')).toString()).toContain('date_bin(');
    const start = bins.startOf(Date.UTC(2026, 6, 15));
    expect(bins.next(start)).toBeGreaterThan(Date.UTC(2026, 6, 15));
  }
});

it.each(['2ms', '1d', '1M'])(
  'throws if the next bin of width %s would begin after the latest time of `Date`',
  (width) => {
    const bins = binsOf(width, 0, DAY_MS, 'Asia/Tokyo');
    expect(() => bins.next(8.64e15)).toThrow(RangeError);
    expect(() => bins.next(2 ** 60)).toThrow(RangeError);
    expect(() => bins.next(Number.NaN)).toThrow(RangeError);
  }
);

it.each(['1d', '1M'])('throws if the current bin of width %s ends after the latest time of `Date`', (width) => {
  expect(() => binsOf(width, 0, DAY_MS, 'Asia/Tokyo').next(8.64e15 - 1)).toThrow(RangeError);
});

it('uses the offset of the nearest known time for times before 1970 and after 2070', () => {
  const bins = binsOf('1d', Date.UTC(1940, 0, 1), Date.UTC(2100, 0, 1), 'Europe/Berlin');
  expect(iso(bins.startOf(Date.UTC(1950, 6, 1, 12)))).toBe('1950-06-30T23:00:00.000Z');
  expect(iso(bins.startOf(Date.UTC(2090, 6, 1, 12)))).toBe('2090-06-30T23:00:00.000Z');
  expect(iso(bins.startOf(Date.UTC(2060, 6, 1, 12)))).toBe('2060-06-30T22:00:00.000Z');
});

it('finds the clock changes from 1970 to 2070 with fewer than 8000 look-ups, and repeats none', () => {
  const asked = jest.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
  const longBins = () => binsOf('1d', Date.UTC(1900, 0, 1), Date.UTC(2200, 0, 1), 'America/Denver');
  longBins();
  const count = asked.mock.calls.length;
  expect(count).toBeGreaterThan(5000);
  expect(count).toBeLessThan(8000);
  longBins();
  expect(asked).toHaveBeenCalledTimes(count);
  asked.mockRestore();
});

it('caches the clock changes of the last 20 zones', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.startsWith('America/'));
  const range = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)] as const;
  zones.slice(0, 21).forEach((zone) => binsOf('1d', ...range, zone));
  const asked = jest.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
  binsOf('1d', ...range, zones[20]);
  binsOf('1d', ...range, zones[1]);
  expect(asked).not.toHaveBeenCalled();
  binsOf('1d', ...range, zones[0]);
  expect(asked).toHaveBeenCalled();
  asked.mockRestore();
});

describe('the longest bin of a range', () => {
  const range = (from: string, to: string) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) });
  const YEAR = range('2026-01-10', '2026-12-20');

  it.each([
    { name: 'seconds', width: { unit: 'ms', count: 1000 }, within: { fromMs: 0, toMs: HOUR_MS }, expected: 1000 },
    {
      name: 'days with a clock change',
      width: { unit: 'day', count: 1, isWeeks: false },
      within: YEAR,
      expected: 25 * HOUR_MS,
    },
    {
      name: 'months',
      width: { unit: 'month', count: 1 },
      within: range('2026-02-02', '2026-05-02'),
      expected: 31 * DAY_MS,
    },
    {
      name: 'the maximum number of bins',
      width: { unit: 'ms', count: 1 },
      within: { fromMs: 0, toMs: MAX_FILLED_BINS },
      expected: 1,
    },
    {
      name: 'more than the maximum number of bins',
      width: { unit: 'ms', count: 1 },
      within: { fromMs: 0, toMs: MAX_FILLED_BINS + 1 },
      expected: undefined,
    },
    {
      name: 'too many days',
      width: { unit: 'day', count: 1, isWeeks: false },
      within: range('1970-01-01', '2003-01-01'),
      expected: undefined,
    },
  ] as const)('returns the length, or undefined for too many bins: $name', ({ width, within, expected }) => {
    expect(longestBinMs(new TimeBins(width, within, 'Europe/Berlin'), within)).toBe(expected);
  });

  it('returns undefined if there are no bins', () => {
    expect(longestBinMs(undefined, YEAR)).toBeUndefined();
  });
});
