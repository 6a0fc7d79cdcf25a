/**
 * The dashboard "Micromegas lakehouse operation": whether data arrives and can be queried, and how the server is doing.
 */
import { dashboard } from './dashboard';
import { color, colored, decimals, LEVEL_COLORS, minWidth, named, unit, width } from './fields';
import { logs, stat, table, timeSeries } from './panels';
import { sqlQuery } from './queries';

const PROGRAMS = 10;
/** SQL condition: the log line is from a part of the server that materializes tables. */
const MATERIALIZATION =
  "(target LIKE 'micromegas_analytics::%' OR target = 'micromegas::servers::cron_task' OR target = 'micromegas::servers::maintenance')";
/** SQL of the end of the time range, or of the current time if the range ends later. */
const END = 'least($__timeTo(), now())';

const age = (time: string) => `date_part('epoch', ${END}) - date_part('epoch', ${time})`;

const freshness = table({
  title: 'Freshness, by kind of telemetry',
  description:
    'The age of the newest block at the end of the time range, and the time from the end of a block until it was stored. Log lines and metrics can be queried seconds later.',
  query: sqlQuery(`SELECT array_to_string("streams.tags", ', ') AS kind, ${age('max(insert_time)')} AS age,
  avg(date_part('epoch', insert_time) - date_part('epoch', end_time)) AS delay, count(DISTINCT process_id) AS processes, count(*) AS blocks
FROM blocks
WHERE $__timeFilter(insert_time)
GROUP BY 1
ORDER BY age
LIMIT 50`),
  overrides: {
    kind: [named('Kind'), minWidth(80)],
    age: [named('Newest, ago'), unit('s'), decimals(1), width(105)],
    delay: [named('Average delay'), unit('s'), decimals(1), width(120)],
    processes: [named('Processes'), unit('locale'), width(90)],
    blocks: [named('Blocks'), unit('locale'), width(75)],
  },
});

const partitions = table({
  title: 'Partitions, by table',
  description:
    'The materialized partitions of the time range, and the age of the newest event in them at the end of the range. Without rows if the login may not list partitions.',
  query:
    sqlQuery(`SELECT view_set_name AS "table", count(*) AS partitions, sum(num_rows) AS partition_rows, sum(file_size) AS size,
  ${age('max(max_event_time)')} AS age, max(updated) AS updated
FROM list_partitions()
WHERE end_insert_time >= $__timeFrom() AND begin_insert_time <= $__timeTo()
GROUP BY 1
ORDER BY size DESC
LIMIT 50`),
  overrides: {
    table: [named('Table'), minWidth(95)],
    partitions: [named('Partitions'), unit('locale'), width(82)],
    partition_rows: [named('Rows'), unit('short'), width(66)],
    size: [named('Size'), unit('bytes'), width(74)],
    age: [named('Newest, ago'), unit('s'), decimals(1), width(100)],
    updated: [named('Updated'), unit('dateTimeFromNow'), width(114)],
  },
});

const ingestion = timeSeries({
  title: 'Bytes received, by program',
  description: `Compressed bytes that arrived in each interval, of the ${PROGRAMS} programs that sent most.`,
  style: 'bars',
  query: sqlQuery(
    `WITH arrived AS (
  SELECT insert_time, "processes.exe" AS program, payload_size FROM blocks WHERE $__timeFilter(insert_time)
), shown AS (
  SELECT program FROM arrived GROUP BY program ORDER BY sum(payload_size) DESC, program LIMIT ${PROGRAMS}
)
SELECT $__dateBin(insert_time) AS time, program, sum(payload_size) AS payload_size
FROM arrived
WHERE program IN (SELECT program FROM shown)
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{program}}' }
  ),
  minInterval: '1m',
  unit: 'bytes',
});

const kinds = timeSeries({
  title: 'Events received, by kind of telemetry',
  description: 'Events that arrived in each interval: log lines, samples of metrics, and spans.',
  style: 'bars',
  query: sqlQuery(
    `SELECT $__dateBin(insert_time) AS time, array_to_string("streams.tags", ', ') AS kind, sum(nb_objects) AS events
FROM blocks
WHERE $__timeFilter(insert_time)
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{kind}}' }
  ),
  minInterval: '1m',
  unit: 'short',
});

const sumOf = (names: readonly string[]) => `SELECT $__dateBin(time) AS time, name, sum(value) AS value
FROM measures
WHERE $__timeFilter(time) AND name IN (${names.map((name) => `'${name}'`).join(', ')})
GROUP BY 1, 2
ORDER BY 1`;

const cache = timeSeries({
  title: 'Object cache',
  description:
    'Blocks of files that queries asked for, those that were in the cache, and those that were read from the object store.',
  query: sqlQuery(
    sumOf(['range_cache_block_request', 'range_cache_block_backend_hit', 'range_cache_origin_block_fetch']),
    {
      format: 'time_series',
      legend: '{{name}}',
    }
  ),
  minInterval: '1m',
  unit: 'short',
  overrides: {
    range_cache_block_request: [named('Requested')],
    range_cache_block_backend_hit: [named('Found in the cache')],
    range_cache_origin_block_fetch: [named('Read from the object store')],
  },
});

const durations = timeSeries({
  title: 'Durations in the server, 95th percentile',
  description: 'How long queries take, and how long it takes to store a block that arrives.',
  query: sqlQuery(
    `SELECT $__dateBin(time) AS time, name, unit, percentile_cont(value, 0.95) AS p95
FROM measures
WHERE $__timeFilter(time) AND name IN ('query_duration_total', 'query_planning_duration', 'insert_duration')
GROUP BY 1, 2, 3
ORDER BY 1`,
    { format: 'time_series', legend: '{{name}}' }
  ),
  minInterval: '1m',
  overrides: {
    query_duration_total: [named('Query')],
    query_planning_duration: [named('Planning of a query')],
    insert_duration: [named('Storing a block')],
  },
});

const problemCounts = stat({
  title: 'Errors and warnings of materialization',
  description:
    'Log lines of the parts of the server that build tables from what arrived. 0: these parts logged lines, and none has this level. No data: they logged no line.',
  query:
    sqlQuery(`SELECT count(*) FILTER (WHERE level <= 2) AS errors, count(*) FILTER (WHERE level = 3) AS warnings, count(*) AS lines
FROM log_entries
WHERE $__timeFilter(time) AND ${MATERIALIZATION}
HAVING count(*) > 0`),
  unit: 'locale',
  overrides: {
    errors: [named('Errors'), ...colored(LEVEL_COLORS.error)],
    warnings: [named('Warnings'), ...colored(LEVEL_COLORS.warning)],
    lines: [named('All lines'), color('text')],
  },
});

const problems = logs({
  title: 'Problems of materialization',
  description: 'Warnings and errors of the parts of the server that build tables from what arrived. At most 100.',
  query: sqlQuery(
    `SELECT time, level, target, msg, exe, computer, process_id, properties
FROM log_entries
WHERE $__timeFilter(time) AND level <= 3 AND ${MATERIALIZATION}
ORDER BY time DESC
LIMIT 100`,
    { format: 'logs' }
  ),
});

export const lakehouseOperation = dashboard({
  uid: 'micromegas-lakehouse',
  title: 'Micromegas lakehouse operation',
  description: 'Whether telemetry arrives and can be queried, what arrives from whom, and how the server is doing.',
  revision: 4,
  variables: [],
  rows: [
    { height: 8, panels: [freshness, partitions] },
    { height: 8, panels: [ingestion, kinds] },
    { height: 8, panels: [cache, durations] },
    { height: 4, panels: [problemCounts] },
    { height: 9, panels: [problems] },
  ],
});
