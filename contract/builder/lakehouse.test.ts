/** Runs the SQL of the builder on the demo's lakehouse, whose data and clock are fixed. */
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { processByKey } from '../../demo/lakehouse/story';
import { expandMacros } from '../../proxy/sql/macros/expand-macros';
import { builderQuery } from './builder-sql';
import { type BuilderState } from './builder-state';
import { newState } from './new-state';
import { ALERT_POINTS, ANNOTATION_PRESETS, STARTING_POINTS, VARIABLE_PRESETS } from './starting-points';

const fixture = useLakehouse();

const HOUR_MS = 3_600_000;
const GATEWAY = processByKey('web-gateway').id;
const SERVER = processByKey('server-restarted').id;

/**
 * A row as a string, such as `11:00:00 | ms | 31.3`. Times have no date, and numbers have three significant digits,
 * except 64-bit integers. `properties` and ids are omitted.
 */
function shown(row: Record<string, unknown>): string {
  return Object.entries(row)
    .filter(([name]) => name !== 'properties' && !name.endsWith('_id'))
    .map(([name, value]) =>
      name.includes('time') && typeof value === 'number'
        ? new Date(value).toISOString().slice(11, 19)
        : typeof value === 'number'
          ? String(Number(value.toPrecision(3)))
          : String(value)
    )
    .join(' | ');
}

/** The rows of a query as strings, sorted because most queries do not define the order of all rows. */
async function rowsOf(sql: string, hours = 1, limit = 8): Promise<string[]> {
  const toMs = fixture.clockMs;
  const fromMs = toMs - hours * HOUR_MS;
  const expanded = expandMacros(sql, { fromMs, toMs, intervalMs: HOUR_MS / 2 }).toString();
  const headers = {
    limit: String(limit),
    query_range_begin: new Date(fromMs).toISOString(),
    query_range_end: new Date(toMs).toISOString(),
  };
  return (await fixture.client.rows(expanded, headers)).map(shown).sort();
}

const metrics = newState('metrics');
const frameTime: BuilderState = { ...metrics, name: 'frame_time_ms', unit: 'ms' };
const latency: BuilderState = { ...metrics, name: 'request_latency', aggregation: 'p95' };
const region = { column: 'properties', property: 'region' };
const table = newState('table');
const values = newState('values');

const golden: Array<[name: string, state: BuilderState, rows: string[]]> = [
  ['a series of a measure', { ...frameTime, interval: '30m' }, ['11:00:00 | ms | 31.3', '11:30:00 | ms | 16.5']],
  [
    'a series for each value of a property',
    { ...latency, groupBy: [region] },
    [
      '11:00:00 | ap-south | ms | 99.3',
      '11:00:00 | eu-west | ms | 1690',
      '11:00:00 | us-east | ms | 96.1',
      '11:30:00 | ap-south | ms | 42.5',
      '11:30:00 | eu-west | ms | 42.5',
      '11:30:00 | us-east | ms | 41.8',
    ],
  ],
  [
    'a rate',
    { ...latency, aggregation: 'rate', conditions: [{ ...region, type: 'json', operator: '=', values: ['eu-west'] }] },
    ['11:00:00 | 51.4', '11:30:00 | 3.07'],
  ],
  [
    'one row for each program and value of a property',
    { ...latency, shape: 'rows', groupBy: [{ column: 'exe' }, region] },
    [
      'ember/web-gateway | ap-south | ms | 79.2',
      'ember/web-gateway | eu-west | ms | 1390',
      'ember/web-gateway | us-east | ms | 80.5',
    ],
  ],
  ['one number', { ...frameTime, aggregation: 'max', shape: 'number' }, ['ms | 77.1']],
  ['a count', { ...frameTime, aggregation: 'count', shape: 'number' }, ['1783']],
  ['a rate as a number', { ...frameTime, aggregation: 'rate', shape: 'number' }, ['6.2']],
  ['a measure of one process', { ...frameTime, processId: SERVER, shape: 'number' }, ['ms | 21.7']],
  [
    'logs',
    { ...newState('logs'), minLevel: 2, limit: 2 },
    [
      '11:55:49 | 2 | ember.http | match request 5c333c4ffd55 failed: client closed the connection | ember/web-gateway | borealis-03 | app',
      '11:58:08 | 2 | ember.http | match request 54eea6974651 failed: client closed the connection | ember/web-gateway | borealis-03 | app',
    ],
  ],
  [
    'logs with conditions',
    {
      ...newState('logs'),
      order: 'oldest',
      limit: 2,
      conditions: [
        { column: 'msg', type: 'text', operator: 'contains', values: ['MATCH Request'] },
        { column: 'msg', type: 'text', operator: 'not-matches', values: ['closed the connection$'] },
        { column: 'level', type: 'number', operator: 'in', values: ['error', 'fatal'] },
        { column: 'properties', property: 'error_code', type: 'json', operator: 'is-not-null', values: [] },
      ],
    },
    [
      '11:15:23 | 2 | ember.http | match request 66c412875f3f failed: no session within 2000 ms | ember/web-gateway | borealis-03 | app',
      '11:15:25 | 2 | ember.http | match request 2e293914a67d failed: no session within 2000 ms | ember/web-gateway | borealis-03 | app',
    ],
  ],
  [
    'processes',
    {
      ...newState('processes'),
      conditions: [{ column: 'exe', type: 'text', operator: 'starts-with', values: ['ember-'] }],
    },
    [
      'ember-editor | rowan-desk | rowan | 08:58:00 | 12:00:00',
      'ember-server | atlas-07 | svc-ember | 05:55:00 | 11:22:00',
      'ember-server | atlas-07 | svc-ember | 11:22:30 | 12:00:00',
    ],
  ],
  [
    'OpenTelemetry spans',
    {
      ...newState('spans'),
      processId: GATEWAY,
      limit: 2,
      conditions: [{ column: 'duration', type: 'number', operator: '<', values: ['40.5'] }],
    },
    [
      '11:09:58 | matchmaker.Find | 40498000 | CLIENT | UNSET | null',
      '11:30:02 | POST /v1/match | 40498000 | SERVER | OK | null',
    ],
  ],
  [
    'spans of threads',
    { ...newState('spans'), spans: 'thread', processId: SERVER, order: 'newest', limit: 2 },
    [
      '11:59:59 | scripts | 4696000 | ember::script | main-4103 | 3',
      '11:59:59 | send | 829000 | ember::net | main-4103 | 2',
    ],
  ],
  [
    'a table',
    {
      ...table,
      table: 'log_stats',
      time: { column: 'time_bin' },
      columns: [{ column: 'level' }, { column: 'count', aggregation: 'sum', alias: 'messages' }],
      // Excludes the audit records that the server writes about the queries of this test.
      conditions: [{ column: 'target', type: 'text', operator: '!=', values: ['flightsql_query_audit'] }],
      groupBy: [{ column: 'level' }],
      orderBy: [{ by: { column: 'messages' }, descending: true }],
    },
    ['1 | 1', '2 | 1269', '3 | 1340', '4 | 10865', '5 | 1783', '6 | 593'],
  ],
  [
    'a table grouped by a column that is not among its selected columns',
    {
      ...table,
      table: 'log_stats',
      time: { column: 'time_bin' },
      columns: [{ column: 'count', aggregation: 'sum' }],
      conditions: [{ column: 'level', type: 'number', operator: '<=', values: ['error'] }],
      groupBy: [{ column: 'level' }],
    },
    ['1 | 1', '2 | 1269'],
  ],
  [
    'values of a column',
    { ...values, table: 'log_entries', timeColumn: 'time', value: { column: 'exe' } },
    ['ember-editor', 'ember-server', 'ember/matchmaker', 'ember/session-store', 'ember/web-gateway', 'flight-sql-srv'],
  ],
  [
    'values of a column, with the text of another column',
    { ...values, table: 'processes', value: { column: 'computer' }, text: { column: 'username' } },
    [
      'atlas-07 | svc-ember',
      'borealis-02 | app',
      'borealis-03 | app',
      'borealis-05 | app',
      'lake-01 | svc-ember',
      'rowan-desk | rowan',
    ],
  ],
  ['values of a property', { ...values, table: 'measures', value: region }, ['ap-south', 'eu-west', 'us-east']],
  [
    'the keys of a JSONB column',
    { ...values, of: 'property-keys', table: 'processes', value: { column: 'properties' } },
    [
      'build-version',
      'map',
      'otel.resource.cloud.region',
      'otel.resource.host.name',
      'otel.resource.service.name',
      'otel.resource.service.namespace',
      'project',
      'region',
    ],
  ],
  [
    'processes for a variable',
    { ...values, of: 'processes', limit: 2 },
    [
      '3e2d8c17-6a94-4b7f-8c05-91f3b6d2e703 | ember-editor on rowan-desk, 2026-11-24 08:58:00+00',
      '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902 | ember-server on atlas-07, 2026-11-24 11:22:30+00',
    ],
  ],
];

it.each(golden)('returns the rows of %s', async (_name, state, rows) => {
  expect(await rowsOf(builderQuery(state).sql)).toEqual(rows);
});

const allPoints = Array.from(
  new Set([...STARTING_POINTS, ...ALERT_POINTS, ...ANNOTATION_PRESETS, ...VARIABLE_PRESETS])
);
const points = allPoints.map((point) => [point.id, point] as const);

describe('starting points and presets', () => {
  beforeAll(async () => {
    // Some starting points read audit records. The server writes one for this query, a minute before the tests begin.
    fixture.clockMs -= 60_000;
    await fixture.client.query('SELECT 1');
    fixture.clockMs += 60_000;
    await fixture.lakehouse.advance();
  });

  it.each(points)('returns rows for %s', async (_id, { state, sql }) => {
    const chosen = state?.kind === 'spans' ? { ...state, processId: GATEWAY } : state;
    expect(await rowsOf(chosen === undefined ? (sql ?? '') : builderQuery(chosen).sql, 24)).not.toEqual([]);
  });
});

it('orders the rows of each starting point and preset that has a limit', () => {
  const statements = points.map(([, { state, sql }]) => (state === undefined ? sql : builderQuery(state).sql));
  expect(statements.filter((sql) => /\bLIMIT\b/.test(sql) && !/\bORDER BY\b/.test(sql))).toEqual([]);
});

it('gives each starting point and preset a unique id, and each starting point a format', () => {
  expect(new Set(allPoints.map(({ id }) => id)).size).toBe(allPoints.length);
  expect(STARTING_POINTS.map(({ id, format }) => `${id}: ${format}`)).toEqual([
    'errors-over-time: time_series',
    'recent-errors: logs',
    'log-search: logs',
    'frame-time: time_series',
    'slowest-spans: table',
    'recent-processes: table',
    'who-queries-what: table',
  ]);
});
