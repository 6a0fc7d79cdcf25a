/** A slow and simple definition of bins in a time zone, and zones with unusual clock changes. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Ranges by zone. Most of them contain clock changes. */
export const ZONES: Readonly<Record<string, ReadonlyArray<readonly [from: string, to: string]>>> = {
  UTC: [['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z']],
  'America/New_York': [['2026-03-01T00:00:00Z', '2026-03-20T00:00:00Z']],
  'Europe/Berlin': [['2026-10-15T00:00:00Z', '2026-11-05T00:00:00Z']],
  // The clock changes at midnight.
  'America/Havana': [
    ['2026-03-05T00:00:00Z', '2026-03-11T00:00:00Z'],
    ['2026-10-29T00:00:00Z', '2026-11-04T00:00:00Z'],
  ],
  // The clock goes back from midnight to the previous day.
  'Africa/Cairo': [
    ['2026-04-20T00:00:00Z', '2026-04-28T00:00:00Z'],
    ['2026-10-25T00:00:00Z', '2026-11-02T00:00:00Z'],
  ],
  'America/Santiago': [
    ['2026-04-01T00:00:00Z', '2026-04-08T00:00:00Z'],
    ['2026-09-01T00:00:00Z', '2026-09-10T00:00:00Z'],
  ],
  // The clock goes back at one minute past midnight, to the previous day.
  'America/St_Johns': [['2010-11-04T00:00:00Z', '2010-11-10T00:00:00Z']],
  // The zone skipped a day.
  'Pacific/Apia': [['2011-12-26T00:00:00Z', '2012-01-03T00:00:00Z']],
  // A change by half an hour; offsets with fractions of an hour; the southern hemisphere.
  'Australia/Lord_Howe': [['2026-03-30T00:00:00Z', '2026-04-09T00:00:00Z']],
  'Asia/Kolkata': [['2026-03-01T00:00:00Z', '2026-03-10T00:00:00Z']],
  'Asia/Kathmandu': [['2026-03-01T00:00:00Z', '2026-03-10T00:00:00Z']],
  'Pacific/Auckland': [['2026-09-20T00:00:00Z', '2026-10-01T00:00:00Z']],
  // Two changes within a few weeks.
  'Africa/Casablanca': [['2026-02-10T00:00:00Z', '2026-03-28T00:00:00Z']],
};

const formats = new Map<string, Intl.DateTimeFormat>();

function localMs(epochMs: number, zone: string): number {
  const options = { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' } as const;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', options);
  formats.set(zone, format);
  return Date.parse(`${format.format(epochMs).replace(' ', 'T')}Z`);
}

/** A number that is the same for all local times of a bin. */
function binNumber(local: number, interval: string): number {
  const count = parseInt(interval, 10);
  const date = new Date(local);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() - 1970 * 12;
  switch (interval.at(-1)) {
    case 'd':
      return Math.floor(local / DAY_MS / count);
    case 'w':
      return Math.floor((local / DAY_MS - 4) / 7 / count);
    case 'M':
      return Math.floor(month / count);
    default:
      return Math.floor(month / 12 / count);
  }
}

/** Maximum number of days of one unit of an interval. */
const LONGEST_DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, M: 31, y: 366 };

/** The first instant whose local time is in the bin of `epochMs`, with a precision of one second. */
export function firstInstantOfBin(epochMs: number, interval: string, zone: string): number {
  const wanted = binNumber(localMs(epochMs, zone), interval);
  const isInBin = (at: number) => binNumber(localMs(at, zone), interval) === wanted;
  const days = parseInt(interval, 10) * (LONGEST_DAYS[interval.at(-1) ?? ''] ?? 0);
  // Most bins begin at a multiple of a quarter of an hour. The search below finds the start of a bin at an unusual
  // clock change.
  const stepMs = days > 31 ? 12 * HOUR_MS : days > 2 ? HOUR_MS : HOUR_MS / 4;
  let first = epochMs;
  const earliest = Math.floor(epochMs / stepMs) * stepMs - (days + 2) * DAY_MS;
  for (let at = Math.floor(epochMs / stepMs) * stepMs; at >= earliest; at -= stepMs) {
    first = isInBin(at) ? at : first;
  }
  let outside = first - stepMs;
  while (first - outside > 1000) {
    const middle = Math.floor((first + outside) / 2000) * 1000;
    if (isInBin(middle)) {
      first = middle;
    } else {
      outside = middle;
    }
  }
  return first;
}
