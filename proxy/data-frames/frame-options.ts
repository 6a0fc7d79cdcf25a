import { type QueryFormat } from '../../contract/query';

/** A remark on a frame, shown at the panel's corner and in the query inspector. */
export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
  link?: string;
  /** Tab of the inspector that the remark opens: 0 none, 1 meta, 2 error, 3 data, 4 stats. */
  inspect?: number;
}

export interface FrameOptions {
  refId: string;
  format: QueryFormat;
  /** Rows after which the result is cut and receiving stops. */
  maxRows: number;
  /** Which limit `maxRows` is, as a part of a sentence: `the row limit of the query`. */
  rowLimitReason: string;
  /** The SQL as it was sent, for the query inspector. */
  executedQueryString: string;
  /** For the frame's `meta.custom`. */
  custom?: Record<string, unknown>;
  /** Remarks that were there before the frame. */
  notices?: readonly Notice[];
  /** Ends the work with `query_cancelled`. */
  signal?: AbortSignal;
}

export interface BuiltFrames {
  /** Arrow IPC files in pieces. They list received buffers as views: leave those unchanged. */
  frames: ReadonlyArray<readonly Uint8Array[]>;
  /** Rows taken from the result, before any reshaping. */
  rows: number;
  /** Bytes of all pieces. */
  bytes: number;
  /** True when the result had more rows than were allowed. */
  truncated: boolean;
}
