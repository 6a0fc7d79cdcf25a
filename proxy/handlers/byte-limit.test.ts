import { byteLimit, inMegabytes } from './byte-limit';

const cases: Array<
  [name: string, own: number | undefined, grafana: string | undefined, bytes: number | undefined, reason: RegExp]
> = [
  ['the data source', 5e6, undefined, 5e6, /size limit of the data source, 5 MB$/],
  ['Grafana', undefined, '12000000', 12e6, /Grafana's limit of 12 MB .*response_limit/],
  ['the smaller, of the data source', 5e6, '12000000', 5e6, /data source/],
  ['the smaller, of Grafana', 50e6, '12000000', 12e6, /Grafana/],
  ['the data source where Grafana has none', 5e6, '0', 5e6, /data source/],
  ['the data source where Grafana says nonsense', 5e6, 'much', 5e6, /data source/],
];

it.each(cases)('takes the limit of %s', (_name, dataSourceBytes, grafanaBytes, bytes, reason) => {
  const limit = byteLimit({ dataSourceBytes, grafanaBytes });
  expect(limit?.bytes).toBe(bytes);
  expect(limit?.reason).toMatch(reason);
});

it.each([undefined, '0', '', '-5', 'none'])('knows no limit when Grafana says %s', (grafanaBytes) => {
  expect(byteLimit({ dataSourceBytes: undefined, grafanaBytes })).toBeUndefined();
});

it.each([
  [1_500_000, '1.5 MB'],
  [1_000_000, '1 MB'],
  [123_456_789, '123 MB'],
  [50_000, '0.05 MB'],
])('writes %i bytes as %s', (bytes, text) => {
  expect(inMegabytes(bytes)).toBe(text);
});

it('writes bytes by the megabyte that a setting counts in', () => {
  expect(inMegabytes(52_428_800, 2 ** 20)).toBe('50 MB');
});
