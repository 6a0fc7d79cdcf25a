import { readQuery } from '../../contract/query';
import { rowLimit } from './row-limit';

interface Case {
  name: string;
  /** Of the saved query. */
  model?: { autoLimit?: boolean; rowLimit?: number };
  points?: number;
  own?: number;
  grafana?: string;
  rows: number;
  reason: RegExp;
  /** What the server is asked for; undefined for the whole. */
  server?: number;
}

const cases: Case[] = [
  { name: 'the data source', own: 500, rows: 500, reason: /row limit of the data source$/ },
  { name: 'Grafana', grafana: '200', rows: 200, reason: /Grafana's row limit \(row_limit in \[dataproxy\]\)$/ },
  { name: 'the query', model: { rowLimit: 20 }, rows: 20, reason: /row limit of the query$/, server: 21 },
  { name: 'the panel', model: { autoLimit: true }, points: 30, rows: 30, reason: /Auto limit/, server: 31 },
  {
    name: 'the query, smaller than the panel',
    model: { autoLimit: true, rowLimit: 20 },
    rows: 20,
    reason: /query$/,
    server: 21,
  },
  {
    name: 'the panel, smaller than the query',
    model: { autoLimit: true, rowLimit: 200 },
    points: 30,
    rows: 30,
    reason: /Auto/,
    server: 31,
  },
  {
    name: 'the data source, smaller than the query',
    model: { rowLimit: 2000 },
    own: 500,
    rows: 500,
    reason: /data source/,
  },
  {
    name: 'Grafana, smaller than all',
    model: { autoLimit: true, rowLimit: 60 },
    points: 70,
    own: 80,
    grafana: '50',
    rows: 50,
    reason: /Grafana/,
  },
  { name: 'the data source where Grafana has none', own: 500, grafana: '0', rows: 500, reason: /data source/ },
  { name: 'the data source where Grafana says nonsense', own: 500, grafana: 'all', rows: 500, reason: /data source/ },
];

it.each(cases)('takes the limit of $name', ({ model, points = 100, own = 1000, grafana, rows, reason, server }) => {
  const limit = rowLimit({
    query: readQuery({ query: 'SELECT 1', autoLimit: false, ...model }),
    maxDataPoints: points,
    dataSourceRows: own,
    grafanaRows: grafana,
  });
  expect(limit.maxRows).toBe(rows);
  expect(limit.reason).toMatch(reason);
  expect(limit.serverLimit).toBe(server);
});
