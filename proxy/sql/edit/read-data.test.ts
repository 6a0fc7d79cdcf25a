import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { readData } from './read-data';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const A = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const B = '5f0a7be4-2d18-4e63-a7c9-0c4b1e95d804';

/** Returns the kinds and the non-empty restrictions. */
function read(sql: string) {
  const data = readData(sql, parse);
  const of = Object.entries(data?.of ?? {}).filter(([, values]) => values.length > 0);
  return data && [data.kinds.join(' '), Object.fromEntries(of)];
}

it.each<[name: string, sql: string, kinds: string, of: object]>([
  ['a table', 'SELECT * FROM log_entries', 'log', {}],
  ['counts of lines', 'SELECT * FROM log_stats', 'log', {}],
  ['tables of several kinds', 'SELECT 1 FROM measures m JOIN log_entries l USING (process_id)', 'log metrics', {}],
  [
    'a process',
    `SELECT * FROM measures WHERE process_id = '${A}' AND $__timeFilter(time)`,
    'metrics',
    { process_id: [A] },
  ],
  [
    'a filter beside the condition',
    `SELECT * FROM log_entries l WHERE (l.msg = 'a' OR true) AND (l.exe = 'x')`,
    'log',
    { exe: ['x'] },
  ],
  ['a value on the left', `SELECT * FROM log_entries WHERE 'x' = "exe"`, 'log', { exe: ['x'] }],
  [
    'several processes',
    `SELECT * FROM log_entries WHERE process_id IN ('${B}', '${A}')`,
    'log',
    { process_id: [A, B] },
  ],
  [
    'a program of a joined table',
    `SELECT * FROM log_entries l JOIN processes p USING (process_id) WHERE p.exe = 'x'`,
    'log',
    { exe: ['x'] },
  ],
  [
    'a process and its program',
    `SELECT * FROM log_entries WHERE exe = 'x' AND process_id = '${A}'`,
    'log',
    { process_id: [A] },
  ],
  ['a view of a process', `SELECT * FROM view_instance('otel_spans', '${A}') s`, 'trace', { process_id: [A] }],
  ['a view of a thread', `SELECT * FROM view_instance('thread_spans', 's')`, 'cpu', { stream_id: ['s'] }],
  ['spans of a process', `SELECT * FROM process_spans('${A}', 'both')`, 'cpu', { process_id: [A] }],
  ['the view of all processes', "SELECT * FROM view_instance('log_entries', 'global')", 'log', {}],
  [
    'subqueries and CTEs',
    `WITH a AS (SELECT * FROM images WHERE exe = 'x') SELECT * FROM a, (SELECT * FROM net_spans WHERE exe = 'y') b`,
    'net image',
    { exe: ['x', 'y'] },
  ],
  [
    'a UNION with a condition in only one of two branches',
    `SELECT exe FROM log_entries WHERE exe = 'x' UNION ALL SELECT exe FROM log_entries`,
    'log',
    {},
  ],
  ['OR', `SELECT * FROM log_entries WHERE exe = 'x' OR level = 1`, 'log', {}],
  ['NOT IN', `SELECT * FROM log_entries WHERE exe NOT IN ('x')`, 'log', {}],
  ['a subquery', `SELECT * FROM log_entries WHERE process_id IN (SELECT process_id FROM processes)`, 'log', {}],
  ['a variable', "SELECT * FROM log_entries WHERE exe = '$exe'", 'log', {}],
  [
    'many values',
    `SELECT * FROM log_entries WHERE exe IN (${Array.from({ length: 21 }, (_, i) => `'${i}'`).join()})`,
    'log',
    {},
  ],
  ['a long value', `SELECT * FROM log_entries WHERE exe = '${'x'.repeat(201)}'`, 'log', {}],
])('finds the data that a query reads: %s', (_name, sql, kinds, of) => {
  expect(read(sql)).toEqual([kinds, of]);
});

it.each([
  'SELECT 1',
  'SELECT * FROM processes',
  'SELECT * FROM blocks b JOIN streams s USING (stream_id)',
  'SHOW TABLES',
  'SELECT FROM FROM',
])('returns undefined for SQL that reads no telemetry: %s', (sql) => {
  expect(read(sql)).toBeUndefined();
});
