import { MAX_FILLED_BINS } from '../../../contract/queries/query';
import { longestBinMs } from './longest-bin';
import { TimeBins } from './time-bins';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const range = (from: string, to: string) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) });
const YEAR = range('2026-01-10', '2026-12-20');

it.each([
  { name: 'seconds', width: { unit: 'ms', count: 1000 }, within: { fromMs: 0, toMs: HOUR }, expected: 1000 },
  {
    name: 'days with a clock change',
    width: { unit: 'day', count: 1, isWeeks: false },
    within: YEAR,
    expected: 25 * HOUR,
  },
  { name: 'months', width: { unit: 'month', count: 1 }, within: range('2026-02-02', '2026-05-02'), expected: 31 * DAY },
  {
    name: 'the maximum number of steps of a chart',
    width: { unit: 'ms', count: 1 },
    within: { fromMs: 0, toMs: MAX_FILLED_BINS },
    expected: 1,
  },
  {
    name: 'more than the maximum number of steps',
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
] as const)('returns the longest step, or undefined if there are too many: $name', ({ width, within, expected }) => {
  expect(longestBinMs(new TimeBins(width, within, 'Europe/Berlin'), within)).toBe(expected);
});

it('returns undefined without bins', () => {
  expect(longestBinMs(undefined, YEAR)).toBeUndefined();
});
