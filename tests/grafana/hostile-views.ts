/** The panels that `hostile-telemetry.spec.ts` opens: one for each kind of query, result and panel. */
import { type Locator, type Page } from '@playwright/test';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { HOSTILE_STRINGS } from '../support/hostile-strings';

/** A process and a trace that have telemetry of all kinds. */
export interface TelemetryIds {
  process: string;
  trace: string;
}

export interface HostileView {
  name: string;
  query: (ids: TelemetryIds) => MicromegasQueryFields;
  /** Type of the panel. */
  panel: string;
  options?: object;
  /** Length of the time range. Default: an hour. */
  minutes?: number;
  /** Opens the details that this kind of panel has. */
  open?: (panel: Locator, page: Page) => Promise<void>;
  /** The element with the tooltip that shows the strings. Default: any place of the panel. */
  hasTooltip?: (panel: Locator) => Locator;
}

const [MARKUP] = HOSTILE_STRINGS;
const literal = (string: string) => `'${string.replaceAll("'", "''").replaceAll('\0', '')}'`;
const quoted = (string: string) => `"${string.replaceAll('"', '""').replaceAll('\0', '')}"`;

/** One column for each string, with the string as its name and its value. */
const COLUMNS = HOSTILE_STRINGS.map((string) => `${literal(string)} AS ${quoted(string)}`).join(', ');
/** One row for each string. */
const VALUES = HOSTILE_STRINGS.map((string) => `(${literal(string)})`).join(', ');

type Format = Exclude<MicromegasQueryFields['format'], undefined>;
const sql =
  (query: string, format: Format, more: MicromegasQueryFields = {}) =>
  () => ({ query, format, ...more });

const MULTIPLE = { tooltip: { mode: 'multi', sort: 'none' }, legend: { showLegend: true, displayMode: 'table' } };

export const HOSTILE_VIEWS: readonly HostileView[] = [
  { name: 'names of columns', panel: 'table', query: sql(`SELECT ${COLUMNS}`, 'table') },
  {
    name: 'columns with links',
    panel: 'table',
    query: sql(
      `SELECT v AS trace_id, v AS process_id, v AS stream_id, v AS exe FROM (VALUES ${VALUES}) AS t(v)`,
      'table'
    ),
  },
  { name: 'a long string', panel: 'table', query: sql(`SELECT repeat(${literal(MARKUP)}, 25000) AS msg`, 'table') },
  {
    name: 'labels of series',
    panel: 'timeseries',
    options: MULTIPLE,
    query: sql(
      `SELECT $__dateBin(time) AS time, name, target, unit, avg(value) AS ${quoted(MARKUP)} FROM measures GROUP BY 1, 2, 3, 4 ORDER BY 1`,
      'time_series'
    ),
  },
  {
    name: 'legends',
    panel: 'timeseries',
    options: MULTIPLE,
    query: sql(
      'SELECT $__dateBin(time) AS time, name, avg(value) AS value FROM measures GROUP BY 1, 2 ORDER BY 1',
      'time_series',
      { legend: `{{name}} ${MARKUP}` }
    ),
  },
  { name: 'bars', panel: 'barchart', query: sql('SELECT exe, count(*) AS n FROM processes GROUP BY 1', 'table') },
  {
    name: 'log lines',
    panel: 'logs',
    options: { enableLogDetails: true, showLabels: true, wrapLogMessage: true },
    query: sql(
      'SELECT time, level, target, msg, exe, process_id, properties FROM log_entries ORDER BY time DESC LIMIT 30',
      'logs'
    ),
    open: (panel) => panel.getByText('attacked').first().click(),
  },
  {
    name: 'what changed',
    panel: 'table',
    query: () => ({ queryType: 'what-changed', 'what-changed': { scope: 'lakehouse' } }),
  },
  { name: 'processes', panel: 'table', query: () => ({ queryType: 'processes', processes: { view: 'list' } }) },
  {
    name: 'the tree of a process',
    panel: 'table',
    query: ({ process }) => ({ queryType: 'processes', processes: { view: 'tree', processId: process } }),
  },
  {
    name: 'found traces',
    panel: 'table',
    minutes: 10,
    query: () => ({ queryType: 'traces', traces: { view: 'search' } }),
  },
  {
    name: 'a trace',
    panel: 'traces',
    query: ({ trace }) => ({ queryType: 'traces', traces: { view: 'trace', traceId: trace } }),
    open: (panel) =>
      panel
        .getByText(/matchmaker\.Find/)
        .first()
        .click(),
  },
  {
    name: 'a service map',
    panel: 'nodeGraph',
    query: () => ({ queryType: 'traces', traces: { view: 'service-map' } }),
    open: (panel) => panel.locator('[data-node-id] circle').first().click({ force: true }),
  },
  {
    name: 'a flame graph',
    panel: 'flamegraph',
    minutes: 1,
    query: ({ process }) => ({ queryType: 'profile', profile: { view: 'flame-graph', processId: process } }),
  },
  {
    name: 'a timeline',
    panel: 'traces',
    minutes: 1,
    query: ({ process }) => ({ queryType: 'profile', profile: { view: 'timeline', processId: process } }),
  },
  {
    name: 'a failed query',
    panel: 'table',
    query: sql('SELECT * FROM no_such_table', 'table'),
    hasTooltip: (panel) => panel.getByTestId(/Panel status/),
  },
];
