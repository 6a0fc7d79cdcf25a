/**
 * Queries with which an author can start: the suggestions of an empty editor, and the presets of annotations and
 * variables. Their titles and descriptions are in the editor.
 */
import { AUDIT_TARGET } from '../audit';
import { type QueryFormat } from '../result-format';
import { type ViewQueryFields } from '../query-types/view-request';
import { VERSION_KEYS } from '../query-types/processes';
import { builderQuery } from './builder-sql';
import { type BuilderState, type SelectedColumn, type TableState, type ValuesState } from './builder-state';
import { LEVEL_NAMES } from './condition-sql';
import { formState, newState } from './new-state';
import { selectSql } from './select-sql';
import { windowMsOf, windowNumber } from './window-number';

interface Point {
  id: string;
  format: QueryFormat;
  /** False if the time range must not be sent beside the SQL. */
  timeFilter?: boolean;
}

/** A query as a state of the builder. If the builder cannot express the query, the SQL of the query. */
export type StartingPoint = Point & ({ state: BuilderState; sql?: undefined } | { state?: undefined; sql: string });

function withState(id: string, state: BuilderState): StartingPoint {
  const { format, timeFilter } = builderQuery(state);
  return { id, state, format, ...(timeFilter !== undefined && { timeFilter }) };
}

function tableState(state: Partial<TableState>): TableState {
  return { kind: 'table', table: '', columns: [], conditions: [], groupBy: [], orderBy: [], ...state };
}

/** A column with a field of Micromegas's audit records, which are log entries whose message is JSON. */
function auditField(field: string, alias: string): SelectedColumn {
  return { raw: `property_get(jsonb_parse(msg), '${field}') AS ${alias}` };
}

/** The sum of a numeric field of the audit records. 0 if the server does not record the field. */
function auditSum(field: string): string {
  return `coalesce(sum(try_cast(property_get(jsonb_parse(msg), '${field}') AS double)), 0)`;
}

/** Queries that an empty editor suggests. */
export const STARTING_POINTS: readonly StartingPoint[] = [
  withState(
    'errors-over-time',
    tableState({
      table: 'log_entries',
      time: { column: 'time', interval: 'auto', fill: 'zero' },
      columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'errors' }],
      conditions: [{ column: 'level', type: 'number', operator: '<=', values: ['error'] }],
      groupBy: [{ column: 'exe' }],
    })
  ),
  withState('recent-errors', { ...formState('logs'), minLevel: LEVEL_NAMES.indexOf('error') + 1 }),
  withState('log-search', {
    ...newState('logs'),
    conditions: [{ column: 'msg', type: 'text', operator: 'contains', values: [''] }, ...formState('logs').conditions],
  }),
  withState('frame-time', {
    ...newState('metrics'),
    name: 'frame_time_ms',
    unit: 'ms',
    aggregation: 'exact-p95',
    groupBy: [{ column: 'exe' }],
  }),
  // The author chooses the process.
  withState('slowest-spans', newState('spans')),
  withState('recent-processes', newState('processes')),
  withState(
    'who-queries-what',
    tableState({
      table: 'log_entries',
      time: { column: 'time' },
      columns: [
        auditField('user', '"user"'),
        auditField('client', 'client'),
        auditField('sql', 'sql'),
        { column: '*', aggregation: 'count', alias: 'queries' },
        { raw: `${auditSum('bytes_scanned')} AS bytes_scanned` },
        { raw: `${auditSum('total_ms')} AS total_ms` },
      ],
      conditions: [{ column: 'target', type: 'text', operator: '=', values: [AUDIT_TARGET] }],
      groupBy: [{ raw: '1' }, { raw: '2' }, { raw: '3' }],
      orderBy: [
        { by: { column: 'bytes_scanned' }, descending: true },
        { by: { column: 'total_ms' }, descending: true },
      ],
      limit: '100',
    })
  ),
];

/** The percentage of log entries that are errors, read from `log_stats`, which is much smaller than `log_entries`. */
const ERROR_RATE = `SELECT 100.0 * sum(CASE WHEN level <= 2 THEN count ELSE 0 END) / sum(count) AS error_percent
FROM log_stats
WHERE $__timeFilter(time_bin)`;

/** A starting point with the number of a time series: the series of another starting point, or of another state. */
function withNumber(id: string, series: BuilderState | undefined): StartingPoint[] {
  const state = series && windowNumber(series, windowMsOf(series));
  return state === undefined ? [] : [withState(id, state)];
}

const stateOfPoint = (id: string) => STARTING_POINTS.find((point) => point.id === id)?.state;

/** The lines of each process over time. */
const PROCESS_LINES: TableState = tableState({
  table: 'log_entries',
  time: { column: 'time', interval: 'auto' },
  columns: [{ column: '*', aggregation: 'count', alias: 'messages' }],
  groupBy: [{ column: 'exe' }, { column: 'computer' }, { column: 'process_id' }],
});

/**
 * Queries that an empty editor of an alert rule suggests. Each returns one number for each series, because every
 * reducer of a rule returns a single number unchanged.
 */
export const ALERT_POINTS: readonly StartingPoint[] = [
  ...withNumber('error-count', stateOfPoint('errors-over-time')),
  { id: 'error-rate', format: 'table', sql: ERROR_RATE },
  ...withNumber('frame-time-number', stateOfPoint('frame-time')),
  ...withNumber('silent-processes', PROCESS_LINES),
];

/**
 * The SQL for the first start of each version of a program. A version is excluded if its first start is outside of the
 * time range.
 */
function deploymentsSql(): string {
  const keys = VERSION_KEYS.map((key) => `property_get(properties, '${key}')`);
  const sql = selectSql({
    columns: ['min(start_time) AS time', "concat(exe, ' ', version) AS text", 'exe AS tags'],
    from: { columns: ['start_time', 'exe', `coalesce(${keys.join(', ')}) AS version`], from: 'processes' },
    where: ['version IS NOT NULL'],
    groupBy: ['exe', 'version'],
  });
  return `${sql}\nHAVING min(start_time) >= $__timeFrom() AND min(start_time) <= $__timeTo()`;
}

/** Queries of annotations. Their columns have the names that Grafana expects. */
export const ANNOTATION_PRESETS: readonly StartingPoint[] = [
  withState(
    'process-start',
    tableState({
      table: 'processes',
      time: { column: 'start_time' },
      columns: [
        { column: 'start_time', alias: 'time' },
        { raw: "concat(exe, ' started on ', computer) AS text" },
        { column: 'exe', alias: 'tags' },
      ],
    })
  ),
  withState(
    'process-end',
    tableState({
      table: 'processes',
      time: { column: 'last_update_time' },
      columns: [
        { column: 'last_update_time', alias: 'time' },
        { raw: "concat(exe, ' ended on ', computer) AS text" },
        { column: 'exe', alias: 'tags' },
      ],
      // A running process writes data all the time, so a process without recent data has ended.
      conditions: [{ raw: "last_update_time < now() - interval '5 minutes'" }],
    })
  ),
  withState(
    'fatal-errors',
    tableState({
      table: 'log_entries',
      time: { column: 'time' },
      columns: [{ column: 'time' }, { column: 'msg', alias: 'text' }, { column: 'exe', alias: 'tags' }],
      conditions: [{ column: 'level', type: 'number', operator: '=', values: ['fatal'] }],
      orderBy: [{ by: { column: 'time' }, descending: true }],
      limit: '1000',
    })
  ),
  { id: 'deployments', format: 'table', timeFilter: false, sql: deploymentsSql() },
];

function columnValues(table: string, column: string, timeColumn?: string): ValuesState {
  return { kind: 'values', of: 'column', table, value: { column }, timeColumn, conditions: [] };
}

/** Queries of variables. Levels and targets are read from `log_stats`, which is much smaller than `log_entries`. */
export const VARIABLE_PRESETS: readonly StartingPoint[] = [
  withState('programs', columnValues('processes', 'exe')),
  withState('process-list', { kind: 'values', of: 'processes', table: '', value: { column: '' }, conditions: [] }),
  withState('computers', columnValues('processes', 'computer')),
  withState('levels', columnValues('log_stats', 'level', 'time_bin')),
  withState('targets', columnValues('log_stats', 'target', 'time_bin')),
  withState('measures', columnValues('measures', 'name', 'time')),
];

/** A starting point that shows a view, such as the service map, instead of running SQL of the author. */
export interface RequestPoint {
  id: string;
  fields: ViewQueryFields;
}

/** Queries with which an investigation begins after an alert. */
export const REQUEST_POINTS: readonly RequestPoint[] = [
  { id: 'failed-traces', fields: { queryType: 'traces', traces: { view: 'search', statuses: ['ERROR'] } } },
  { id: 'service-map', fields: { queryType: 'traces', traces: { view: 'service-map' } } },
  { id: 'crashed-processes', fields: { queryType: 'processes', processes: { view: 'list', state: 'crashed' } } },
  // The author chooses the process.
  { id: 'flame-graph', fields: { queryType: 'profile', profile: { view: 'flame-graph', processId: '' } } },
];

/**
 * Starting points of an editor for all types of queries: first the two for errors in log lines, then the views, then
 * the other queries.
 */
export const ALL_POINTS: ReadonlyArray<StartingPoint | RequestPoint> = [
  ...STARTING_POINTS.slice(0, 2),
  ...REQUEST_POINTS,
  ...STARTING_POINTS.slice(2),
];
