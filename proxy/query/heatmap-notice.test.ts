import { heatmapNotice } from './heatmap-notice';

const HEATMAP = { 'x-panel-plugin-id': 'heatmap' };
const P95 = 'SELECT $__dateBin(time) AS time, exe, percentile_cont(value, 0.95) AS value FROM measures GROUP BY 1, 2';

it.each([
  [P95, 'percentile_cont'],
  [P95.replace('percentile_cont', 'approx_percentile_cont'), 'approx_percentile_cont'],
  ['SELECT time, exe, AVG (value) FROM measures GROUP BY 1, 2 -- count(*)', 'avg'],
])('says that %s is no distribution', (sql, name) => {
  expect(heatmapNotice(sql, HEATMAP)).toEqual({
    severity: 'warning',
    text: expect.stringMatching(
      new RegExp(`no distribution of the values: .* the result of ${name}, .*docs/user/sql.md`)
    ),
  });
});

it.each([
  ['another panel', P95, { 'x-panel-plugin-id': 'timeseries' }],
  ['Explore', P95, {}],
  ['counts of buckets', 'SELECT time, floor(ln(v)) AS b, count(*) FROM t GROUP BY 1, 2', HEATMAP],
  ['sums of counts', 'SELECT time, le, sum(n), max(t) FROM t GROUP BY 1, 2', HEATMAP],
  ['rows', 'SELECT time, value FROM measures', HEATMAP],
])('is silent for %s', (_name, sql, headers) => {
  expect(heatmapNotice(sql, headers)).toBeUndefined();
});
