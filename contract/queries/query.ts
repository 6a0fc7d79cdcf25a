/**
 * The query as it is saved in panels, alert rules, annotations and variables (`MicromegasQueryFields`), and its SQL and
 * options with default values (`SqlQuery`).
 *
 * Saved dashboards have SQL in three shapes: version 2 of the older plugin (`query`, `version: 2`), version 1
 * (`queryText`), and the bare string of a version 1 variable. Alert rules send the saved query directly to the backend,
 * so both frontend and backend call `readQuery`.
 */

import { gtValue, type InferOutput, is, literal, maxValue, number, optional, pipe } from 'valibot';
import { type BuilderState } from '../builder/builder-state';
import { olderBuilderSql, trimmedString } from '../builder/older-sql';
import { type TailRequest } from '../logs/tail-request';
import { type LogContextRequest } from '../logs/log-context';
import { type LogPageRequest } from '../logs/log-page';
import { patternOptions, type PatternOptions } from '../logs/log-patterns';
import {
  FILL_MODES,
  type FillMode,
  LOG_DIRECTIONS,
  type LogDirection,
  QUERY_FORMATS,
  type QueryFormat,
} from '../result-format';
import { objectOf } from '../schemas';
import { type PanelRequest } from './panel-request';
import { isQueryFilter, type QueryFilter } from './query-filter';
import { groupKeysOf } from './query-grouping';
import { type ViewQueryFields } from '../query-types/view-request';

/** Maximum number of time intervals in which gaps are filled. No panel draws as many points. */
export const MAX_FILLED_BINS = 11_000;

/**
 * A query as it is saved, and the fields that the browser adds to a request. Every field may be missing. The editor
 * keeps unknown fields when it saves.
 */
export interface MicromegasQueryFields extends ViewQueryFields {
  /** The SQL (version 2). */
  query?: string;
  /** The SQL (version 1). `query` has priority if it is not blank. */
  queryText?: string;
  format?: QueryFormat;
  /** Sends the panel's time range to the server, beside the SQL. Default: true. */
  timeFilter?: boolean;
  /** Truncates the result at the panel's max data points. Default: see `hasAutoLimit`. */
  autoLimit?: boolean;
  /** Truncates the result at this many rows. Not in the older plugin. */
  rowLimit?: number;
  /**
   * Fills the gaps of time series: one point for each bin of a time macro in the SQL, such as `$__timeGroup`. If the
   * SQL has no time macro, one point for each interval of the panel. Not in the older plugin. Default: no filling.
   */
  fillMode?: FillMode;
  /**
   * Names of columns that become labels of time series although their values are not strings, such as port numbers. Not
   * in the older plugin.
   */
  labelColumns?: string[];
  /**
   * If a column has integers beyond 2^53, shows the column as strings, because browsers round such integers. Not in the
   * older plugin. Default: false.
   */
  bigIntegersAsText?: boolean;
  /** False: a builder made `query`, from `builder` or, in the older plugin, from the fields `table` to `limit`. */
  rawEditor?: boolean;
  table?: string;
  columns?: string[];
  wheres?: string[];
  orderBy?: string;
  groupBy?: string;
  limit?: string;
  version?: number | string;
  /** State of the builder from which `query` was made. The state is never executed. */
  builder?: BuilderState;
  /** Filters from Explore or from links. Saved with the query. The backend inserts them into the SQL. */
  filters?: QueryFilter[];
  /** Ad hoc filters of the dashboard. The browser attaches the filters to each request; they are not saved. */
  adHocFilters?: QueryFilter[];
  /**
   * Keys by which the viewer of a dashboard groups the result. The browser attaches the keys to each request; they are
   * not saved.
   */
  groupByKeys?: string[];
  /**
   * The order of log lines. If there are more lines than the limit, the order also decides whether the newest or the
   * oldest lines are returned. Has no effect if the SQL has ORDER BY or LIMIT. Default: the order of the SQL. Loki's
   * queries have the same field.
   */
  direction?: LogDirection;
  /** Options of the format `patterns`. Not in the older plugin. */
  patterns?: PatternOptions;
  /** Name of the IANA time zone of the dashboard. The browser attaches it to each request. Default: UTC. */
  timezone?: string;
  /** Template of the names of time series, such as `{{exe}} on {{computer}}`. Default: Grafana's names. */
  legend?: string;
  /**
   * Differences between an imported query and the original query of another data source. The editor shows the notice
   * until the user hides it.
   */
  importNotice?: ImportNotice;
  /** Requests the neighbours of a log line. The browser attaches it to a request instead of SQL; it is not saved. */
  logContext?: LogContextRequest;
  /** Use of the query outside of panels. The backend sends this value to the server (`x-client-entrypoint`). */
  purpose?: 'variable' | 'annotation';
  /**
   * Properties of the panel's request that decide whether the backend may return a cached result. The browser attaches
   * them to each request; they are not saved.
   */
  panel?: PanelRequest;
  /**
   * Requests supplementary data of the query instead of its rows. Explore attaches it to a request; it is not saved.
   */
  supplementary?: SupplementaryRequest;
  /** Requests the log lines before or after the shown lines. The browser attaches it to a request; it is not saved. */
  logPage?: LogPageRequest;
  /**
   * Requests the new lines of a live tail instead of the rows of the query. The browser attaches it to a request; it is
   * not saved.
   */
  tail?: TailRequest;
}

/** The longest interval, in milliseconds: ten years, as for the interval of a panel. */
const MAX_INTERVAL_MS = 3650 * 86_400_000;

const supplementaryRequest = objectOf({
  type: literal('logs-volume'),
  /**
   * Value of `$__interval` and other interval macros in the SQL of the logs query, in milliseconds. Default: the
   * interval of this request, which is the bin width of the log volume.
   */
  intervalMs: optional(pipe(number(), gtValue(0), maxValue(MAX_INTERVAL_MS))),
});

/** A request for the number of log lines by time and level, over all rows of a logs query. */
export type SupplementaryRequest = InferOutput<typeof supplementaryRequest>;

/**
 * Differences between the result of an imported query and the result of the original expression.
 *
 * - `ignores-case`: the imported conditions ignore case, but `|=` and `!=` of Loki are case-sensitive
 * - `one-series`: the result is one series, not one for each set of labels
 * - `over-time`: a query for one point in time became a query over the time range
 */
export type ImportChange = 'ignores-case' | 'one-series' | 'over-time';

/** Tells the author of an imported query what to check. Saved with the query; the backend ignores it. */
export interface ImportNotice {
  /**
   * - `sql`: the SQL was not changed
   * - `labels`: label matchers became conditions, and the other parts of the query are lost
   * - `expression`: the query has the parts of the expression that Micromegas supports
   */
  kind: 'sql' | 'labels' | 'expression';
  /** Name of the other data source, if Grafana provides it. */
  from?: string;
  /** The expression of the other data source, shortened. */
  expression?: string;
  /** Labels that have no column in Micromegas, and became conditions on `properties`. */
  asProperties?: string[];
  /** Parts of the expression that the imported query does not have. */
  lost?: string[];
  changes?: ImportChange[];
}

/**
 * The SQL and the options of a saved query. If an option is missing, it has its default value. If there is no default,
 * it is undefined.
 */
export interface SqlQuery {
  /** Trimmed SQL. Empty if the author has not written SQL yet. */
  sql: string;
  format: QueryFormat;
  timeFilter: boolean;
  /** Number of rows at which the result is truncated. Undefined if the author set no limit. */
  rowLimit: number | undefined;
  /** True if the result is truncated at the panel's max data points. */
  autoLimit: boolean;
  /**
   * True if a state of the builder is saved. The builder made the SQL, which the author may have edited later in code
   * mode. False for all queries of the older plugin.
   */
  isBuilt: boolean;
  /**
   * True if the saved state of the builder is for a measure. The SQL of such a state selects the column `unit` only to
   * set the unit of the values.
   */
  isBuiltMeasure: boolean;
  /** Undefined if gaps are not filled. */
  fillMode: FillMode | undefined;
  labelColumns: readonly string[];
  bigIntegersAsText: boolean;
  /** Saved filters and ad hoc filters. */
  filters: readonly QueryFilter[];
  /** Keys by which the result is grouped in addition to the groups of the SQL. */
  groupByKeys: readonly string[];
  /** The order of log lines by time. Undefined: the order of the SQL. */
  direction: LogDirection | undefined;
  /** Options of the format `patterns`. Empty for invalid options. */
  patterns: PatternOptions;
  /** Name of an IANA time zone, unchecked. Undefined: UTC. */
  timezone: string | undefined;
  /** Undefined: Grafana's names. */
  legend: string | undefined;
}

/** Options of a query that is only a string with SQL. */
const NO_OPTIONS = {
  isBuilt: false,
  isBuiltMeasure: false,
  fillMode: undefined,
  labelColumns: [],
  bigIntegersAsText: false,
  filters: [],
  groupByKeys: [],
  direction: undefined,
  patterns: {},
  timezone: undefined,
  legend: undefined,
};

/** Maximum number of UTF-16 units of a legend. */
export const MAX_LEGEND_CHARACTERS = 1000;

/** Maximum row limit. No result has more rows, so a larger limit has no effect. */
export const MAX_ROW_LIMIT = 1_000_000_000;

/**
 * The boolean of a saved value: true for `true` and `1`, false for `false` and `0`, also as strings in any letter case.
 * Undefined for other values.
 */
export function readFlag(value: unknown): boolean | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (word === true || word === 'true' || word === 1 || word === '1') {
    return true;
  }
  return word === false || word === 'false' || word === 0 || word === '0' ? false : undefined;
}

/** Names of columns, not trimmed, because a name may begin or end with spaces. */
function columnNames(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list
    .map((name) => (typeof name === 'number' ? String(name) : name))
    .filter((name): name is string => typeof name === 'string' && name !== '');
}

/**
 * The valid filters in a field of a saved query. Filters without a key are dropped: Grafana sends them while the user
 * chooses a key.
 */
export function filtersOf(value: unknown): QueryFilter[] {
  return Array.isArray(value) ? value.filter(isQueryFilter).filter(({ key }) => key !== '') : [];
}

/** True for a valid request for supplementary data. */
export function isSupplementaryRequest(value: unknown): value is SupplementaryRequest {
  return is(supplementaryRequest, value);
}

/**
 * The SQL of a saved query of any version. Empty if the query has no SQL. Not trimmed, so that the editor shows the SQL
 * as the author typed it.
 */
export function sqlOf(saved: MicromegasQueryFields): string {
  for (const candidate of [saved.query, saved.queryText]) {
    if (typeof candidate === 'string' && candidate.trim() !== '') {
      return candidate;
    }
  }
  return olderBuilderSql(saved);
}

/** The place where a query is saved. */
export type QueryUse = 'panel' | 'alert rule' | 'variable' | 'annotation';

/**
 * True if the result of a query is truncated at the panel's max data points. If `autoLimit` is missing, it counts as
 * true only for a query that has SQL, is in a panel, and has version 1 or no version. The older plugin did the same.
 */
export function hasAutoLimit(saved: MicromegasQueryFields, use: QueryUse): boolean {
  const isVersion1 = saved.version === undefined || saved.version === null || Number(saved.version) === 1;
  return readFlag(saved.autoLimit) ?? (use === 'panel' && isVersion1 && sqlOf(saved).trim() !== '');
}

/**
 * Reads the SQL and the options of a query of any saved version.
 *
 * @param saved The query from the dashboard: an object or, for an old variable, a string with the SQL.
 * @param use Where the query is saved. The `purpose` of the query has priority. Default: a panel.
 */
export function readQuery(saved: unknown, use: QueryUse = 'panel'): SqlQuery {
  if (typeof saved === 'string') {
    return {
      sql: saved.trim(),
      format: 'table',
      timeFilter: true,
      rowLimit: undefined,
      autoLimit: false,
      ...NO_OPTIONS,
    };
  }
  const fields: MicromegasQueryFields = saved !== null && typeof saved === 'object' ? saved : {};
  const rowLimit = Number(fields.rowLimit ?? NaN);
  return {
    sql: sqlOf(fields).trim(),
    format: QUERY_FORMATS.find((format) => format === fields.format) ?? 'table',
    timeFilter: readFlag(fields.timeFilter) ?? true,
    rowLimit: Number.isInteger(rowLimit) && rowLimit > 0 ? Math.min(rowLimit, MAX_ROW_LIMIT) : undefined,
    autoLimit: hasAutoLimit(fields, fields.purpose ?? use),
    isBuilt: fields.builder !== undefined && fields.builder !== null,
    isBuiltMeasure: fields.builder?.kind === 'metrics',
    fillMode: FILL_MODES.find((mode) => mode === fields.fillMode),
    labelColumns: columnNames(fields.labelColumns),
    bigIntegersAsText: readFlag(fields.bigIntegersAsText) ?? false,
    filters: [...filtersOf(fields.filters), ...filtersOf(fields.adHocFilters)],
    groupByKeys: groupKeysOf(fields.groupByKeys),
    direction: LOG_DIRECTIONS.find((direction) => direction === fields.direction),
    patterns: is(patternOptions, fields.patterns) ? fields.patterns : {},
    timezone: trimmedString(fields.timezone) || undefined,
    legend: trimmedString(fields.legend) || undefined,
  };
}
