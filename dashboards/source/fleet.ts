/** The dashboard "Micromegas fleet": which programs run, and which of them have problems. */
import { type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard';
import {
  color,
  colored,
  COLORED_CELLS,
  LEVEL_COLORS,
  minWidth,
  named,
  NARROW_PROCESSES,
  STATE_COLORS,
  unit,
  width,
} from './fields';
import { MINUTE, stat, table, timeSeries } from './panels';
import { sqlQuery, viewQuery } from './queries';
import {
  COUNT_OF_STATE,
  LAST_SEEN,
  LEVEL_NAME,
  OF_SELECTED_PROGRAMS,
  RUNNING_SINCE,
  RUNS,
  SELECTED_PROGRAMS,
  versionOf,
} from './sql';
import { programs, versionProperty } from './variables';

/** Maximum number of programs and versions in the graph. */
const SERIES = 20;

const states = stat({
  title: 'Processes',
  description:
    'Running: sent telemetry in the last five minutes of the time range. Crashed: ended within two minutes of a fatal log line. ' +
    'Ended: neither. Started: the start is in the time range.',
  query: sqlQuery(`${RUNS}
SELECT ${COUNT_OF_STATE('running')} AS running, count(*) FILTER (WHERE start_time >= $__timeFrom()) AS started,
  ${COUNT_OF_STATE('ended')} AS ended, ${COUNT_OF_STATE('crashed')} AS crashed
FROM runs`),
  unit: 'locale',
  overrides: {
    running: [named('Running'), color(STATE_COLORS.running)],
    started: [named('Started'), color('text')],
    ended: [named('Ended'), color(STATE_COLORS.ended)],
    crashed: [named('Crashed'), ...colored(STATE_COLORS.crashed)],
  },
});

const alive = timeSeries({
  style: 'areas',
  title: 'Processes alive, by program and version',
  description: `From the first to the last telemetry of each process. Shows the ${SERIES} programs and versions with most processes.`,
  query: sqlQuery(
    // DataFusion 55 rejects the union of a column that cannot be null, so nullif makes the version nullable.
    `WITH runs AS (
  SELECT exe, nullif(${versionOf('properties')}, '') AS version, start_time, ${LAST_SEEN} AS last_seen
  FROM processes
  WHERE ${SELECTED_PROGRAMS}
), shown AS (
  SELECT concat(exe, ' ', version) AS program FROM runs GROUP BY exe, version ORDER BY count(*) DESC, program LIMIT ${SERIES}
), changes AS (
  SELECT exe, version, CASE WHEN start_time < $__timeFrom() THEN $__timeFrom() ELSE start_time END AS time, 1 AS change
  FROM runs WHERE concat(exe, ' ', version) IN (SELECT program FROM shown)
  UNION ALL
  SELECT exe, version, last_seen AS time, -1 AS change
  FROM runs WHERE concat(exe, ' ', version) IN (SELECT program FROM shown) AND last_seen < ${RUNNING_SINCE}
), bins AS (
  SELECT $__dateBin(time) AS time, exe, version, sum(change) AS change FROM changes GROUP BY 1, 2, 3
)
SELECT time, exe, version, cast(sum(change) OVER (PARTITION BY exe, version ORDER BY time) AS bigint) AS alive
FROM bins
ORDER BY time`,
    { format: 'time_series', fillMode: 'previous', legend: '{{exe}} {{version}}' }
  ),
  unit: 'locale',
});

const versions = table({
  title: 'Running programs and versions',
  description:
    'Processes that sent telemetry in the last five minutes of the time range. The version is read from the property that is entered in "Version property", or else from another usual property.',
  query: sqlQuery(`SELECT exe AS program, ${versionOf('properties')} AS version, count(*) AS processes,
  min(start_time) AS oldest_start
FROM processes
WHERE ${SELECTED_PROGRAMS} AND ${LAST_SEEN} >= ${RUNNING_SINCE}
GROUP BY 1, 2
ORDER BY processes DESC, program, version
LIMIT 100`),
  overrides: {
    program: [named('Program'), minWidth(150)],
    version: [named('Version'), minWidth(90)],
    processes: [named('Processes'), unit('locale'), width(90)],
    oldest_start: [named('Oldest start'), unit('dateTimeFromNow'), width(120)],
  },
});

const changes = timeSeries({
  title: 'Started, ended and crashed',
  description: 'Starts and ends of processes of the selected programs. The end is the time of the last telemetry.',
  style: 'bars',
  query: sqlQuery(
    `${RUNS}, changes AS (
  SELECT start_time AS time, 'started' AS change FROM runs WHERE start_time >= $__timeFrom()
  UNION ALL
  SELECT last_seen AS time, state AS change FROM runs WHERE state <> 'running'
)
SELECT $__dateBin(time) AS time, change, count(*) AS processes
FROM changes
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', fillMode: 'zero', legend: '{{change}}' }
  ),
  minInterval: MINUTE,
  unit: 'locale',
  overrides: {
    started: [color(STATE_COLORS.running)],
    ended: [color(STATE_COLORS.ended)],
    crashed: [color(STATE_COLORS.crashed)],
  },
});

const lines = timeSeries({
  title: 'Log lines, by level',
  description: 'Log lines of the selected programs.',
  style: 'bars',
  query: sqlQuery(
    `SELECT $__dateBin(time_bin) AS time, ${LEVEL_NAME} AS level, sum(count) AS lines
FROM log_stats
WHERE $__timeFilter(time_bin) AND ${OF_SELECTED_PROGRAMS}
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{level}}' }
  ),
  minInterval: MINUTE,
  unit: 'short',
});

const count = (name: string, fixedColor: string): DynamicConfigValue[] => [
  named(name),
  unit('locale'),
  width(90),
  COLORED_CELLS,
  ...colored(fixedColor),
];

const LINES = (level: number) => `coalesce(sum(lines) FILTER (WHERE level = ${level}), 0)`;

const errors = table({
  title: 'Programs with most errors',
  description:
    'Fatal lines, errors and warnings of each program in the time range, also of programs without any. The programs with most fatal lines and errors are first, at most 50. Lines of the first minute are counted only if the time range starts with a full minute, and lines of the last minute some seconds late; "Newest processes" counts all lines.',
  query: sqlQuery(`WITH counted AS (
  SELECT process_id, level, sum(count) AS lines
  FROM log_stats
  WHERE $__timeFilter(time_bin) AND level <= 3
  GROUP BY 1, 2
)
SELECT exe AS program, ${LINES(1)} AS fatal, ${LINES(2)} AS errors, ${LINES(3)} AS warnings, count(DISTINCT processes.process_id) AS processes
FROM processes LEFT JOIN counted ON counted.process_id = processes.process_id
WHERE ${SELECTED_PROGRAMS}
GROUP BY 1
ORDER BY coalesce(sum(lines) FILTER (WHERE level <= 2), 0) DESC, warnings DESC, program
LIMIT 50`),
  overrides: {
    program: [named('Program'), minWidth(150)],
    fatal: count('Fatal', LEVEL_COLORS.fatal),
    errors: count('Errors', LEVEL_COLORS.error),
    warnings: count('Warnings', LEVEL_COLORS.warning),
    processes: [named('Processes'), unit('locale'), width(95)],
  },
});

const newest = table({
  title: 'Newest processes',
  description:
    'The processes that started last, of all programs, with their log lines and links to their telemetry. All lines of the time range are counted. "Programs with most errors" counts fewer: it omits the lines before the first full minute.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'list', limit: 50 } }),
  overrides: NARROW_PROCESSES,
});

export const fleet = dashboard({
  uid: 'micromegas-fleet',
  title: 'Micromegas fleet',
  description: 'Which programs and versions run, which ended or crashed, and which log errors.',
  revision: 3,
  variables: [programs(), versionProperty()],
  rows: [
    { height: 5, panels: [states] },
    { height: 8, panels: [alive, versions] },
    { height: 8, panels: [changes, lines] },
    { height: 8, panels: [errors] },
    { height: 8, panels: [newest] },
  ],
});
