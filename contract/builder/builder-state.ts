/**
 * The state of the query builder. A query contains the state beside the SQL that the builder made from the state. The
 * backend runs the SQL. The state is used only to open the builder again.
 *
 * Strings in a state are as the author typed them, and may contain Grafana variables (`$name`, `${name}`).
 */
import { type FillMode } from '../result-format';

/**
 * Types of the values of a condition. The values of the following types are compared as strings:
 *
 * - `json`: a property of a JSONB column, or the JSON of the whole column. For a comparison such as `> 5`, the SQL
 *   converts the property to a number.
 * - `bytes`: an id such as `trace_id`, as a hexadecimal string.
 * - `list`: a list such as the tags of a stream, as a string with commas.
 */
export const CONDITION_TYPES = ['text', 'number', 'time', 'boolean', 'json', 'bytes', 'list'] as const;

export type ConditionType = (typeof CONDITION_TYPES)[number];

/** The types whose values are strings. */
export const STRING_TYPES: readonly ConditionType[] = ['text', 'json', 'bytes', 'list'];

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

/** A condition on a column or property, with an operator and values. */
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

/** A condition that is SQL of the author, such as `lower(exe) = 'a'`. */
export interface RawCondition {
  raw: string;
}

export type BuilderCondition = TypedCondition | RawCondition;

/** Percentiles that the server estimates. They have the short names, because older states contain these names. */
const APPROXIMATE_PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;
/** Percentiles that the server computes from all values, which it keeps in memory. */
const EXACT_PERCENTILES = ['exact-p50', 'exact-p90', 'exact-p95', 'exact-p99'] as const;
const PERCENTILES = [...EXACT_PERCENTILES, ...APPROXIMATE_PERCENTILES] as const;

/**
 * The name of an aggregation in legends and in the aliases of columns, such as `p95`. An exact percentile and its
 * approximation have the same name, so a change from one to the other keeps the names in the result.
 */
export function aggregationName(aggregation: Aggregation): string {
  return aggregation.replace('exact-', '');
}

/** True for a percentile that the server estimates. */
export function isApproximate(aggregation: Aggregation): boolean {
  return (APPROXIMATE_PERCENTILES as readonly Aggregation[]).includes(aggregation);
}

/**
 * Aggregations of a measure.
 *
 * - `rate`: increase per second. The samples are totals of a counter, or OpenTelemetry sums with delta temporality.
 * - `increment-rate`: sum per second. The samples are increments.
 */
export const AGGREGATIONS = ['avg', 'min', 'max', 'sum', 'count', 'rate', 'increment-rate', ...PERCENTILES] as const;

export type Aggregation = (typeof AGGREGATIONS)[number];

const ZERO_WITHOUT_ROWS: readonly unknown[] = ['count', 'sum', 'increment-rate'] satisfies Aggregation[];

/**
 * True for an aggregation whose value is 0 in an interval without samples. False for `rate`: in an interval without a
 * sample, the counter may still have increased.
 */
export function isZeroWithoutRows(aggregation: Aggregation | undefined): boolean {
  return ZERO_WITHOUT_ROWS.includes(aggregation);
}

/** Aggregations of any column. `rate` and `increment-rate` exist only for measures. */
export const TABLE_AGGREGATIONS = ['avg', 'min', 'max', 'sum', 'count', ...PERCENTILES] as const;

export type TableAggregation = (typeof TABLE_AGGREGATIONS)[number];

/**
 * The shape of the result: a time series for each group, one row for each group, or a single number. Alert rules accept
 * all three shapes.
 */
export type ResultShape = 'series' | 'rows' | 'number';

/** Aggregated values of a measure, from the table `measures`. Without `name`, the SQL is empty. */
export interface MetricsState {
  kind: 'metrics';
  /** Name of the measure, or a variable. */
  name: string;
  /** Reads only samples whose unit is stored as this string. Default: all units. */
  unit?: string;
  aggregation: Aggregation;
  groupBy: ColumnRef[];
  shape: ResultShape;
  /**
   * The length of a time bin: `auto` (the interval of the panel), a duration in Grafana's syntax, such as `5m`, or a
   * variable. Has an effect only with the shape `series`. The interval of `increment-rate` cannot be a variable,
   * because the SQL divides the sum by the length of the interval.
   */
  interval: string;
  /** How to fill times without a row. Default: no filling. */
  fill?: FillMode;
  /**
   * With `fill`, intervals of days or longer begin at midnight in the time zone of the dashboard. Default: they begin
   * at midnight UTC, because older states lack this field. The field has no effect if `fill` is missing.
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
  /** LIMIT of the SQL. Default: none, so only the query's option `rowLimit` limits the rows. */
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

/** A column of the result. `count` of the column `*`, or of an empty column, counts rows. */
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
   * Groups the rows by this interval: `auto`, a duration such as `5m`, or a variable. The first column of the result
   * is then `time`. Default: rows are not grouped by time.
   */
  interval?: string;
  /** How to fill times without a row. Has an effect only with `interval`. Default: no filling. */
  fill?: FillMode;
}

/** Rows of any table or view of the server. Without `table`, the SQL is empty. */
export interface TableState {
  kind: 'table';
  table: string;
  /**
   * Id of a process or stream, whose view instance is read through `view_instance`. Empty if the table needs an id that
   * the author has not chosen yet.
   */
  instanceId?: string;
  /**
   * Time column to which the time range of the panel applies. Default: none, so only the query's option `timeFilter`
   * limits the time.
   */
  time?: TimeColumn;
  /**
   * If the list is empty, the result has the time bin and the columns of GROUP BY. If the state has no time bin and no
   * groups, the result has all columns of the table.
   */
  columns: SelectedColumn[];
  conditions: BuilderCondition[];
  /**
   * The result contains the groups that are columns. It does not contain the groups that are SQL. A query that
   * aggregates is also grouped by its selected columns without an aggregation, see `implicitGroups`.
   */
  groupBy: Array<ColumnRef | { raw: string }>;
  orderBy: SortKey[];
  /** A number, or a variable. Default: no limit. */
  limit?: string;
  /**
   * Orders a series from its newest row, so that a row limit drops the oldest rows. `orderBy` has priority. Default:
   * false.
   */
  newestFirst?: boolean;
}

/**
 * Values of a dashboard variable. The result has the column `value`. If the dropdown of the variable shows another
 * string than the value, the result also has the column `text`.
 */
export interface ValuesState {
  kind: 'values';
  /**
   * - `column`: the distinct values of a column or property
   * - `property-keys`: the keys in a JSONB column
   * - `processes`: ids of processes, the newest first, with a string that describes the process. Only `conditions` and
   *   `limit` have an effect.
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
