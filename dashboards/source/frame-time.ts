/** The dashboard "Micromegas frame time": how long the frames of games and servers take. */
import { aggregateSql } from '../../contract/builder/select-sql';
import { newVersions } from './annotations';
import { dashboard } from './dashboard';
import { exploreUrl } from './explore-url';
import { BAR_CELLS, color, decimals, HIDDEN, links, minWidth, named, TIME, unit, width } from './fields';
import { table, timeSeries } from './panels';
import { sqlQuery } from './queries';
import { SELECTED_PROGRAMS, versionOf } from './sql';
import { choice, programs, queryVariable, versionProperty } from './variables';

/** The measure in milliseconds. Micromegas stores the unit as the program sent it. */
const MILLISECONDS = `value * CASE lower(unit) WHEN 's' THEN 1000.0 WHEN 'sec' THEN 1000.0 WHEN 'seconds' THEN 1000.0
    WHEN 'us' THEN 0.001 WHEN 'microseconds' THEN 0.001 WHEN 'ns' THEN 0.000001 WHEN 'nanoseconds' THEN 0.000001 ELSE 1.0 END`;

/** Queries with time bins must not use WITH: otherwise each refresh reads the whole range. */
const FRAMES = `FROM measures
WHERE $__timeFilter(time) AND name = '$measure' AND ${SELECTED_PROGRAMS}`;
const VERSION = `concat(exe, ' ', ${versionOf('process_properties')}) AS version`;

const percentile = (name: 'p50' | 'p95' | 'p99') => `${aggregateSql(`exact-${name}`, MILLISECONDS)} AS ${name}`;
const PERCENTILES = [percentile('p50'), percentile('p95'), percentile('p99')].join(', ');
/** Percentage of the frames that take longer than the variable `budget`. */
const OVER_BUDGET = `100.0 * count(*) FILTER (WHERE ${MILLISECONDS} > $budget) / count(*) AS over_budget`;

const percentiles = timeSeries({
  title: 'Frame time of all selected programs',
  description: 'Median, 95th and 99th percentile of the measure that is selected in Measure, in each interval.',
  query: sqlQuery(
    `SELECT $__dateBin(time) AS time, ${PERCENTILES}
${FRAMES}
GROUP BY 1
ORDER BY 1`,
    { format: 'time_series' }
  ),
  unit: 'ms',
  overrides: { p50: [color('green')], p95: [color('yellow')], p99: [color('red')] },
});

const byVersion = timeSeries({
  title: '95th percentile, by program and version',
  description: 'The 95th percentile of the frame time in each interval.',
  query: sqlQuery(
    `SELECT $__dateBin(time) AS time, ${VERSION}, ${percentile('p95')}
${FRAMES}
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{version}}' }
  ),
  unit: 'ms',
});

const overBudget = timeSeries({
  title: 'Frames over $budget ms, by program and version',
  description: 'Share of the values that are larger than the variable Budget, in intervals of at least 30 seconds.',
  query: sqlQuery(
    `SELECT $__dateBin(time) AS time, ${VERSION}, ${OVER_BUDGET}
${FRAMES}
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{version}}' }
  ),
  minInterval: '30s',
  unit: 'percent',
  max: 100,
});

const milliseconds = (name: string, pixels = 66) => [named(name), unit('ms'), decimals(1), width(pixels)];

const versions = table({
  title: 'Programs and versions',
  description: 'Percentiles of the frame time, and the share of values over the budget, in the whole time range.',
  query: sqlQuery(`SELECT ${VERSION}, count(*) AS frames, ${PERCENTILES}, ${OVER_BUDGET}
${FRAMES}
GROUP BY 1
ORDER BY frames DESC
LIMIT 100`),
  overrides: {
    version: [named('Program and version'), minWidth(170)],
    frames: [named('Values'), unit('locale'), width(62)],
    p50: milliseconds('Median'),
    p95: milliseconds('p95'),
    p99: milliseconds('p99'),
    over_budget: [
      named('Over budget'),
      unit('percent'),
      decimals(1),
      { id: 'min', value: 0 },
      { id: 'max', value: 100 },
      BAR_CELLS,
      color('orange'),
      width(100),
    ],
  },
});

/**
 * SQL of the time half a second before or after `time`, in nanoseconds. The SQL returns a string, because browsers
 * would round such a large number.
 */
const nanoseconds = (sign: '+' | '-') => `arrow_cast(arrow_cast(time, 'Int64') ${sign} 500000000, 'Utf8')`;

/** The URL of the calls of a process, from half a second before a frame to half a second after it. */
const around = (view: 'timeline' | 'flame-graph') =>
  exploreUrl({
    queryType: 'profile',
    profile: {
      view,
      processId: '${__data.fields.process_id}',
      beginNs: '${__data.fields.begin_ns}',
      endNs: '${__data.fields.end_ns}',
    },
  });

const slowest = table({
  title: 'Slowest frames',
  description:
    'The 50 largest values in the time range. Select a value to open the timeline or the flame graph of its process at this time.',
  query: sqlQuery(`SELECT ${MILLISECONDS} AS ms, time, ${VERSION}, computer, process_id,
  ${nanoseconds('-')} AS begin_ns, ${nanoseconds('+')} AS end_ns
${FRAMES}
ORDER BY ms DESC
LIMIT 50`),
  overrides: {
    ms: [
      ...milliseconds('Frame time', 110),
      links({ title: 'Timeline', url: around('timeline') }, { title: 'Flame graph', url: around('flame-graph') }),
    ],
    time: [named('Time'), TIME],
    version: [named('Program and version'), minWidth(170)],
    computer: [named('Computer'), minWidth(90)],
    process_id: [named('Process'), width(300)],
    begin_ns: [HIDDEN],
    end_ns: [HIDDEN],
  },
});

export const frameTime = dashboard({
  uid: 'micromegas-frame-time',
  title: 'Micromegas frame time',
  description: 'Percentiles of the frame time by version, frames over a budget, and the slowest frames.',
  revision: 3,
  from: 'now-3h',
  variables: [
    programs(),
    queryVariable({
      name: 'measure',
      label: 'Measure',
      query: sqlQuery(`SELECT name
FROM measures
WHERE time >= $__timeTo() - interval '15 minutes' AND lower(unit) IN ('s', 'sec', 'seconds', 'ms', 'milliseconds', 'us', 'microseconds', 'ns', 'nanoseconds')
GROUP BY name
ORDER BY CASE WHEN name ILIKE '%frame%time%' THEN 0 WHEN name ILIKE '%frame%' OR name = 'DeltaTime' THEN 1 ELSE 2 END, name
LIMIT 1000`),
    }),
    choice('budget', 'Budget (ms)', [
      ['16.7', '16.7'],
      ['33.3', '33.3'],
    ]),
    versionProperty(),
  ],
  annotations: [newVersions()],
  rows: [
    { height: 8, panels: [percentiles, byVersion] },
    { height: 8, panels: [overBudget, versions] },
    { height: 9, panels: [slowest] },
  ],
});
