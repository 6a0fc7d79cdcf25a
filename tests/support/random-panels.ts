/** Random panels with time bins, which the backend may refresh in parts. */
import { type RefreshedPanel } from './refresh-bench';

const CONDITIONS = [
  '$__timeFilter(time)',
  "$__timeFilter(time) AND target <> 'late.b'",
  'level <= 4 AND time >= $__timeFrom() AND time <= $__timeTo()',
  "(exe LIKE 'ember%' OR exe IS NULL) AND ($__timeFilter(time))",
  'true',
];
/** Excludes the audit log, to which each query adds a record. */
export const NO_AUDIT = "target <> 'flightsql_query_audit'";
const BINS = [
  '$__dateBin(time)',
  "$__dateBin(time, '2m')",
  "date_bin(interval '1 minute', time)",
  "date_trunc('minute', time)",
];
const VALUES = [
  'count(*) AS n',
  'count(*) AS n, count(DISTINCT exe) AS e',
  'max(level) AS n',
  'count(*) * 60.0 / $__range_s AS n',
];
const GROUPS = ['', 'target', "nullif(target, 'late.a') AS g", 'exe'];
const HAVINGS = ['', 'HAVING count(*) > 2'];

/** A query with a total order, so that its rows can be compared. */
export function randomPanel(random: () => number): RefreshedPanel {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const group = pick(GROUPS);
  const condition = pick(CONDITIONS);
  const direction = pick(['', ' DESC']);
  const sql = [
    `SELECT ${pick(BINS)} AS t, ${group === '' ? '' : `${group}, `}${pick(VALUES)}`,
    `FROM ${pick(['log_entries', 'log_entries AS l', "view_instance('log_entries', 'global')"])}`,
    `WHERE ${condition} AND ${NO_AUDIT}`,
    group === '' ? 'GROUP BY 1' : 'GROUP BY 1, 2',
    pick(HAVINGS),
    group === '' ? `ORDER BY 1${direction}` : `ORDER BY t${direction}, 2`,
  ].join(' ');
  return {
    sql,
    intervalMs: pick([60_000, 120_000]),
    format: group === 'target' ? pick(['table', 'time_series']) : 'table',
  };
}
