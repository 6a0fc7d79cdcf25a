import { readQuery } from '../../contract/queries/query';
import { type FrameOptions, type ResultLimit } from '../frames/data-frames/frame-options';
import { byteLimit, inMegabytes, rowLimit, truncatedRule } from './result-limits';

interface RowCase {
  name: string;
  /** The limits in the saved query. */
  model?: { autoLimit?: boolean; rowLimit?: number };
  /** Max data points of the panel. Default: 100. */
  points?: number;
  /** The row limit of the data source. Default: 1000. */
  own?: number;
  /** The row limit that Grafana sends. */
  grafana?: string;
  /** The expected limit. */
  rows: number;
  reason: RegExp;
  /** The limit that is sent to the server; undefined for none. */
  server?: number;
}

const rowCases: RowCase[] = [
  { name: 'the data source', own: 500, rows: 500, reason: /row limit of the data source$/ },
  { name: 'Grafana', grafana: '200', rows: 200, reason: /Grafana's row limit \(row_limit in \[dataproxy\]\)$/ },
  { name: 'the query', model: { rowLimit: 20 }, rows: 20, reason: /row limit of the query$/, server: 21 },
  { name: 'the panel', model: { autoLimit: true }, points: 30, rows: 30, reason: /Auto limit/, server: 31 },
  {
    name: 'the query if its limit is below the limit of the panel',
    model: { autoLimit: true, rowLimit: 20 },
    rows: 20,
    reason: /query$/,
    server: 21,
  },
  {
    name: 'the panel if its limit is below the limit of the query',
    model: { autoLimit: true, rowLimit: 200 },
    points: 30,
    rows: 30,
    reason: /Auto/,
    server: 31,
  },
  {
    name: 'the data source if its limit is below the limit of the query',
    model: { rowLimit: 2000 },
    own: 500,
    rows: 500,
    reason: /data source/,
  },
  {
    name: 'Grafana if its limit is below all others',
    model: { autoLimit: true, rowLimit: 60 },
    points: 70,
    own: 80,
    grafana: '50',
    rows: 50,
    reason: /Grafana/,
  },
  { name: 'the data source when Grafana has no limit', own: 500, grafana: '0', rows: 500, reason: /data source/ },
  {
    name: 'the data source when the limit of Grafana is not a number',
    own: 500,
    grafana: 'all',
    rows: 500,
    reason: /data source/,
  },
];

it.each(rowCases)(
  'uses the row limit of $name',
  ({ model, points = 100, own = 1000, grafana, rows, reason, server }) => {
    const limit = rowLimit({
      query: readQuery({ query: 'SELECT 1', autoLimit: false, ...model }),
      maxDataPoints: points,
      dataSourceRows: own,
      grafanaRows: grafana,
    });
    expect(limit.maxRows).toBe(rows);
    expect(limit.reason).toMatch(reason);
    expect(limit.serverLimit).toBe(server);
  }
);

const byteCases: Array<
  [name: string, own: number | undefined, grafana: string | undefined, bytes: number | undefined, reason: RegExp]
> = [
  ['the data source', 5e6, undefined, 5e6, /size limit of the data source, 5 MB$/],
  ['Grafana', undefined, '12000000', 12e6, /Grafana's limit of 12 MB .*response_limit/],
  ['the data source if this limit is below the limit of Grafana', 5e6, '12000000', 5e6, /data source/],
  ['Grafana if this limit is below the limit of the data source', 50e6, '12000000', 12e6, /Grafana/],
  ['the data source when Grafana has no limit', 5e6, '0', 5e6, /data source/],
  ['the data source when the limit of Grafana is not a number', 5e6, 'much', 5e6, /data source/],
];

it.each(byteCases)('uses the size limit of %s', (_name, dataSourceBytes, grafanaBytes, bytes, reason) => {
  const limit = byteLimit({ dataSourceBytes, grafanaBytes });
  expect(limit?.bytes).toBe(bytes);
  expect(limit?.reason).toMatch(reason);
});

it.each([undefined, '0', '', '-5', 'none'])('has no size limit when the limit of Grafana is %j', (grafanaBytes) => {
  expect(byteLimit({ dataSourceBytes: undefined, grafanaBytes })).toBeUndefined();
});

it.each([
  [1_500_000, '1.5 MB'],
  [1_000_000, '1 MB'],
  [123_456_789, '123 MB'],
  [50_000, '0.05 MB'],
])('writes %i bytes as %s', (bytes, expected) => {
  expect(inMegabytes(bytes)).toBe(expected);
});

it('uses 1,048,576 bytes as one megabyte if the caller sets this unit', () => {
  expect(inMegabytes(52_428_800, 2 ** 20)).toBe('50 MB');
});

describe('the result of an alert rule', () => {
  type Series = Pick<FrameOptions, 'format' | 'fillMode'>;
  const codeOf = (result: Series, limit: ResultLimit = 'rows') =>
    truncatedRule({ isOwn: true }, result)(limit, 'a limit')?.code;

  it.each<[name: string, result: Series]>([
    ['gaps are not filled', { format: 'time_series' }],
    ['gaps are filled with null', { format: 'time_series', fillMode: 'null' }],
    ['the result is a table', { format: 'table', fillMode: 0 }],
  ])('may be truncated at the row limit of the query if %s', (_name, result) => {
    expect(codeOf(result)).toBeUndefined();
    expect(codeOf(result, 'bytes')).toBe('alert_result_truncated');
  });

  it.each(['zero', 'previous', 0, 5] as const)(
    'must not be truncated at the row limit of the query if gaps are filled: %s',
    (fillMode) => {
      expect(codeOf({ format: 'time_series', fillMode })).toBe('alert_result_truncated');
    }
  );
});
