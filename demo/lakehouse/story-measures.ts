/**
 * The metrics of the demo's story. In the SQL expressions, `s` is the time in seconds since the start of the demo.
 * `wave` is the sum of two sines, between -1 and 1. `u` and `v` are random, and `trouble` is the strength of the
 * incident, all between 0 and 1.
 */

export interface MeasureTemplate {
  process: string;
  target: string;
  name: string;
  unit: string;
  everyMs: number;
  /** SQL number expression. */
  value: string;
  /** SQL JSON expression. */
  properties: string;
}

const NONE = 'json_object()';
const REGIONS = ['us-east', 'eu-west', 'ap-south'];

const SERVER_MEASURES = ['server', 'server-restarted'].flatMap((process): MeasureTemplate[] => {
  const common = { process, everyMs: 2000, properties: NONE };
  const leak = process === 'server' ? '14e9 * trouble' : '0';
  return [
    {
      ...common,
      target: 'ember::sim',
      name: 'frame_time_ms',
      unit: 'ms',
      value: '16.6 + 2.5 * wave + 3 * v * v + 38 * trouble * (0.6 + u)',
    },
    {
      ...common,
      target: 'ember::os',
      name: 'cpu_usage',
      unit: 'percent',
      value: 'least(100, 46 + 17 * wave + 6 * v + 40 * trouble)',
    },
    {
      ...common,
      target: 'ember::os',
      name: 'memory_used',
      unit: 'bytes',
      value: `round(6.2e9 + 4e8 * wave + 2e7 * v + ${leak})`,
    },
    {
      ...common,
      target: 'ember::session',
      name: 'players_online',
      unit: 'count',
      value: 'round(420 + 160 * wave + 12 * v)',
    },
    {
      ...common,
      target: 'ember::session',
      name: 'pending_joins',
      unit: 'count',
      value: 'round(3 * v + 900 * trouble * (0.9 + 0.1 * u))',
    },
  ];
});

/** Metrics of the lakehouse itself. During the incident, its cache contains a smaller share of the requested blocks. */
const LAKE_MEASURES = (
  [
    ['flight_sql_service_impl', 'query_duration_total', 'seconds', '0.03 + 0.05 * v * v + 0.4 * trouble * u'],
    ['flight_sql_service_impl', 'query_planning_duration', 'seconds', '0.004 + 0.006 * v'],
    ['web_ingestion_service', 'insert_duration', 'seconds', '0.002 + 0.003 * v * v'],
    ['range_cache', 'range_cache_block_request', 'count', 'round(40 + 10 * wave + 5 * v + 160 * trouble)'],
    ['range_cache', 'range_cache_block_backend_hit', 'count', 'round(36 + 10 * wave + 4 * v + 90 * trouble)'],
    ['range_cache', 'range_cache_origin_block_fetch', 'count', 'round(2 + 2 * u + 70 * trouble)'],
  ] as const
).map(([target, name, unit, value]): MeasureTemplate => {
  return { process: 'lake', target: `micromegas::${target}`, name, unit, value, everyMs: 5000, properties: NONE };
});

export const MEASURE_TEMPLATES: readonly MeasureTemplate[] = [
  ...SERVER_MEASURES,
  ...REGIONS.flatMap((region): MeasureTemplate[] => {
    const properties = `json_object('region', '${region}', 'otel.metric.kind', 'gauge')`;
    const common = { process: 'web-gateway', target: 'ember.http', everyMs: 5000, properties };
    return [
      { ...common, name: 'request_latency', unit: 'ms', value: `lake.latency('${region}', v, trouble) + 6 * wave` },
      {
        ...common,
        name: 'request_rate',
        unit: 'requests/s',
        value: `round(${region === 'us-east' ? 90 : 60} + 25 * wave + 5 * v, 1)`,
      },
    ];
  }),
  {
    process: 'matchmaker',
    target: 'ember.match',
    name: 'queue_length',
    unit: 'count',
    everyMs: 5000,
    // The second incident: matches wait for more players.
    value: 'round(12 + 6 * wave + 5 * v + 600 * trouble * (0.8 + 0.2 * u) + if(s BETWEEN -9000 AND -8400, 90, 0))',
    properties: `json_object('region', 'eu-west', 'otel.metric.kind', 'gauge')`,
  },
  {
    process: 'matchmaker',
    target: 'ember.pool',
    name: 'session_pool_in_use',
    unit: 'count',
    everyMs: 5000,
    value: 'if(trouble > 0, 8, round(30 + 12 * wave + 4 * v))',
    properties: `json_object('region', 'eu-west', 'otel.metric.kind', 'gauge')`,
  },
  {
    process: 'editor',
    target: 'editor::os',
    name: 'memory_used',
    unit: 'bytes',
    everyMs: 10_000,
    value: 'round(3.1e9 + 9e4 * (s + 10920) + 5e7 * v)',
    properties: NONE,
  },
  {
    process: 'session-store',
    target: 'ember.os',
    name: 'cpu_usage',
    unit: 'percent',
    everyMs: 10_000,
    value: 'if(trouble > 0, 6, 22) + 5 * wave + 3 * v',
    properties: `json_object('region', 'eu-west', 'otel.metric.kind', 'gauge')`,
  },
  ...LAKE_MEASURES,
];
