import { growth } from '../../tests/support/growth';
import { parseSql, type ParseStatements } from '../sql/sql-parser';
import { loadParser } from '../sql/testing/load-parser';
import { builderQuery } from './builder-sql';
import { type BuilderCondition, type BuilderState, type TypedCondition } from './builder-state';
import { formState, newState } from './new-state';
import { readBuilderSql } from './read-sql';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const metrics = { ...newState('metrics'), name: 'latency' };
const region = { column: 'properties', property: 'Region' };

const examples: Array<[name: string, state: BuilderState, lines: string[]]> = [
  [
    'a measure',
    { ...metrics, unit: 'ms' },
    [
      'SELECT $__dateBin(time) AS time, unit, avg(value) AS value',
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      "  AND unit = 'ms'",
      'GROUP BY 1, 2',
      'ORDER BY 1',
    ],
  ],
  [
    'a measure with the newest rows first',
    { ...metrics, newestFirst: true },
    [
      'SELECT $__dateBin(time) AS time, unit, avg(value) AS value',
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      'GROUP BY 1, 2',
      'ORDER BY 1 DESC',
    ],
  ],
  [
    'a rate',
    { ...metrics, aggregation: 'rate', interval: '5m', processId: '$process' },
    [
      'SELECT time, sum(rate) AS value',
      'FROM (',
      "  SELECT $__timeGroup(time, '5m') AS time, sum(increase) / sum(seconds) AS rate",
      '  FROM (',
      '    SELECT',
      '      *,',
      "      CASE WHEN property_get(properties, 'otel.metric.aggregation_temporality') = '1' OR value < lag(value) OVER samples THEN value ELSE value - lag(value) OVER samples END AS increase,",
      "      date_part('epoch', time) - date_part('epoch', lag(time) OVER samples) AS seconds",
      "    FROM view_instance('measures', '$process')",
      '    WHERE $__timeFilter(time)',
      "      AND name = 'latency'",
      '    WINDOW samples AS (PARTITION BY process_id, name, target, properties ORDER BY time)',
      '  )',
      '  WHERE seconds > 0',
      '  GROUP BY 1, process_id, name, target, properties',
      ')',
      'GROUP BY 1',
      'ORDER BY 1',
    ],
  ],
  [
    'a rate of increments',
    { ...metrics, aggregation: 'increment-rate', interval: '5m' },
    [
      "SELECT $__timeGroup(time, '5m') AS time, sum(value) / 300 AS value",
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      'GROUP BY 1',
      'ORDER BY 1',
    ],
  ],
  [
    'a count by days with zeros, in the time zone of the dashboard',
    { ...metrics, aggregation: 'count', interval: '1d', fill: 'zero', zonedFill: true },
    [
      "SELECT $__dateBin(time, '1d', 0) AS time, count(*) AS value",
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      'GROUP BY 1',
      'ORDER BY 1',
    ],
  ],
  [
    'a count by days with zeros, in UTC',
    { ...metrics, aggregation: 'count', interval: '1d', fill: 'zero' },
    [
      "SELECT $__timeGroup(time, '1d', 0) AS time, count(*) AS value",
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      'GROUP BY 1',
      'ORDER BY 1',
    ],
  ],
  [
    'a series for each measure of a variable',
    { ...metrics, name: '$measure', interval: '$interval' },
    [
      "SELECT $__timeGroup(time, '$interval') AS time, name, unit, avg(value) AS value",
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name IN ('$measure')",
      'GROUP BY 1, 2, 3',
      'ORDER BY 1',
    ],
  ],
  [
    'one row for each group',
    { ...metrics, shape: 'rows', aggregation: 'exact-p99', groupBy: [{ column: 'exe' }, region] },
    [
      'SELECT',
      '  exe,',
      '  property_get(properties, \'Region\') AS "Region",',
      '  unit,',
      '  percentile_cont(value, 0.99) AS value',
      'FROM measures',
      'WHERE $__timeFilter(time)',
      "  AND name = 'latency'",
      'GROUP BY 1, 2, 3',
      'ORDER BY 4 DESC',
    ],
  ],
  [
    'one number',
    { ...metrics, shape: 'number', aggregation: 'count', groupBy: [{ column: 'exe' }] },
    ['SELECT count(*) AS value', 'FROM measures', 'WHERE $__timeFilter(time)', "  AND name = 'latency'"],
  ],
  [
    'processes',
    newState('processes'),
    [
      'SELECT process_id, exe, computer, username, start_time, last_update_time, properties',
      'FROM processes',
      'WHERE start_time <= $__timeTo()',
      '  AND last_update_time >= $__timeFrom()',
      'ORDER BY start_time DESC',
      'LIMIT 100',
    ],
  ],
  [
    'spans of an instrumented program',
    { ...newState('spans'), spans: 'async', processId: "it's", order: 'newest' },
    [
      'SELECT "begin" AS time, name, duration, target, thread_name, depth, stream_id',
      "FROM process_spans('it''s', 'async')",
      'WHERE $__timeFilter("begin")',
      'ORDER BY 1 DESC',
      'LIMIT 100',
    ],
  ],
  [
    'a time series of a table',
    {
      ...newState('table'),
      table: 'log_stats',
      time: { column: 'time_bin', interval: '1d' },
      columns: [{ column: 'level' }, { column: 'count', aggregation: 'sum' }],
      groupBy: [{ column: 'level' }],
      limit: '',
    },
    [
      "SELECT $__dateBin(time_bin, '1d') AS time, level, sum(count) AS sum_count",
      'FROM log_stats',
      'WHERE $__timeFilter(time_bin)',
      'GROUP BY 1, level',
      'ORDER BY 1',
    ],
  ],
  [
    'a table with groups that are columns, and groups that are SQL',
    {
      ...newState('table'),
      table: 'log_entries',
      columns: [{ column: '*', aggregation: 'count' }, { raw: 'exe AS program' }],
      groupBy: [{ column: 'exe' }, { column: 'computer' }, region, { raw: 'lower(target)' }],
      limit: undefined,
    },
    [
      'SELECT',
      '  computer,',
      '  property_get(properties, \'Region\') AS "Region",',
      '  count(*) AS count,',
      '  exe AS program',
      'FROM log_entries',
      "GROUP BY exe, computer, property_get(properties, 'Region'), lower(target)",
    ],
  ],
  [
    'only the groups of a table',
    { ...newState('table'), table: 'log_entries', groupBy: [{ column: 'exe' }] },
    ['SELECT exe', 'FROM log_entries', 'GROUP BY exe', 'LIMIT 100'],
  ],
  [
    'unselected groups after the selected columns if one group is a position, such as 2',
    {
      ...newState('table'),
      table: 'log_entries',
      time: { column: 'time', interval: 'auto' },
      columns: [{ column: 'level' }, { column: '*', aggregation: 'count' }],
      groupBy: [{ raw: '2' }, { column: 'exe' }, { column: 'time' }],
      limit: undefined,
    },
    [
      'SELECT $__dateBin(time) AS time, level, count(*) AS count, exe',
      'FROM log_entries',
      'WHERE $__timeFilter(time)',
      'GROUP BY 1, 2, exe, time',
      'ORDER BY 1',
    ],
  ],
  [
    'a selected column beside an aggregate as a group',
    {
      ...newState('table'),
      table: 'log_entries',
      columns: [{ column: 'exe', alias: 'program' }, region, { column: 'exe' }, { column: '*', aggregation: 'count' }],
      limit: undefined,
    },
    [
      'SELECT',
      '  exe AS program,',
      '  property_get(properties, \'Region\') AS "Region",',
      '  exe,',
      '  count(*) AS count',
      'FROM log_entries',
      "GROUP BY exe, property_get(properties, 'Region')",
    ],
  ],
  [
    'a selected column beside a time bin, other groups and an aggregate in SQL as a group',
    {
      ...newState('table'),
      table: 'log_entries',
      time: { column: 'time', interval: 'auto' },
      columns: [{ column: 'level' }, { column: 'exe' }, { raw: 'count(*) FILTER (WHERE level < 3) AS errors' }],
      groupBy: [{ column: 'exe' }],
      limit: undefined,
    },
    [
      'SELECT',
      '  $__dateBin(time) AS time,',
      '  level,',
      '  exe,',
      '  count(*) FILTER (WHERE level < 3) AS errors',
      'FROM log_entries',
      'WHERE $__timeFilter(time)',
      'GROUP BY 1, exe, level',
      'ORDER BY 1',
    ],
  ],
  [
    'no further group for columns that the groups in SQL name by position, by alias or in parentheses',
    {
      ...newState('table'),
      table: 'log_entries',
      columns: [
        { column: 'exe' },
        { column: 'computer', alias: 'host' },
        { column: 'target' },
        { column: 'count', aggregation: 'sum' },
      ],
      groupBy: [{ raw: '1' }, { raw: 'HOST' }, { raw: '("target")' }],
      limit: undefined,
    },
    [
      'SELECT exe, computer AS host, target, sum(count) AS sum_count',
      'FROM log_entries',
      'GROUP BY 1, HOST, ("target")',
    ],
  ],
  [
    'no further group beside groups in SQL that are complete',
    {
      ...newState('table'),
      table: 't',
      columns: [{ column: 'exe' }, { column: '*', aggregation: 'count' }],
      groupBy: [{ raw: 'ROLLUP(exe)' }],
      limit: undefined,
    },
    ['SELECT exe, count(*) AS count', 'FROM t', 'GROUP BY ROLLUP(exe)'],
  ],
  [
    'no groups for columns beside aggregates in a window or a subquery',
    {
      ...newState('table'),
      table: 't',
      columns: [{ column: 'exe' }, { raw: 'sum(n) OVER () AS a' }, { raw: '(SELECT max(n) FROM u) AS b' }],
      limit: undefined,
    },
    ['SELECT exe, sum(n) OVER () AS a, (SELECT max(n) FROM u) AS b', 'FROM t'],
  ],
  [
    'a count without a column as the number of rows, but not twice under one name',
    {
      ...newState('table'),
      table: 't',
      columns: [
        { column: '', aggregation: 'count' },
        { column: '', aggregation: 'count' },
        { column: '', aggregation: 'count', alias: 'n' },
        { column: '', aggregation: 'avg' },
      ],
      limit: undefined,
    },
    ['SELECT count(*) AS count, count(*) AS n', 'FROM t'],
  ],
  [
    'property keys',
    { ...newState('values'), of: 'property-keys', table: 'measures', timeColumn: 'time', value: region },
    [
      'SELECT DISTINCT unnest(keys) AS value',
      'FROM (',
      '  SELECT jsonb_object_keys(properties) AS keys',
      '  FROM measures',
      '  WHERE $__timeFilter(time)',
      '  ORDER BY time DESC',
      '  LIMIT 10000',
      ')',
      'ORDER BY 1',
      'LIMIT 1000',
    ],
  ],
];

it.each([
  ['avg', "avg(try_cast(property_get(properties, 'Region') AS double)) AS "],
  ['exact-p95', 'percentile_cont(try_cast(property_get(properties, \'Region\') AS double), 0.95) AS "p95_Region"'],
  ['p95', 'approx_percentile_cont(try_cast(property_get(properties, \'Region\') AS double), 0.95) AS "p95_Region"'],
  ['max', "max(property_get(properties, 'Region')) AS "],
  ['count', "count(property_get(properties, 'Region')) AS "],
] as const)('writes the aggregation %s of a property', (aggregation, expected) => {
  const columns = [{ ...region, aggregation }];
  const { sql } = builderQuery({ ...newState('table'), table: 't', columns });
  expect(sql).toContain(expected);
  expect(readBuilderSql(sql, 'table', parse)).toMatchObject({ columns });
});

it.each(examples)('writes %s', (_name, state, lines) => {
  const { sql } = builderQuery(state);
  expect(sql.split('\n')).toEqual(lines);
  expect(parseSql(sql, parse)).toMatchObject({ kind: 'parsed', statement: { Query: {} } });
});

it.each<[string, BuilderState, object]>([
  ['a measure', metrics, { format: 'time_series', legend: 'avg latency' }],
  [
    'groups',
    { ...metrics, groupBy: [{ column: 'exe' }, region] },
    { format: 'time_series', legend: '{{exe}} {{Region}}' },
  ],
  ['measures of a variable', { ...metrics, name: '$measure' }, { format: 'time_series', legend: 'avg {{name}}' }],
  [
    'measures of a variable, and groups',
    { ...metrics, name: '${measure}', groupBy: [{ column: 'exe' }] },
    { format: 'time_series', legend: '{{name}} {{exe}}' },
  ],
  [
    'a rate of increments',
    { ...metrics, aggregation: 'increment-rate' },
    { format: 'time_series', legend: 'rate latency' },
  ],
  ['an exact percentile', { ...metrics, aggregation: 'exact-p95' }, { format: 'time_series', legend: 'p95 latency' }],
  ['rows', { ...metrics, shape: 'rows' }, { format: 'table' }],
  ['logs', newState('logs'), { format: 'logs', rowLimit: 1000 }],
  ['logs with a limit', { ...newState('logs'), limit: 10 }, { format: 'logs', rowLimit: 10 }],
  ['processes', newState('processes'), { format: 'table', timeFilter: false }],
  ['spans', { ...newState('spans'), processId: 'a' }, { format: 'table' }],
  [
    'a series of a table with groups',
    {
      ...newState('table'),
      table: 't',
      time: { column: 'time', interval: 'auto' },
      groupBy: [{ column: 'level' }, region],
    },
    { format: 'time_series', labelColumns: ['level'] },
  ],
  [
    'a series of a table with a selected column beside an aggregate',
    {
      ...newState('table'),
      table: 't',
      time: { column: 'time', interval: 'auto' },
      columns: [{ column: 'level' }, { column: '*', aggregation: 'count' }],
    },
    { format: 'time_series', labelColumns: ['level'], legend: '{{level}}' },
  ],
  [
    'a series of a table with a property',
    {
      ...newState('table'),
      table: 't',
      time: { column: 'time', interval: 'auto' },
      columns: [{ column: '*', aggregation: 'count', alias: 'errors' }],
      groupBy: [{ column: 'exe' }, region],
    },
    { format: 'time_series', labelColumns: ['exe'], legend: '{{exe}} {{Region}}' },
  ],
  [
    'a series of a table with two numbers',
    {
      ...newState('table'),
      table: 't',
      time: { column: 'time', interval: 'auto' },
      columns: [
        { column: '*', aggregation: 'count' },
        { column: 'a', aggregation: 'max' },
      ],
      groupBy: [{ column: 'exe' }],
    },
    { format: 'time_series', labelColumns: ['exe'] },
  ],
  [
    'the table streams',
    { ...newState('table'), table: 'streams', time: { column: 'insert_time' } },
    { format: 'table', timeFilter: false },
  ],
  ['values', { ...newState('values'), table: 't', value: { column: 'a' } }, { format: 'table' }],
])('chooses the options for %s', (_name, state, options) => {
  expect(builderQuery(state)).toEqual({ sql: expect.stringMatching(/^SELECT/), ...options });
});

it('excludes audit records in formState("logs"), but not in newState("logs")', () => {
  expect(builderQuery(formState('logs')).sql).toContain("AND target != 'flightsql_query_audit'");
  expect(builderQuery(newState('logs')).sql).not.toContain('target !=');
  expect(formState('table')).toEqual(newState('table'));
});

it.each(['metrics', 'spans', 'table', 'values'] as const)('writes no SQL for a new state of %s', (kind) => {
  expect(builderQuery(newState(kind)).sql).toBe('');
});

it.each(['$interval', 'every day', '0s', ''])('writes no increment-rate series for the interval %j', (interval) => {
  const state: BuilderState = { ...metrics, aggregation: 'increment-rate', interval };
  expect(builderQuery(state).sql).toBe('');
  expect(builderQuery({ ...state, shape: 'number' }).sql).toContain('sum(value) / ($__range_ms / 1000.0)');
});

const exe = { column: 'exe', type: 'text' } as const;
const number = { column: 'value', type: 'number' } as const;
const id = { column: 'trace_id', type: 'bytes' } as const;
const json = { ...region, type: 'json' } as const;
const PROPERTY = "property_get(properties, 'Region')";

const conditions: Array<[condition: BuilderCondition, sql: string | undefined]> = [
  [{ ...exe, operator: '=', values: ["it's"] }, "exe = 'it''s'"],
  [{ ...exe, operator: '>', values: ['5'] }, "exe > '5'"],
  [{ ...exe, operator: '=', values: ['$exe'] }, "exe IN ('$exe')"],
  [{ ...exe, operator: '!=', values: ['${exe}'] }, "(exe NOT IN ('${exe}') OR exe IS NULL)"],
  [{ ...exe, operator: '=', values: ['$exe-$env'] }, "exe = '$exe-$env'"],
  [{ ...exe, operator: '>', values: ['$exe'] }, "exe > '$exe'"],
  [{ ...json, operator: '=', values: ['[[region]]'] }, `${PROPERTY} IN ('[[region]]')`],
  [{ ...exe, operator: 'in', values: ['$exe', 'b'] }, "exe IN ('$exe', 'b')"],
  [{ ...exe, operator: '!=', values: ['a'] }, "(exe != 'a' OR exe IS NULL)"],
  [{ ...exe, operator: 'not-in', values: ['a'] }, "(exe NOT IN ('a') OR exe IS NULL)"],
  [{ ...exe, operator: 'contains', values: ['a'] }, "exe ILIKE '%a%'"],
  [{ ...exe, operator: 'contains', values: ['50%_\\'] }, "exe ILIKE '%50\\%\\_\\\\%' ESCAPE '\\'"],
  [{ ...exe, operator: 'contains', values: ['$my_exe'] }, "exe ILIKE '%$my_exe%'"],
  [{ ...exe, operator: 'not-contains', values: ['a'] }, "(exe NOT ILIKE '%a%' OR exe IS NULL)"],
  [{ ...exe, operator: 'starts-with', values: ['a'] }, "exe LIKE 'a%'"],
  [{ ...exe, operator: 'matches', values: ['^a'] }, "exe ~ '^a'"],
  [{ ...exe, operator: 'not-matches', values: ['^a'] }, "(exe !~ '^a' OR exe IS NULL)"],
  [{ ...exe, operator: 'matches', values: ['\\d'] }, "exe ~ '\\d'"],
  [{ ...exe, operator: 'matches', values: ['C:\\\\a'] }, "exe ~ '(C:\\\\a)'"],
  [{ ...exe, operator: 'not-matches', values: ['(C:\\\\a)'] }, "(exe !~ '(C:\\\\a)' OR exe IS NULL)"],
  [{ ...exe, operator: 'is-null', values: [] }, 'exe IS NULL'],
  [{ ...exe, operator: 'is-not-null', values: ['ignored'] }, 'exe IS NOT NULL'],
  [{ ...exe, operator: '=', values: [''] }, "exe = ''"],
  [{ ...exe, column: '$column', operator: '=', values: ['a'] }, "$column = 'a'"],
  [{ ...exe, column: 'Exe"', operator: '=', values: ['a'] }, '"Exe""" = \'a\''],
  [{ ...number, operator: '>=', values: ['-1.5e3'] }, 'value >= -1.5e3'],
  [{ ...number, operator: 'in', values: ['1', '$n'] }, 'value IN (1, $n)'],
  [{ ...number, operator: '=', values: ['1 OR true'] }, "value = '1 OR true'"],
  [{ ...number, column: 'level', operator: '<=', values: ['Warn'] }, 'level <= 3'],
  [{ ...number, column: 'level', operator: '=', values: ['7'] }, 'level = 7'],
  [
    { column: 'time', type: 'time', operator: '<', values: ['2026-01-02T03:04:05Z'] },
    "time < timestamp '2026-01-02T03:04:05Z'",
  ],
  [{ column: 'time', type: 'time', operator: '>=', values: ['$__timeFrom()'] }, 'time >= $__timeFrom()'],
  [{ column: 'up', type: 'boolean', operator: '=', values: ['true'] }, 'up = true'],
  [{ column: 'up', type: 'boolean', operator: '=', values: ['$up'] }, "up = cast('$up' as boolean)"],
  [{ ...id, operator: '=', values: [' 00FF'] }, "encode(trace_id, 'hex') = '00ff'"],
  [{ ...id, operator: '=', values: ['$Trace'] }, "encode(trace_id, 'hex') IN ('$Trace')"],
  [
    { ...id, operator: 'not-in', values: ['0a', '0b'] },
    "(encode(trace_id, 'hex') NOT IN ('0a', '0b') OR encode(trace_id, 'hex') IS NULL)",
  ],
  [{ ...id, operator: 'starts-with', values: ['0a'] }, "encode(trace_id, 'hex') LIKE '0a%'"],
  [{ ...id, operator: 'is-null', values: [] }, 'trace_id IS NULL'],
  [{ column: 'tags', type: 'list', operator: 'contains', values: ['log'] }, "array_to_string(tags, ',') ILIKE '%log%'"],
  [
    { column: 'properties', type: 'json', operator: 'contains', values: ['eu'] },
    "jsonb_format_json(properties) ILIKE '%eu%'",
  ],
  [
    { column: 'events', type: 'json', operator: 'not-contains', values: ['timeout'] },
    "(jsonb_format_json(events) NOT ILIKE '%timeout%' OR jsonb_format_json(events) IS NULL)",
  ],
  [{ column: 'links', type: 'json', operator: 'is-null', values: [] }, 'links IS NULL'],
  [{ column: 'objects_metadata', type: 'json', operator: '=', values: ['a'] }, "objects_metadata = 'a'"],
  [{ ...json, operator: '=', values: ['5'] }, `${PROPERTY} = '5'`],
  [{ ...json, operator: '>', values: ['5'] }, `try_cast(${PROPERTY} AS double) > 5`],
  [{ ...json, operator: '>', values: ['b'] }, `${PROPERTY} > 'b'`],
  [{ ...json, operator: '!=', values: ['a'] }, `(${PROPERTY} != 'a' OR ${PROPERTY} IS NULL)`],
  [{ raw: " a = 'x' OR b " }, "(a = 'x' OR b)"],
  [{ raw: 'a IS NOT DISTINCT FROM 1' }, '(a IS NOT DISTINCT FROM 1)'],
  [{ raw: '(a IS DISTINCT FROM 1)' }, '(a IS DISTINCT FROM 1)'],
  [{ raw: 'a -- why' }, '(a -- why\n  )'],
  [{ raw: 'a AND b' }, 'a AND b'],
  [{ raw: ' ' }, undefined],
  [{ ...exe, operator: 'in', values: [] }, undefined],
  [{ ...exe, operator: 'contains', values: [''] }, undefined],
  [{ ...exe, column: '', operator: '=', values: ['a'] }, undefined],
  [{ ...number, operator: '=', values: [' '] }, undefined],
  [{ ...json, property: '', operator: '=', values: ['a'] }, undefined],
];

it.each(conditions)('writes the condition %j, or omits it if it is incomplete', (condition, sql) => {
  const state: BuilderState = {
    ...newState('table'),
    table: 't',
    conditions: [{ raw: 'first' }, condition],
  };
  const where = builderQuery(state).sql.split('\nWHERE first')[1];
  expect(where).toBe(`${sql === undefined ? '' : `\n  AND ${sql}`}\nLIMIT 100`);
});

it('converts the duration of spans from milliseconds to nanoseconds, and keeps NULL in columns that may be NULL', () => {
  const slow: TypedCondition = { column: 'duration', type: 'number', operator: '>', values: ['$ms'] };
  const named: TypedCondition = { column: 'name', type: 'text', operator: '!=', values: ['a'] };
  const explained: TypedCondition = { ...named, column: 'status_message' };
  const { sql } = builderQuery({ ...newState('spans'), processId: 'p', conditions: [slow, named, explained] });
  expect(sql).toContain(
    "\n  AND duration > $ms * 1000000\n  AND name != 'a'\n  AND (status_message != 'a' OR status_message IS NULL)\n"
  );
});

it.each([
  ['5', '5 * 1000000'],
  ['5ms', '5 * 1000000'],
  ['1.5s', '1.5 * 1000000000'],
  ['250 us', '250 * 1000'],
  ['250µs', '250 * 1000'],
  ['7ns', '7'],
  ['2m', '2 * 60000000000'],
  ['soon', "'soon'"],
  ['5 weeks', "'5 weeks'"],
])('writes the duration %j of a span as %s', (value, expected) => {
  const longer: TypedCondition = { column: 'duration', type: 'number', operator: '>', values: [value] };
  const { sql } = builderQuery({ ...newState('spans'), processId: 'p', conditions: [longer] });
  expect(sql).toContain(`\n  AND duration > ${expected}\n`);
});

it('selects a repeated group or the unit only once', () => {
  const groupBy = [{ column: 'unit' }, { column: 'exe' }, { column: 'exe' }, { ...region, property: 'value' }, region];
  const { sql } = builderQuery({ ...metrics, groupBy });
  expect(sql).toContain(
    'exe,\n  property_get(properties, \'value\') AS "properties.value",\n  property_get(properties, \'Region\') AS "Region",\n  unit,'
  );
  const [list = ''] = sql.split('FROM');
  expect(list.match(/\b(?:exe|unit)\b/g)).toEqual(['exe', 'unit']);
});

it('tokenizes SQL of the author once, and not once per group', async () => {
  const raw = Array.from({ length: 1000 }, (_, index) => `a${index}`).join(' + ');
  const stateWith = (groups: number): BuilderState => ({
    ...newState('table'),
    table: 't',
    columns: Array.from({ length: 10 }, () => ({ raw })),
    groupBy: Array.from({ length: groups }, (_, index) => ({ column: `b${index}` })),
  });
  expect(await growth(builderQuery, stateWith, 20)).toBeLessThan(2);
});
