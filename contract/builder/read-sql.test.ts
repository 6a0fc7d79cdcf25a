import { type ParseStatements } from '../sql/sql-parser';
import { loadParser } from '../sql/testing/load-parser';
import { builderQuery } from './builder-sql';
import { type BuilderState, type LogsState, type MetricsState, type TableState } from './builder-state';
import { newState } from './new-state';
import { readBuilderSql } from './read-sql';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const logs: LogsState = {
  ...newState('logs'),
  minLevel: 2,
  conditions: [{ column: 'target', type: 'text', operator: '=', values: ['render'] }],
};
const metrics: MetricsState = { ...newState('metrics'), name: 'latency', groupBy: [{ column: 'exe' }] };
const table: TableState = { ...newState('table'), table: 'streams', columns: [{ column: 'process_id' }], limit: '10' };

const LOGS_SQL = builderQuery(logs).sql;
const METRICS_SQL = builderQuery(metrics).sql;
const TABLE_SQL = builderQuery(table).sql;

const edits: Array<[name: string, sql: string, kind: BuilderState['kind'], state: BuilderState]> = [
  ['another layout', LOGS_SQL.replace(/\s+/g, ' '), 'logs', logs],
  ['a semicolon at the end', `${LOGS_SQL} ;\n`, 'logs', logs],
  ['lower case', LOGS_SQL.toLowerCase().replace('timefilter', 'timeFilter'), 'logs', logs],
  ['quotes around names', LOGS_SQL.replace('AND target', 'AND "target"'), 'logs', logs],
  ['another order of conditions', LOGS_SQL.replace(/(AND level.*)\n(.*)(AND target.*)/, '$3\n$2$1'), 'logs', logs],
  ['parentheses around a condition', LOGS_SQL.replace('level <= 2', '(level <= 2)'), 'logs', logs],
  ['ASC in place of DESC', LOGS_SQL.replace('time DESC', 'time ASC'), 'logs', { ...logs, order: 'oldest' }],
  ['a limit', `${LOGS_SQL} LIMIT 50`, 'logs', { ...logs, limit: 50 }],
  ['another level', LOGS_SQL.replace('<= 2', '<= 4'), 'logs', { ...logs, minLevel: 4 }],
  [
    'the table of one process',
    LOGS_SQL.replace('log_entries', "view_instance('log_entries', '$p')"),
    'logs',
    { ...logs, processId: '$p' },
  ],
  [
    'a condition that the builder knows',
    LOGS_SQL.replace('ORDER', "AND msg NOT ILIKE '%x%' ORDER"),
    'logs',
    {
      ...logs,
      conditions: [...logs.conditions, { column: 'msg', type: 'text', operator: 'not-contains', values: ['x'] }],
    },
  ],
  [
    'another spelling of an operator',
    LOGS_SQL.replace("target = 'render'", "target <> 'render'"),
    'logs',
    { ...logs, conditions: [{ column: 'target', type: 'text', operator: '!=', values: ['render'] }] },
  ],
  [
    'a condition that the builder does not know',
    LOGS_SQL.replace('ORDER', "AND length(msg)>5 AND (exe='a' OR exe  = 'b') ORDER"),
    'logs',
    { ...logs, conditions: [...logs.conditions, { raw: 'length(msg)>5' }, { raw: "exe='a' OR exe  = 'b'" }] },
  ],
  [
    'conditions inside of parentheses',
    LOGS_SQL.replace("target = 'render'", "(target = 'render' AND exe = 'a')"),
    'logs',
    { ...logs, conditions: [...logs.conditions, { column: 'exe', type: 'text', operator: '=', values: ['a'] }] },
  ],
  ['another aggregation', METRICS_SQL.replace('avg(', 'MAX('), 'metrics', { ...metrics, aggregation: 'max' }],
  [
    'an exact percentile',
    METRICS_SQL.replace('avg(value)', 'percentile_cont(value, 0.95)'),
    'metrics',
    { ...metrics, aggregation: 'exact-p95' },
  ],
  [
    'an approximate percentile',
    METRICS_SQL.replace('avg(value)', 'approx_percentile_cont(value, 0.95)'),
    'metrics',
    { ...metrics, aggregation: 'p95' },
  ],
  [
    'both percentiles of a column, and the number of rows of each group',
    'SELECT exe, percentile_cont(ms, 0.50) AS p50_ms, approx_percentile_cont(ms, 0.50) AS a, count(*) AS count FROM streams GROUP BY exe LIMIT 10',
    'table',
    {
      ...table,
      columns: [
        { column: 'exe' },
        { column: 'ms', aggregation: 'exact-p50' },
        { column: 'ms', aggregation: 'p50', alias: 'a' },
        { column: '*', aggregation: 'count' },
      ],
      groupBy: [{ column: 'exe' }],
    },
  ],
  [
    'a group by the alias of a column',
    'SELECT exe AS program, count(*) AS n FROM streams GROUP BY program LIMIT 10',
    'table',
    {
      ...table,
      columns: [
        { column: 'exe', alias: 'program' },
        { column: '*', aggregation: 'count', alias: 'n' },
      ],
      groupBy: [{ raw: 'program' }],
    },
  ],
  ['a missing AS', METRICS_SQL.replace('AS value', 'value'), 'metrics', metrics],
  [
    'an interval',
    METRICS_SQL.replace('$__dateBin(time)', "$__timeGroup(time,'1m',NULL)"),
    'metrics',
    { ...metrics, interval: '1m', fill: 'null' },
  ],
  ['a unit', METRICS_SQL.replace('GROUP', "AND unit = 'ms' GROUP"), 'metrics', { ...metrics, unit: 'ms' }],
  [
    'a selected group, and a group that is not selected',
    'SELECT exe, count(*) AS n FROM streams GROUP BY exe, computer LIMIT 10',
    'table',
    {
      ...table,
      columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'n' }],
      groupBy: [{ column: 'exe' }, { raw: 'computer' }],
    },
  ],
  [
    'groups by position',
    "SELECT exe, property_get(properties, 'a') AS a, computer AS host, count(*) AS n FROM streams GROUP BY 1, 2, 3 LIMIT 10",
    'table',
    {
      ...table,
      columns: [
        { column: 'exe' },
        { column: 'properties', property: 'a' },
        { column: 'computer', alias: 'host' },
        { column: '*', aggregation: 'count', alias: 'n' },
      ],
      groupBy: [{ column: 'exe' }, { column: 'properties', property: 'a' }, { column: 'computer' }],
    },
  ],
  [
    'groups by position after a time bin',
    'SELECT $__dateBin(time) AS time, exe, count(*) AS n FROM log_entries WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1',
    'table',
    {
      ...newState('table'),
      table: 'log_entries',
      time: { column: 'time', interval: 'auto' },
      columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'n' }],
      groupBy: [{ column: 'exe' }],
      orderBy: [],
      limit: undefined,
    },
  ],
  [
    'groups by the position of an expression, and by a position that does not exist',
    'SELECT lower(exe) AS e, exe, 3 AS three FROM streams GROUP BY 1, 3, 4, exe LIMIT 10',
    'table',
    {
      ...table,
      columns: [{ raw: 'lower(exe) AS e' }, { column: 'exe' }, { raw: '3 AS three' }],
      groupBy: [{ raw: '1' }, { raw: '3' }, { raw: '4' }, { column: 'exe' }],
    },
  ],
  [
    'columns, order and limit of a table',
    "select process_id, coalesce(a, 1) n, property_get(properties, 'a') AS a from streams order by n desc nulls last, process_id limit $rows",
    'table',
    {
      ...table,
      columns: [{ column: 'process_id' }, { raw: 'coalesce(a, 1) n' }, { column: 'properties', property: 'a' }],
      orderBy: [
        { by: { raw: 'n desc nulls last' }, descending: false },
        { by: { column: 'process_id' }, descending: false },
      ],
      limit: '$rows',
    },
  ],
];

it.each(edits)('reads a query with %s', (_name, sql, kind, state) => {
  const read = readBuilderSql(sql, kind, parse);
  expect(read).toEqual(state);
});

it('reads IN and NOT IN with a single variable as = and !=', () => {
  const sql =
    "SELECT * FROM t WHERE exe IN ('$exe') AND (computer NOT IN ('${host}') OR computer IS NULL) AND a IN ('b')";
  expect(readBuilderSql(sql, 'table', parse)).toMatchObject({
    conditions: [
      { column: 'exe', type: 'text', operator: '=', values: ['$exe'] },
      { column: 'computer', type: 'text', operator: '!=', values: ['${host}'] },
      { column: 'a', type: 'text', operator: 'in', values: ['b'] },
    ],
  });
});

const foreign: Array<[name: string, sql: string, kind: BuilderState['kind']]> = [
  ['an empty string', '', 'logs'],
  ['a comment', `${LOGS_SQL} -- why`, 'logs'],
  ['a comment inside', LOGS_SQL.replace('AND', '/* why */ AND'), 'logs'],
  ['a syntax error', LOGS_SQL.replace('FROM', 'FRM'), 'logs'],
  ['an unterminated string', `${LOGS_SQL} LIMIT '`, 'logs'],
  ['two statements', `${LOGS_SQL}; SELECT 1`, 'logs'],
  ['a query without a time filter', LOGS_SQL.replace('$__timeFilter(time)', 'true'), 'logs'],
  ['another macro', LOGS_SQL.replace('$__timeFilter(time)', '$__timeRange(time)').replace('true', ''), 'logs'],
  ['another table', LOGS_SQL.replace('log_entries', 'log_stats'), 'logs'],
  ['an alias of the table', LOGS_SQL.replace('log_entries', 'log_entries AS l'), 'logs'],
  ['another column', LOGS_SQL.replace('msg', 'lower(msg) AS msg'), 'logs'],
  ['OR between the conditions', LOGS_SQL.replace('\n  AND level', ' OR level'), 'logs'],
  ['a second sort key', LOGS_SQL.replace('time DESC', 'time DESC, msg'), 'logs'],
  ['an offset', `${LOGS_SQL} LIMIT 5 OFFSET 5`, 'logs'],
  ['UNION', `${LOGS_SQL.replace(/ORDER.*/, '')} UNION ${LOGS_SQL}`, 'logs'],
  ['WITH', `WITH a AS (SELECT 1) ${LOGS_SQL}`, 'logs'],
  ['a join', TABLE_SQL.replace('streams', 'streams JOIN blocks USING (stream_id)'), 'table'],
  ['two tables', TABLE_SQL.replace('streams', 'streams, blocks'), 'table'],
  ['HAVING', TABLE_SQL.replace('LIMIT', 'GROUP BY process_id HAVING count(*) > 1 LIMIT'), 'table'],
  ['DISTINCT', TABLE_SQL.replace('SELECT', 'SELECT DISTINCT'), 'table'],
  ['a query without a table', 'SELECT 1', 'table'],
  ['a query without a measure', METRICS_SQL.replace(/\n  AND name.*/, ''), 'metrics'],
  ['another grouping', METRICS_SQL.replace('GROUP BY 1, 2, 3', 'GROUP BY 1, 2'), 'metrics'],
  ['another value', METRICS_SQL.replace('avg(value)', 'avg(value * 2)'), 'metrics'],
  ['a variable in ORDER BY', METRICS_SQL.replace('ORDER BY 1', 'ORDER BY $x'), 'metrics'],
  ['EXPLAIN', `EXPLAIN ${TABLE_SQL}`, 'table'],
  ['another percentile', METRICS_SQL.replace('avg(value)', 'percentile_cont(value, 0.42)'), 'metrics'],
  ['WITHIN GROUP', METRICS_SQL.replace('avg(value)', 'percentile_cont(0.95) WITHIN GROUP (ORDER BY value)'), 'metrics'],
  ['an aggregate beside a column without a group', 'SELECT exe, count(*) AS count FROM streams', 'table'],
  ['a statement that is not a query', 'DROP TABLE streams', 'table'],
];

it.each(foreign)('returns undefined for %s', (_name, sql, kind) => {
  expect(readBuilderSql(sql, kind, parse)).toBeUndefined();
});

it('reads variables in place of names and values, and writes the same SQL again', () => {
  const sql = "SELECT * FROM streams WHERE a = $b AND $c.d < ${e:raw} AND [[f]] IN ([[g]], '${h}')";
  const state = readBuilderSql(sql, 'table', parse);
  expect(builderQuery(state ?? newState('table')).sql.replace(/\s+/g, ' ')).toBe(sql);
});

it.each([
  ['conditions', `SELECT * FROM t WHERE ${'a = 1 AND '.repeat(5000)} b = 2`],
  ['parentheses', `SELECT * FROM t WHERE ${'('.repeat(5000)}a = 1${')'.repeat(5000)}`],
  ['nested conditions', `SELECT * FROM t WHERE ${'(a = 1 AND '.repeat(2000)}b = 2${')'.repeat(2000)}`],
  ['brackets', `SELECT ${'[['.repeat(50_000)} FROM t`],
  ['quotes', `SELECT ${'"'.repeat(100_001)} FROM t`],
  ['commas', `SELECT a${', a'.repeat(60_000)} FROM t`],
])('returns undefined for thousands of %s', (_name, sql) => {
  expect(readBuilderSql(sql, 'table', parse)).toBeUndefined();
});
