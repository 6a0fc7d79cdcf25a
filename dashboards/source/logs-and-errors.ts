/** Logs and errors: how much the programs log, the most frequent messages, and the newest lines. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { newVersions } from './annotations';
import { dashboard } from './dashboard';
import { colored, INSPECTED, LEVEL_COLORS, levelCells, minWidth, named, SECONDS, unit, width } from './fields';
import { logs, MINUTE, stat, table, timeSeries } from './panels';
import { builtQuery, sqlQuery } from './queries';
import { LEVEL_NAME, OF_SELECTED_PROGRAMS, SELECTED_PROGRAMS } from './sql';
import { choice, programs, queryVariable, textBox, versionProperty } from './variables';

const SELECTED_TARGETS = '$__conditionalAll(target IN ($target), $target)';
/** Condition on the rows of `log_stats`, for the selected programs and targets. */
const COUNTED = `$__timeFilter(time_bin) AND ${SELECTED_TARGETS} AND ${OF_SELECTED_PROGRAMS}`;
const LINES = (level: number) => `coalesce(sum(count) FILTER (WHERE level = ${level}), 0)`;
/** Condition on the rows of `log_entries`. */
const SELECTED_LINES = `$__timeFilter(time) AND ${SELECTED_PROGRAMS} AND ${SELECTED_TARGETS}`;
/** Maximum number of targets in the graph. */
const TARGETS = 10;

/**
 * Matches the varying parts of a message: hexadecimal ids with at least one digit, and numbers with their fractions.
 */
const VARIABLE_PARTS = String.raw`\b[0-9a-fA-F-]*[0-9][0-9a-fA-F.:-]*\b|[0-9]+(\.[0-9]+)?`;

const levels = timeSeries({
  title: 'Log lines, by level',
  description: 'Log lines of the selected programs and targets. The annotations show the first start of each version.',
  style: 'bars',
  query: sqlQuery(
    `SELECT $__dateBin(time_bin) AS time, ${LEVEL_NAME} AS level, sum(count) AS lines
FROM log_stats
WHERE ${COUNTED}
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{level}}' }
  ),
  minInterval: MINUTE,
  unit: 'short',
});

const severe = stat({
  title: 'Fatal lines, errors and warnings',
  description:
    'Log lines of the selected programs and targets in the time range. 0: log lines arrived, and none has this level. No data: no log line arrived.',
  query: sqlQuery(`SELECT ${LINES(1)} AS fatal, ${LINES(2)} AS errors, ${LINES(3)} AS warnings
FROM log_stats
WHERE ${COUNTED}
HAVING count(*) > 0`),
  unit: 'locale',
  overrides: {
    fatal: [named('Fatal'), ...colored(LEVEL_COLORS.fatal)],
    errors: [named('Errors'), ...colored(LEVEL_COLORS.error)],
    warnings: [named('Warnings'), ...colored(LEVEL_COLORS.warning)],
  },
});

const targets = timeSeries({
  title: 'Log lines by target, level ${level:text} or more severe',
  description: `Log lines of the selected level or more severe. Shows the ${TARGETS} targets with the most lines.`,
  style: 'bars',
  query: sqlQuery(
    `WITH counted AS (
  SELECT time_bin, target, count FROM log_stats WHERE ${COUNTED} AND level <= $level
), shown AS (
  SELECT target FROM counted GROUP BY target ORDER BY sum(count) DESC, target LIMIT ${TARGETS}
)
SELECT $__dateBin(time_bin) AS time, target, sum(count) AS lines
FROM counted
WHERE target IN (SELECT target FROM shown)
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{target}}' }
  ),
  minInterval: MINUTE,
  unit: 'short',
});

const messages = table({
  title: 'Most frequent messages, level ${level:text} or more severe',
  description:
    'Messages of the selected level or more severe. Messages that differ only in numbers and ids count as one: numbers and ids are replaced by *.',
  query: sqlQuery(
    String.raw`SELECT level, regexp_replace(msg, '${VARIABLE_PARTS}', '*', 'g') AS message, count(*) AS lines,
  max(time) AS newest, min(time) AS first,
  CASE WHEN count(DISTINCT exe) = 1 THEN min(exe) ELSE concat(cast(count(DISTINCT exe) AS varchar), ' programs') END AS program,
  count(DISTINCT process_id) AS processes
FROM log_entries
WHERE ${SELECTED_LINES} AND level <= $level AND msg ILIKE '%$search%'
GROUP BY 1, 2
ORDER BY lines DESC, newest DESC
LIMIT 50`
  ),
  overrides: {
    level: levelCells(),
    message: [named('Message'), minWidth(320), INSPECTED],
    lines: [named('Lines'), unit('locale'), width(75)],
    newest: [named('Newest'), ...SECONDS],
    first: [named('First'), ...SECONDS],
    program: [named('Program'), width(150)],
    processes: [named('Processes'), unit('locale'), width(90)],
  },
});

const newestLines = (level: string, search: string): MicromegasQueryFields =>
  sqlQuery(
    `SELECT time, level, target, msg, exe, computer, process_id, properties
FROM log_entries
WHERE ${SELECTED_LINES} AND level <= ${level}${search}
ORDER BY time DESC
LIMIT 100`,
    { format: 'logs' }
  );

const fatal = logs({
  title: 'Newest fatal lines',
  description: 'The newest fatal lines, at most 100. The details of a line link to its process.',
  query: newestLines('1', ''),
});

const newest = logs({
  title: 'Newest lines, level ${level:text} or more severe',
  description:
    'The newest lines of the selected level or more severe that contain the text in "Contains", at most 100.',
  query: newestLines('$level', " AND msg ILIKE '%$search%'"),
});

export const logsAndErrors = dashboard({
  uid: 'micromegas-logs',
  title: 'Micromegas logs and errors',
  description: 'How much the programs log, by level and target, their most frequent messages, and the newest lines.',
  revision: 6,
  variables: [
    programs(),
    queryVariable({
      name: 'target',
      label: 'Target',
      query: builtQuery({
        kind: 'values',
        of: 'column',
        table: 'log_stats',
        value: { column: 'target' },
        timeColumn: 'time_bin',
        conditions: [],
      }),
      selects: 'all',
      sort: VariableSort.AlphabeticalAsc,
    }),
    choice('level', 'Level', [
      ['error', '2'],
      ['fatal', '1'],
      ['warning', '3'],
      ['info', '4'],
      ['debug', '5'],
      ['trace', '6'],
    ]),
    textBox('search', 'Contains', ''),
    versionProperty(),
  ],
  annotations: [newVersions()],
  rows: [
    { height: 4, panels: [severe] },
    { height: 8, panels: [levels, targets] },
    { height: 9, panels: [messages] },
    { height: 10, panels: [fatal, newest] },
  ],
});
