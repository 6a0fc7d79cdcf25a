/** Parts of SQL that several dashboards use. They run in DataFusion, and in the lakehouse of the demo. */
import { VERSION_KEYS } from '../../contract/query-types/processes';

/** The time when a process was last seen, by its own clock. */
export const LAST_SEEN = 'coalesce(last_block_end_time, last_update_time)';

/**
 * A process that was last seen at this time or later is running. `proxy/views/processes/process-state.ts` has the same
 * rule.
 */
export const RUNNING_SINCE = "least($__timeTo(), now()) - interval '5 minutes'";

/** A process has crashed if its last fatal line is at most this long before its end. */
const CRASH_WINDOW = "interval '2 minutes'";

/** True for the programs that are selected in the variable `exe`. */
export const SELECTED_PROGRAMS = '$__conditionalAll(exe IN ($exe), $exe)';

/**
 * SQL of the version of the program. Reads the property with the name in the variable `version_property`. The default
 * of this variable is `build-version`. If a process lacks this property, the SQL reads the first property of
 * `VERSION_KEYS` that the process has.
 */
export function versionOf(properties: 'properties' | 'process_properties'): string {
  const keys = ['$version_property', ...VERSION_KEYS];
  return `coalesce(${keys.map((key) => `property_get(${properties}, '${key}')`).join(', ')}, 'unknown')`;
}

/** Name of a level. Time series with these names get the colors of the levels. */
export const LEVEL_NAME = `CASE level WHEN 1 THEN 'fatal' WHEN 2 THEN 'error' WHEN 3 THEN 'warning' WHEN 4 THEN 'info' WHEN 5 THEN 'debug' ELSE 'trace' END`;

/**
 * CTEs. The last CTE, `runs`, has a row for each process of the selected programs in the time range. Its column `state`
 * is `running`, `ended` or `crashed`. The CTEs read `processes`, and the counts of fatal lines in `log_stats`.
 */
export const RUNS = `WITH fatal AS (
  SELECT process_id, max(time_bin) AS fatal_time
  FROM log_stats
  WHERE $__timeFilter(time_bin) AND level = 1
  GROUP BY process_id
), seen AS (
  SELECT process_id, exe, computer, start_time, ${versionOf('properties')} AS version, ${LAST_SEEN} AS last_seen
  FROM processes
  WHERE ${SELECTED_PROGRAMS}
), runs AS (
  SELECT seen.*,
    CASE WHEN last_seen >= ${RUNNING_SINCE} THEN 'running'
      WHEN fatal_time >= last_seen - ${CRASH_WINDOW} THEN 'crashed'
      ELSE 'ended' END AS state
  FROM seen LEFT JOIN fatal ON fatal.process_id = seen.process_id
)`;

/** SQL of the number of processes in a state. */
export const COUNT_OF_STATE = (state: 'running' | 'ended' | 'crashed') => `count(*) FILTER (WHERE state = '${state}')`;

/** Condition for rows of `log_stats`: the process runs a selected program. */
export const OF_SELECTED_PROGRAMS = `process_id IN (SELECT process_id FROM processes WHERE ${SELECTED_PROGRAMS})`;

/**
 * One annotation for each version of a program, at the first start of the version, if this start is in the time range.
 */
export const NEW_VERSIONS = `SELECT min(start_time) AS time, concat(exe, ' ', version) AS text, exe AS tags
FROM (SELECT exe, start_time, ${versionOf('properties')} AS version FROM processes WHERE ${SELECTED_PROGRAMS}) AS runs
WHERE version <> 'unknown'
GROUP BY exe, version
HAVING min(start_time) >= $__timeFrom() AND min(start_time) <= $__timeTo()
ORDER BY time
LIMIT 100`;
