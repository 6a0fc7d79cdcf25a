/** The queries of the demo's dashboard, as panels, variables and annotations of Grafana save them. */
import { type AnnotationQuery } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

type SavedQuery = DataQuery & Record<string, unknown>;

function saved(query: string, format: 'time_series' | 'table' | 'logs', fields: object = {}): SavedQuery {
  return { refId: 'A', query, format, rawEditor: true, timeFilter: true, autoLimit: false, version: 2, ...fields };
}

/** The process of the game server that crashed and sent an image, in the demo data. */
const CRASHED_PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';

export const PANEL_QUERIES: Readonly<Record<'problems' | 'frameTime' | 'processes' | 'logs' | 'images', SavedQuery>> = {
  /** A filter on a column that the CTE does not return, such as `computer`, must be inserted into the CTE. */
  problems: saved(
    `WITH problems AS (
  SELECT time, level, exe FROM log_entries WHERE level <= 3
)
SELECT $__dateBin(time) AS time,
  CASE level WHEN 1 THEN 'fatal' WHEN 2 THEN 'error' ELSE 'warning' END AS severity,
  count(*) AS messages
FROM problems
WHERE $__timeFilter(time) AND exe IN ($exe)
GROUP BY 1, 2
ORDER BY 1`,
    'time_series',
    { fillMode: 'zero', legend: '{{severity}}' }
  ),
  frameTime: saved(
    `SELECT $__dateBin(time) AS time, exe, computer, avg(value) AS frame_time_ms
FROM measures
WHERE $__timeFilter(time) AND name = 'frame_time_ms'
GROUP BY 1, 2, 3
ORDER BY 1`,
    'time_series',
    { legend: '{{exe}} on {{computer}}' }
  ),
  processes: saved(
    `SELECT exe, computer, username, start_time, last_update_time, process_id
FROM processes
WHERE exe IN ($exe)
ORDER BY start_time DESC`,
    'table'
  ),
  logs: saved(
    `SELECT time, level, exe, target, msg, properties
FROM log_entries
WHERE $__timeFilter(time) AND process_id IN ($process) AND level IN (\${level:csv})
ORDER BY time DESC
LIMIT 200`,
    'logs'
  ),
  images: {
    refId: 'A',
    queryType: 'processes',
    processes: { view: 'images', processId: CRASHED_PROCESS },
    version: 2,
  },
};

export const VARIABLE_QUERIES = {
  exe: saved('SELECT DISTINCT exe FROM processes ORDER BY exe', 'table', { refId: 'exe' }),
  /** Depends on the variable `exe`. */
  process: saved(
    `SELECT process_id AS value, exe || ' on ' || computer || ', ' || left(process_id, 8) AS text
FROM processes
WHERE exe IN ($exe)
ORDER BY start_time DESC`,
    'table',
    { refId: 'process' }
  ),
};

export function processStarts(datasource: DataQuery['datasource']): AnnotationQuery<SavedQuery> {
  return {
    name: 'Process starts',
    enable: true,
    iconColor: 'orange',
    datasource,
    target: saved(
      `SELECT start_time AS time, exe || ' started on ' || computer AS text
FROM processes
WHERE $__timeFilter(start_time)
ORDER BY start_time`,
      'table',
      { refId: 'Anno' }
    ),
  };
}
