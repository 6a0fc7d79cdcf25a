/**
 * The state of the query builder, as it is saved beside the SQL that was made from it. Only the SQL is run. The state
 * is used to open the builder again.
 *
 * Strings in a state are as the author typed them, and may contain Grafana variables (`$name`, `${name}`).
 */
import { type FillMode } from '../result-format';

/** Decides which operators and values a condition has. `json` is a property of a JSONB column, compared as a string. */
export type ConditionType = 'text' | 'number' | 'time' | 'boolean' | 'json';

export const CONDITION_OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not-in',
  'contains',
  'not-contains',
  'starts-with',
  'matches',
  'not-matches',
  'is-null',
  'is-not-null',
] as const;

export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** A column, or a property of a JSONB column. */
export interface ColumnRef {
  column: string;
  /** Key in the JSONB column. Default: the column itself. */
  property?: string;
}

/** A condition on a column or property. The editor shows its operator and its values. */
export interface TypedCondition extends ColumnRef {
  type: ConditionType;
  operator: ConditionOperator;
  /**
   * One value; several for `in` and `not-in`; none for `is-null` and `is-not-null`. A level of a log entry may be a
   * name (`error`). The duration of a span is in milliseconds, or has a unit (`1.5s`). A condition without a required
   * value is omitted from the SQL.
   */
  values: string[];
}

/** A condition that the author typed as SQL, such as the free input of the older plugin's builder. */
export interface RawCondition {
  raw: string;
}

export type BuilderCondition = TypedCondition | RawCondition;

/**
 * - `rate`: increase per second. The samples are totals of a counter, or OpenTelemetry sums with delta temporality.
 * - `increment-rate`: sum per second. The samples are increments.
 */
export const AGGREGATIONS = [
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'rate',
  'increment-rate',
  'p50',
  'p90',
  'p95',
  'p99',
] as const;

export type Aggregation = (typeof AGGREGATIONS)[number];

const ZERO_WITHOUT_ROWS: readonly unknown[] = ['count', 'sum', 'increment-rate'] satisfies Aggregation[];

/**
 * True for an aggregation whose value is 0 if an interval has no samples. False for the rate of a counter, because the
 * next sample may come later.
 */
export function isZeroWithoutRows(aggregation: Aggregation | undefined): boolean {
  return ZERO_WITHOUT_ROWS.includes(aggregation);
}

/** Aggregations of any column. A rate exists only for measures. */
export const TABLE_AGGREGATIONS = ['avg', 'min', 'max', 'sum', 'count', 'p50', 'p90', 'p95', 'p99'] as const;

export type TableAggregation = (typeof TABLE_AGGREGATIONS)[number];

/**
 * The shape of the result: a time series for each group, one row for each group, or a single number. Alert rules accept
 * each shape.
 */
export type ResultShape = 'series' | 'rows' | 'number';

/** Aggregated values of one measure, from the table `measures`. Without `name`, the SQL is empty. */
export interface MetricsState {
  kind: 'metrics';
  /** Name of the measure. */
  name: string;
  /**
   * Unit of the measure, as it is stored. It becomes a column of the result, from which the backend sets Grafana's
   * unit.
   */
  unit?: string;
  aggregation: Aggregation;
  groupBy: ColumnRef[];
  shape: ResultShape;
  /**
   * `auto`: the interval of the panel. Else a duration of Grafana's syntax, such as `5m`, or a variable. The interval
   * of `increment-rate` cannot be a variable, because the sum is divided by the interval.
   */
  interval: string;
  /** How to fill times without a row. Default: no filling. */
  fill?: FillMode;
  /**
   * Intervals of days or longer begin in the time zone of the dashboard. Has an effect only with `fill`. Default: they
   * begin in UTC, as in states that were saved before this field existed.
   */
  zonedFill?: true;
  /** Orders a series from its newest row, so that a row limit drops the oldest rows. Default: false. */
  newestFirst?: boolean;
  /** Reads only this process, through `view_instance`. */
  processId?: string;
  conditions: BuilderCondition[];
}

/** Lines of the table `log_entries`. */
export interface LogsState {
  kind: 'logs';
  /** The least severe level to include, from 1 (fatal) to 6 (trace). Default: all levels. */
  minLevel?: number;
  /** Reads only this process, through `view_instance`. Default: all processes. */
  processId?: string;
  conditions: BuilderCondition[];
  order: 'newest' | 'oldest';
  /** Default: the row limit of the query. */
  limit?: number;
}

/** Rows of the table `processes`. The query is sent without a time range, see `BuilderQuery.timeFilter`. */
export interface ProcessesState {
  kind: 'processes';
  /** Only processes that ran in the time range of the panel. */
  aliveInRange: boolean;
  conditions: BuilderCondition[];
  /** Default: no limit. */
  limit?: number;
}

/** Spans of one process. Without `processId`, the SQL is empty. */
export interface SpansState {
  kind: 'spans';
  /** Id of the process whose spans are read. Required, because spans are stored per process. */
  processId: string;
  /** OpenTelemetry spans, or the spans of an instrumented program. */
  spans: 'otel' | 'thread' | 'async';
  conditions: BuilderCondition[];
  order: 'slowest' | 'newest';
  /** Default: no limit. */
  limit?: number;
}

/** A column of the result. `count` of the column `*` counts rows. */
export type SelectedColumn = (ColumnRef & { aggregation?: TableAggregation; alias?: string }) | { raw: string };

/** One key of ORDER BY. The first key has priority. */
export interface SortKey {
  /** A column of the table or of the result, or SQL. */
  by: ColumnRef | { raw: string };
  descending: boolean;
}

/** The time column of a table, and the bins of a time series. */
export interface TimeColumn {
  column: string;
  /**
   * Groups the rows by this interval (`auto`, or a duration such as `5m`); the first column of the result is then
   * `time`.
   */
  interval?: string;
  /** How to fill times without a row. Has an effect only with `interval`. Default: no filling. */
  fill?: FillMode;
}

/** Any table or view of the server. Without `table`, the SQL is empty. */
export interface TableState {
  kind: 'table';
  table: string;
  /**
   * Id of the process or stream whose view instance is read, through `view_instance`. Empty: required, but not chosen
   * yet.
   */
  instanceId?: string;
  /**
   * Time column to which the time range of the panel applies. Default: none, so only the query's option `timeFilter`
   * limits the time.
   */
  time?: TimeColumn;
  /** Empty: the columns of GROUP BY. Without GROUP BY: all columns. */
  columns: SelectedColumn[];
  conditions: BuilderCondition[];
  /** Groups that are columns are also columns of the result. Groups that are SQL are not, as in the older builder. */
  groupBy: Array<ColumnRef | { raw: string }>;
  orderBy: SortKey[];
  /** A number, or a variable. */
  limit?: string;
  /**
   * Orders a series from its newest row, so that a row limit drops the oldest rows. `orderBy` has priority. Default:
   * false.
   */
  newestFirst?: boolean;
}

/** Values of a dashboard variable. The result has the columns `value` and, if it differs, `text`. */
export interface ValuesState {
  kind: 'values';
  /**
   * - `column`: the distinct values of a column or property
   * - `property-keys`: the keys in a JSONB column
   * - `processes`: ids of processes, the newest first, with a string that describes the process. `table`, `value` and
   *   `text` have no effect.
   */
  of: 'column' | 'property-keys' | 'processes';
  table: string;
  /** As in `TableState`. */
  instanceId?: string;
  /** Name of the time column to which the time range of the dashboard applies. */
  timeColumn?: string;
  value: ColumnRef;
  /** Column that the dropdown of the variable shows instead of the value. */
  text?: ColumnRef;
  conditions: BuilderCondition[];
  /** Default: 1,000. */
  limit?: number;
}

export type BuilderState = MetricsState | LogsState | ProcessesState | SpansState | TableState | ValuesState;
