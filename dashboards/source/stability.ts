/** The dashboard "Micromegas stability": how often programs crash, and what they did before. */
import { type DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common';
import { newVersions } from './annotations';
import { dashboard } from './dashboard';
import {
  color,
  colored,
  COLORED_CELLS,
  decimals,
  IMAGES,
  minWidth,
  named,
  NARROW_PROCESSES,
  STATE_COLORS,
  unit,
  width,
} from './fields';
import { logs, MINUTE, type PlacedPanel, stat, table, timeSeries } from './panels';
import { sqlQuery, viewQuery } from './queries';
import { COUNT_OF_STATE, RUNS } from './sql';
import { programs, queryVariable, versionProperty } from './variables';

const CRASH = 'A crash is a process whose telemetry ended within two minutes of a fatal log line.';

/** Columns: sessions, crashes, the share of sessions without a crash, and the seconds between crashes. */
const MEASURES = `count(*) AS sessions, ${COUNT_OF_STATE('crashed')} AS crashed,
  100.0 * count(*) FILTER (WHERE state <> 'crashed') / count(*) AS crash_free,
  sum(seconds) / nullif(${COUNT_OF_STATE('crashed')}, 0) AS between_crashes`;

/** `RUNS`, and for each process the seconds that it ran in the time range. `last_seen` may be after the time range. */
const SESSIONS = `${RUNS}, sessions AS (
  SELECT runs.*, greatest(
    date_part('epoch', CASE WHEN last_seen > $__timeTo() THEN $__timeTo() ELSE last_seen END)
    - date_part('epoch', CASE WHEN start_time < $__timeFrom() THEN $__timeFrom() ELSE start_time END), 0) AS seconds
  FROM runs
)`;

const ONE_DECIMAL = decimals(1);
/** Shows a dash in place of the time between crashes if there was no crash. */
const NONE: DynamicConfigValue = { id: 'noValue', value: '–' };
const SHARE_STEPS = {
  mode: 'absolute',
  steps: [
    { value: null, color: 'red' },
    { value: 95, color: 'yellow' },
    { value: 99, color: 'green' },
  ],
};
const CRASH_FREE: DynamicConfigValue[] = [
  named('Crash-free'),
  unit('percent'),
  ONE_DECIMAL,
  { id: 'thresholds', value: SHARE_STEPS },
  { id: 'color', value: { mode: 'thresholds' } },
];

const summary = stat({
  title: 'Sessions',
  description: `A session is a process that sent telemetry in the time range. ${CRASH} The mean time between crashes is the time that all sessions ran, divided by the crashes.`,
  query: sqlQuery(`${SESSIONS}
SELECT ${MEASURES}, sum(seconds) AS run_time
FROM sessions
HAVING count(*) > 0`),
  overrides: {
    sessions: [named('Sessions'), unit('locale'), color('text')],
    crashed: [named('Crashed'), unit('locale'), ...colored(STATE_COLORS.crashed)],
    crash_free: CRASH_FREE,
    run_time: [named('Run time'), unit('s'), color('text')],
    between_crashes: [named('Mean time between crashes'), unit('s'), color('text'), NONE],
  },
});

/** @param group SQL of the column `name`, by which the sessions are grouped. */
function sessionsBy(title: string, group: string, label: string): PlacedPanel {
  return table({
    title,
    description: `Sessions and crashes. ${CRASH} At most 100 rows, those with most crashes first.`,
    query: sqlQuery(`${SESSIONS}
SELECT ${group} AS name, ${MEASURES}
FROM sessions
GROUP BY 1
ORDER BY crashed DESC, sessions DESC
LIMIT 100`),
    overrides: {
      name: [named(label), minWidth(185)],
      sessions: [named('Sessions'), unit('locale'), width(76)],
      crashed: [named('Crashed'), unit('locale'), width(70), COLORED_CELLS, ...colored(STATE_COLORS.crashed)],
      crash_free: [...CRASH_FREE, width(88), COLORED_CELLS],
      between_crashes: [named('Time between'), unit('s'), ONE_DECIMAL, width(112)],
    },
  });
}

const crashes = timeSeries({
  title: 'Crashes, by program and version',
  description: `${CRASH} If no process crashed, the series "No crash" is 0.`,
  style: 'bars',
  query: sqlQuery(
    `${RUNS}, looked AS (
  SELECT count(*) AS sessions FROM seen
), found AS (
  SELECT last_seen, exe AS program, version FROM runs WHERE state = 'crashed' AND $__timeFilter(last_seen)
)
SELECT $__dateBin(coalesce(last_seen, $__timeFrom())) AS time, coalesce(program, 'No crash') AS program, version, count(last_seen) AS crashes
FROM looked LEFT JOIN found ON true
WHERE sessions > 0
GROUP BY 1, 2, 3
ORDER BY 1`,
    { format: 'time_series', fillMode: 'zero', legend: '{{program}} {{version}}' }
  ),
  minInterval: MINUTE,
  unit: 'locale',
});

const crashed = table({
  title: 'Crashed processes',
  description: `The crashed processes of all programs, at most 50, with links to their telemetry. ${CRASH}`,
  query: viewQuery({ queryType: 'processes', processes: { view: 'list', state: 'crashed', limit: 50 } }),
  overrides: NARROW_PROCESSES,
});

const lastLines = logs({
  title: 'Last lines before the crash',
  description: 'The last 100 lines of the process that is selected in Crash, in the time range. The newest is first.',
  query: sqlQuery(
    `SELECT time, level, target, msg, exe, computer, process_id, properties
FROM log_entries
WHERE $__timeFilter(time) AND process_id = '$crash'
ORDER BY time DESC
LIMIT 100`,
    { format: 'logs' }
  ),
});

const lastImage = table({
  title: 'Last image before the crash',
  description: 'The last image of the process that is selected in Crash, if the process sends images.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'images', processId: '$crash', limit: 1 } }),
  cellHeight: TableCellHeight.Lg,
  overrides: IMAGES,
});

/** The processes that crashed, the newest crash first. */
const CRASHES = `${RUNS}
SELECT process_id AS value, concat(exe, ' on ', computer, ', ', left(process_id, 8)) AS text
FROM runs
WHERE state = 'crashed'
ORDER BY last_seen DESC
LIMIT 100`;

export const stability = dashboard({
  uid: 'micromegas-stability',
  title: 'Micromegas stability',
  description: 'How often programs crash, by version and computer, and what a process sent before it crashed.',
  revision: 5,
  variables: [
    programs(),
    queryVariable({ name: 'crash', label: 'Crash', query: sqlQuery(CRASHES) }),
    versionProperty(),
  ],
  annotations: [newVersions()],
  rows: [
    { height: 5, panels: [summary] },
    {
      height: 8,
      panels: [
        sessionsBy('Sessions, by version', "concat(exe, ' ', version)", 'Program and version'),
        sessionsBy('Sessions, by computer', 'computer', 'Computer'),
      ],
    },
    { height: 8, panels: [crashes] },
    { height: 6, panels: [crashed] },
    { height: 10, panels: [lastLines, lastImage] },
  ],
});
