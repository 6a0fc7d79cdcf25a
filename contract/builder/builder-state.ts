/**
 * The state of the query builder, as it is saved beside the SQL that was made from it. Only the SQL is run. The state
 * serves to open the builder again.
 *
 * All values are strings as typed, and may contain Grafana variables (`$name`, `${name}`).
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
  /** Key in the JSONB column. Missing: the column itself. */
  property?: string;
}

/** A condition on a column or property, of which the editor shows operator and values. */
export interface TypedCondition extends ColumnRef {
  type: ConditionType;
  operator: ConditionOperator;
  /**
   * One value; several for `in` and `not-in`; none for `is-null` and `is-not-null`. A level of a log entry may be a
   * name (`error`). The duration of a span is in milliseconds, or has a unit (`1.5s`). A condition that lacks a value
   * it needs is not in the SQL.
   */
  values: string[];
}

/** A condition that the author typed as SQL, such as the free input of the older plugin's builder. */
export interface RawCondition {
  raw: string;
}

export type BuilderCondition = TypedCondition | RawCondition;

/**
 * - `rate`: increase per second of a counter whose samples are totals, or OpenTelemetry sums with delta temporality
 * - `increment-rate`: sum per second of samples that are increments
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

/** True for an aggregation that is zero without samples. The rate of a counter is not: a sample may only be late. */
export function isZeroWithoutRows(aggregation: Aggregation | undefined): boolean {
  return ZERO_WITHOUT_ROWS.includes(aggregation);
}

/** Aggregations of any column. A rate exists only for measures. */
export const TABLE_AGGREGATIONS = ['avg', 'min', 'max', 'sum', 'count', 'p50', 'p90', 'p95', 'p99'] as const;

export type TableAggregation = (typeof TABLE_AGGREGATIONS)[number];

/**
 * What the query returns, as alert rules accept it: a time series for each group, one row for each group, or a single
 * number.
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
   * `auto`: the interval of the panel. Else a duration of Grafana's syntax, such as `5m`, or a variable. The rate of
   * increments is divided by the interval, so it cannot have a variable.
   */
  interval: string;
  /** Values of a series at times without a row. Missing: none. */
  fill?: FillMode;
  /**
   * Only with `fill` and an interval of days or longer: the intervals begin in the time zone of the dashboard. Missing:
   * in UTC, as in states that were saved before this field existed.
   */
  zonedFill?: true;
  /** Orders a series from its newest row, so that a row limit drops the oldest rows. Missing means false. */
  newestFirst?: boolean;
  /** Reads only this process, through `view_instance`. */
  processId?: string;
  conditions: BuilderCondition[];
}

/** Lines of the table `log_entries`. */
export interface LogsState {
  kind: 'logs';
  /** 1 (fatal) to 6 (trace): this level and those above it. Missing: all. */
  minLevel?: number;
  /** Reads only this process, through `view_instance`. Missing: all processes. */
  processId?: string;
  conditions: BuilderCondition[];
  order: 'newest' | 'oldest';
  /** Missing: the row limit of the query decides. */
  limit?: number;
}

/** Rows of the table `processes`. The query is sent without a time range, see `BuilderQuery.timeFilter`. */
export interface ProcessesState {
  kind: 'processes';
  /** Only processes that ran in the time range of the panel. */
  aliveInRange: boolean;
  conditions: BuilderCondition[];
  /** Missing: no limit. */
  limit?: number;
}

/** Spans of one process. Without `processId`, the SQL is empty. */
export interface SpansState {
  kind: 'spans';
  /** Spans are stored per process. */
  processId: string;
  /** OpenTelemetry spans, or the spans of an instrumented program. */
  spans: 'otel' | 'thread' | 'async';
  conditions: BuilderCondition[];
  order: 'slowest' | 'newest';
  /** Missing: no limit. */
  limit?: number;
}

/** A column of the result. `count` of the column `*` counts rows. */
export type SelectedColumn = (ColumnRef & { aggregation?: TableAggregation; alias?: string }) | { raw: string };

/** One key of ORDER BY. The first one has priority. */
export interface SortKey {
  /** Name of a column of the table or of the result, or an expression of the older builder. */
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
  /** Only with an interval: values of a series at times without a row. Missing: none. */
  fill?: FillMode;
}

/** Any table or view of the server. Without `table`, the SQL is empty. */
export interface TableState {
  kind: 'table';
  table: string;
  /**
   * Process or stream whose instance of the view is read, through `view_instance`. Empty: it is required and not chosen
   * yet.
   */
  instanceId?: string;
  /** Time column to which the time range of the panel applies. Missing: only the time filter of the query applies. */
  time?: TimeColumn;
  /** Empty: all columns, or the groups. */
  columns: SelectedColumn[];
  conditions: BuilderCondition[];
  /** Groups that are columns are also columns of the result. Groups that are SQL are not, as in the older builder. */
  groupBy: Array<ColumnRef | { raw: string }>;
  orderBy: SortKey[];
  /** A number, or a variable. */
  limit?: string;
  /**
   * Orders a series from its newest row, so that a row limit drops the oldest rows. `orderBy` has priority. Missing
   * means false.
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
  /** What the list of the variable shows instead of the value. */
  text?: ColumnRef;
  conditions: BuilderCondition[];
  /** Missing: 1,000. */
  limit?: number;
}

export type BuilderState = MetricsState | LogsState | ProcessesState | SpansState | TableState | ValuesState;
