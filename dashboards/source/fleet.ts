/** The dashboard "Micromegas fleet": which programs run, and which of them have problems. */
import { type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard';
import { color, colored, COLORED_CELLS, LEVEL_COLORS, named, STATE_COLORS, TIME, unit, width } from './fields';
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

const NO_PROCESSES = 'No process of the selected programs sent telemetry in this time range.';
const NO_LINES = 'The selected programs logged nothing in this time range.';

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
  noValue: NO_PROCESSES,
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
    `WITH runs AS (
  SELECT concat(exe, ' ', ${versionOf('properties')}) AS program, start_time, ${LAST_SEEN} AS last_seen
  FROM processes
  WHERE ${SELECTED_PROGRAMS}
), shown AS (
  SELECT program FROM runs GROUP BY program ORDER BY count(*) DESC, program LIMIT ${SERIES}
), changes AS (
  SELECT program, CASE WHEN start_time < $__timeFrom() THEN $__timeFrom() ELSE start_time END AS time, 1 AS change
  FROM runs WHERE program IN (SELECT program FROM shown)
  UNION ALL
  SELECT program, last_seen AS time, -1 AS change
  FROM runs WHERE program IN (SELECT program FROM shown) AND last_seen < ${RUNNING_SINCE}
), bins AS (
  SELECT $__dateBin(time) AS time, program, sum(change) AS change FROM changes GROUP BY 1, 2
)
SELECT time, program, cast(sum(change) OVER (PARTITION BY program ORDER BY time) AS bigint) AS alive
FROM bins
ORDER BY time`,
    { format: 'time_series', fillMode: 'previous', legend: '{{program}}' }
  ),
  noValue: NO_PROCESSES,
  unit: 'locale',
});

const versions = table({
  title: 'Running programs and versions',
  description:
    'Processes that sent telemetry in the last five minutes of the time range. The version is read from the property that is entered in "Version property", or else from another usual property.',
  query: sqlQuery(`SELECT exe AS program, ${versionOf('properties')} AS version, count(*) AS processes,
  count(DISTINCT computer) AS computers, min(start_time) AS oldest_start
FROM processes
WHERE ${SELECTED_PROGRAMS} AND ${LAST_SEEN} >= ${RUNNING_SINCE}
GROUP BY 1, 2
ORDER BY processes DESC, program, version
LIMIT 100`),
  noValue: NO_PROCESSES,
  overrides: {
    program: [named('Program')],
    version: [named('Version')],
    processes: [named('Processes'), unit('locale'), width(100)],
    computers: [named('Computers'), unit('locale'), width(105)],
    oldest_start: [named('Oldest start'), TIME],
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
  noValue: 'No process of the selected programs started or ended in this time range.',
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
  noValue: NO_LINES,
  minInterval: MINUTE,
  unit: 'short',
});

const count = (name: string, fixedColor: string): DynamicConfigValue[] => [
  named(name),
  unit('locale'),
  width(85),
  COLORED_CELLS,
  ...colored(fixedColor),
];

const LINES = (level: number) => `coalesce(sum(count) FILTER (WHERE level = ${level}), 0)`;

const errors = table({
  title: 'Programs with most errors',
  description: 'Fatal lines, errors and warnings in the time range.',
  query:
    sqlQuery(`SELECT exe AS program, ${LINES(1)} AS fatal, ${LINES(2)} AS errors, ${LINES(3)} AS warnings, count(DISTINCT processes.process_id) AS processes
FROM log_stats JOIN processes ON processes.process_id = log_stats.process_id
WHERE $__timeFilter(time_bin) AND level <= 3 AND ${SELECTED_PROGRAMS}
GROUP BY 1
ORDER BY fatal DESC, errors DESC, warnings DESC, program
LIMIT 50`),
  noValue: 'The selected programs logged no warning or error in this time range.',
  overrides: {
    program: [named('Program')],
    fatal: count('Fatal', LEVEL_COLORS.fatal),
    errors: count('Errors', LEVEL_COLORS.error),
    warnings: count('Warnings', LEVEL_COLORS.warning),
    processes: [named('Processes'), unit('locale'), width(95)],
  },
});

const newest = table({
  title: 'Newest processes',
  description: 'The processes that started last, of all programs, with their log lines and links to their telemetry.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'list', limit: 50 } }),
  noValue: 'No process sent telemetry in this time range.',
});

export const fleet = dashboard({
  uid: 'micromegas-fleet',
  title: 'Micromegas fleet',
  description: 'Which programs and versions run, which ended or crashed, and which log errors.',
  revision: 1,
  variables: [programs(), versionProperty()],
  rows: [
    { height: 5, panels: [states] },
    { height: 8, panels: [alive, versions] },
    { height: 8, panels: [changes, lines] },
    {
      height: 8,
      panels: [
        { panel: errors, width: 10 },
        { panel: newest, width: 14 },
      ],
    },
  ],
});
