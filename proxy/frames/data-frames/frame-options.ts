import { type SharedFrom } from '../../../contract/resources/query-costs';
import { type FillMode, type QueryFormat } from '../../../contract/result-format';
import { type ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type QueryStages } from '../../observe/telemetry/query-stages';

/** A notice of a frame. Grafana shows it in the header of the panel and above the query. */
export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
}

/** Time range and bins of the query, for filling gaps. All numbers are in milliseconds. Times count from 1970. */
export interface QueryWindow {
  fromMs: number;
  toMs: number;
  /** Interval of the panel, which is the length of the bins of `$__dateBin(time)`. */
  intervalMs: number;
  /** The bins, if a macro has its own interval. */
  bins?: WindowBins;
}

/** Time bins of any length, for example the months of a time zone. All times in milliseconds since 1970. */
export interface WindowBins {
  /** The length as Grafana writes it, such as `1M`. */
  readonly width: string;
  /** Undefined if the bins differ in length. */
  readonly lengthMs?: number;
  /** Start of the bin that contains the time. */
  startOf(epochMs: number): number;
  /** Start of the bin that follows the bin with the start `startMs`. */
  next(startMs: number): number;
}

/** The value of a series in an empty bin. */
export type GapValue = FillMode | number;

/**
 * Facts about a query that only the caller knows. Undefined facts are not shown. The server's id of the query is
 * missing here, because Micromegas returns that id only in errors, see `failedFrame`.
 */
export interface QueryFacts {
  /** Milliseconds since the access token was issued. */
  tokenAgeMs?: number;
  /** Number of endpoints from which the result is read. */
  endpoints?: number;
  /** Number of statements that each read a part of the time range. */
  slices?: number | undefined;
  /** Set if the result was read for another query. @property ageMs Milliseconds since that query sent its statement. */
  shared?: { from: SharedFrom; ageMs: number } | undefined;
  /** The range that was read, in milliseconds since 1970. Undefined: the range of the query. */
  readRange?: Pick<QueryWindow, 'fromMs' | 'toMs'> | undefined;
  /** The field `session` of the query's records in the server's audit log. */
  session?: string | undefined;
  /** Says which part of the range was read, or why the whole range was read. */
  refresh?: string | undefined;
}

/** Options for statistics. */
export interface StatsOptions {
  /** A clock in milliseconds. */
  now: () => number;
  /** Start of the query, by the clock `now`. */
  startedMs: number;
  /** Milliseconds that the query waited for the running statement of another query. Default: 0. */
  joinedMs?: number;
  /** Milliseconds that the statements of the query have waited for slots so far. Default: 0. */
  queuedMs?: () => number;
  /** Called when the frame, or its first part, is written. */
  facts?: () => QueryFacts;
}

/** Data source and time range that links open. */
export interface LinkTarget {
  uid: string;
  name: string;
  /** Milliseconds since 1970. */
  range: Pick<QueryWindow, 'fromMs' | 'toMs'>;
}

/** The kinds of limits that truncate a result. */
export type ResultLimit = 'rows' | 'bytes' | 'memory';

/** Options for converting the result of one query to frames: formats, limits, and names for notices. */
export interface FrameOptions {
  refId: string;
  /** `log-volume`: counts of log lines, with the columns `time`, `level` and `count`. */
  format: QueryFormat | 'log-volume';
  /** The result is truncated after this number of rows. */
  maxRows: number;
  /** Name of the limit `maxRows`, as a part of a sentence: `the row limit of the query`. */
  rowLimitReason: string;
  /**
   * True if the user can load the rows beyond `maxRows`: then the notice of that limit is an info, not a warning.
   * Default: false.
   */
  isContinued?: boolean;
  /**
   * True if `maxRows` is the number of rows that the query asks for: then the notice of that limit is an info, not a
   * warning. Default: false.
   */
  isRequestedLimit?: boolean;
  /** For log lines in the order of their times: which lines come first. Default: not known. */
  firstLines?: 'newest' | 'oldest' | undefined;
  /**
   * Called when the result exceeds a limit. Returns the error with which the query fails, or undefined to truncate the
   * result. Default: the result is truncated.
   *
   * @param limit  `rows`: the limit `maxRows`.
   * @param reason The limit, as a part of a sentence.
   */
  truncationError?: (limit: ResultLimit, reason: string) => ProxyError | undefined;
  /** The result is truncated after this number of received bytes. Default: no limit. */
  maxBytes?: { bytes: number; reason: string };
  /** Account of the query, for the memory of the result. */
  memory: MemoryAccount;
  /** Name of the limit of `memory`, as a part of a sentence. */
  memoryLimitReason: string;
  /** The SQL that was sent, for the query inspector. */
  executedQueryString: string;
  /** Encoding of the frames: Arrow files or Grafana's JSON. Default: `arrow`. */
  encoding?: 'arrow' | 'json';
  /** True to convert columns to strings if browsers would round their integers. Ignored for time series. */
  bigIntegersAsText?: boolean;
  /** Columns of any type that become labels of time series, in addition to string columns. */
  labelColumns?: readonly string[];
  /**
   * True to leave out a unit that all time series, or all rows of a table for expressions, have in common: the label
   * `unit`, or the column `unit`. Expressions combine only series with equal labels. So with the label `unit`, they
   * could not combine measures of different units. Default: false.
   */
  hidesSharedUnit?: boolean;
  /** How to fill gaps in time series. Needs `window`. */
  fillMode?: GapValue;
  window?: QueryWindow;
  /**
   * Length of the bins of time series and volumes, in milliseconds. Grafana draws no line across a longer gap.
   * Default: not known.
   */
  binMs?: number;
  /** Name of the IANA time zone of times in notices, unchecked. Default: UTC. */
  timezone?: string | undefined;
  /**
   * Frames of time series. `wide`: one frame, in which a series is null at the times of other series. `multi`: a frame
   * for each label set and value column, without these nulls. Expressions need `multi`, because they count nulls as
   * values. Default: `wide`.
   */
  seriesFrames?: 'wide' | 'multi';
  /** Template of the names of time series, such as `{{exe}}`. Default: Grafana's names. */
  legend?: string;
  /** Labels by which the viewer of a dashboard groups. They are appended to the legend. Default: none. */
  groupByKeys?: readonly string[];
  /** The data source of the result, for links from ids. Default: no links. */
  linkTarget?: LinkTarget;
  /** Default: frames without statistics. */
  stats?: StatsOptions;
  /** Measures the time of conversions. */
  stages?: Pick<QueryStages, 'begin'>;
  /** For the frame's `meta.custom`. */
  custom?: Record<string, unknown>;
  /** For `meta.custom`, too. Called when a header is written, because it is not known before. */
  sent?: (() => object | undefined) | undefined;
  /**
   * Tells which columns Grafana may offer to filter by. Awaited before the first frame or part is written. Must not
   * reject. Default: none.
   */
  filterable?: Promise<(column: string) => boolean>;
  /** Notices that are known before the frame is built. */
  notices?: readonly Notice[];
  /**
   * Returns a notice that is computed in parallel with the query. Called once, after the last row. Must not reject.
   * Default: none.
   */
  lateNotice?: () => Promise<Notice | undefined>;
  /**
   * Called each time that lines of a logs query were converted.
   *
   * @param lastMs Time of the last of these lines, in milliseconds since 1970.
   */
  onLines?: (lines: number, lastMs: number) => void;
  /** When the signal aborts, the conversion fails with `query_cancelled`, or with the reason of the signal. */
  signal?: AbortSignal;
}

/** All frames of one result. */
export interface BuiltFrames {
  /** Encoded frames in pieces. Some pieces are views of received buffers, which must not change. */
  frames: ReadonlyArray<readonly Uint8Array[]>;
  /** Rows taken from the result, before any reshaping. */
  rows: number;
  /** Bytes of all pieces. */
  bytes: number;
  /** True when the result was truncated at a limit. */
  truncated: boolean;
}
