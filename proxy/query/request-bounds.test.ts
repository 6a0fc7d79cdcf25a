import { ProxyError } from '../base/errors/proxy-error';
import { type DataQuery } from '../query/plugin-request';
import { boundedQuery } from './request-bounds';

const NOW = Date.UTC(2026, 0, 2);
const query = (changes: Partial<DataQuery>): DataQuery => ({
  refId: 'A',
  maxDataPoints: 100,
  intervalMs: 1000,
  timeRange: { fromMs: NOW, toMs: NOW + 1000 },
  json: new Uint8Array(),
  ...changes,
});

const FIRST = Date.UTC(1678, 0, 1);
const LAST = Date.UTC(2262, 3, 11);

it.each([
  { name: 'a range of length zero', fromMs: NOW, toMs: NOW, expected: [NOW, NOW] },
  { name: 'times before 1970', fromMs: -1000, toMs: -1, expected: [-1000, -1] },
  { name: 'years 1000 to 9999, clamped', fromMs: Date.UTC(1000, 0), toMs: Date.UTC(9999, 0), expected: [FIRST, LAST] },
  { name: 'all dates of JavaScript, clamped', fromMs: -8.64e15, toMs: 8.64e15, expected: [FIRST, LAST] },
])('accepts $name', ({ fromMs, toMs, expected }) => {
  const { timeRange } = boundedQuery(query({ timeRange: { fromMs, toMs } }));
  expect([timeRange.fromMs, timeRange.toMs]).toEqual(expected);
});

it.each([
  { intervalMs: 0, expected: 1 },
  { intervalMs: -5, expected: 1 },
  { intervalMs: 60_000, expected: 60_000 },
])('uses an interval of at least 1 ms: $expected ms for $intervalMs ms', ({ intervalMs, expected }) => {
  expect(boundedQuery(query({ intervalMs })).intervalMs).toBe(expected);
});

it.each([
  {
    name: 'an end in the year 300000',
    changes: { timeRange: { fromMs: NOW, toMs: 9.4e15 } },
    message: /end of the time range is 9400000000000000 ms/,
  },
  {
    name: 'a start at the smallest 64-bit number',
    changes: { timeRange: { fromMs: -(2 ** 63), toMs: NOW } },
    message: /start of the time range/,
  },
  {
    name: 'a start that is not a number',
    changes: { timeRange: { fromMs: NaN, toMs: NOW } },
    message: /start of the time range is NaN/,
  },
  {
    name: 'an end before the start',
    changes: { timeRange: { fromMs: NOW + 1, toMs: NOW } },
    message: /ends earlier, at 2026-01-02T/,
  },
  { name: 'an interval of centuries', changes: { intervalMs: 2 ** 62 }, message: /interval between two points/ },
  { name: 'an interval of NaN', changes: { intervalMs: NaN }, message: /interval between two points is NaN/ },
  { name: 'a long refId', changes: { refId: 'A'.repeat(1001) }, message: /refId\) has 1001 characters/ },
])('rejects $name', ({ changes, message }) => {
  expect(() => boundedQuery(query(changes))).toThrow(message);
  expect(() => boundedQuery(query(changes))).toThrow(ProxyError);
});
