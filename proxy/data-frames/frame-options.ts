import { type FillMode, type QueryFormat } from '../../contract/query';
import { type MemoryAccount } from '../memory/memory-account';

/** A remark on a frame, shown at the panel's corner and in the query inspector. */
export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
  link?: string;
  /** Tab of the inspector that the remark opens: 0 none, 1 meta, 2 error, 3 data, 4 stats. */
  inspect?: number;
}

/** The time range and step of the query, which gaps are filled by. All in milliseconds, times since 1970. */
export interface QueryWindow {
  fromMs: number;
  toMs: number;
  /** The interval that `$__dateBin` was expanded with. */
  intervalMs: number;
}

/**
 * What the caller knows of a query whose result is coming. What is undefined is not shown. The server's id of the query is
 * not among it: Micromegas names it in errors only, see `failedFrame`.
 */
export interface QueryFacts {
  /** Milliseconds since the access token was issued. */
  tokenAgeMs?: number;
  /** Endpoints that the result is read from. */
  endpoints?: number;
}

/** Turns statistics on. */
export interface StatsOptions {
  /** A clock in milliseconds. */
  now: () => number;
  /** When the query began, by that clock. */
  startedMs: number;
  /** Asked when the frame, or its first part, is written. */
  facts?: () => QueryFacts;
}

export interface FrameOptions {
  refId: string;
  format: QueryFormat;
  /** Rows after which the result is cut and receiving stops. */
  maxRows: number;
  /** Which limit `maxRows` is, as a part of a sentence: `the row limit of the query`. */
  rowLimitReason: string;
  /** Bytes from the server after which the result is cut. Missing: no limit. */
  maxBytes?: { bytes: number; reason: string };
  /** Of the query: all that is made of the result is taken from it. */
  memory: MemoryAccount;
  /** The limit of `memory` as a part of a sentence, as `rowLimitReason` is. */
  memoryLimitReason: string;
  /** The SQL as it was sent, for the query inspector. */
  executedQueryString: string;
  /** How frames are written: as an Arrow file unless said otherwise, or as Grafana's JSON. */
  encoding?: 'arrow' | 'json';
  /** Turns columns with integers that browsers would round into text. Not for time series. */
  bigIntegersAsText?: boolean;
  /** Columns that tell time series apart whatever their type, beside those that hold text. */
  labelColumns?: readonly string[];
  /** What stands where a time series has no row. Needs `window`. */
  fillMode?: FillMode;
  window?: QueryWindow;
  /** Without it frames carry no statistics. */
  stats?: StatsOptions;
  /** For the frame's `meta.custom`. */
  custom?: Record<string, unknown>;
  /** Remarks that were there before the frame. */
  notices?: readonly Notice[];
  /** Ends the work with `query_cancelled`. */
  signal?: AbortSignal;
}

export interface BuiltFrames {
  /** Encoded frames in pieces. They list received buffers as views: leave those unchanged. */
  frames: ReadonlyArray<readonly Uint8Array[]>;
  /** Rows taken from the result, before any reshaping. */
  rows: number;
  /** Bytes of all pieces. */
  bytes: number;
  /** True when the result had more rows than were allowed. */
  truncated: boolean;
}
