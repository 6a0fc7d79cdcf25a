/** Types that the builders of all formats share: their interface, context, rows and memory estimates. */
import { type Steps } from '../../base/async/turns';
import { type Vector } from '../arrow-ipc';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';
import { type QueryStat } from './query-stats';

/** Builds the frames of one result in one format. */
export interface FrameBuilder {
  /** Adds the next rows. Never called without rows. */
  add(rows: ResultRows): void;
  /**
   * Returns the encoded frames in pieces. Called only if there were rows or `fillsEmptyResult` is true. Not called
   * after `takePart` returned a part. After each step, the caller counts the memory that the step took.
   */
  finish(): Steps<Uint8Array[][]>;
  /**
   * Returns the rows since the last call as a part of a frame, for results in parts. Undefined if the part cannot be
   * written yet. If this method is missing, or returns undefined for the last rows, the caller calls `finish`.
   *
   * @param isLast True if no rows follow.
   */
  takePart?(isLast: boolean): Uint8Array[] | undefined;
  /** True if a result without rows has frames with values. Default: false. */
  readonly fillsEmptyResult?: boolean;
  /** Estimated memory that is not in the account: for the rows so far, and for `finish`. */
  readonly made: MadeBytes;
  /** Bytes of the frames without their rows. They count towards the size limit of the result. Default: 0. */
  readonly frameBytes?: number;
  /**
   * A sentence that says which times are missing in a truncated result. Called after the last row. Default: no
   * sentence.
   */
  missingTimes?(): string | undefined;
  /** Bytes of the account that stay in use after a part was sent. Default: 0. */
  readonly keptBytes?: number;
}

/** Options and shared state of the builder of a frame. */
export interface FrameContext {
  readonly options: FrameOptions;
  readonly notices: Notices;
  /** True when the reader of the frames supports Utf8View, which Arrow has had since 2023. */
  readonly stringViews: boolean;
  /** Returns the current statistics. Called when the header of the frame is written. */
  readonly stats: () => readonly QueryStat[];
  /** See `FrameOptions.filterable`. Returns false until that promise is resolved. */
  isFilterable: (column: string) => boolean;
  /** For the frame's `meta.custom`. The builder of a frame may add to it. */
  custom: Readonly<Record<string, unknown>> | undefined;
}

/** Rows of one batch or of a slice of it, within the limits. */
export interface ResultRows {
  readonly length: number;
  readonly columns: readonly Vector[];
}

/** Estimated memory that is not taken from the account of the query. */
export interface MadeBytes {
  /** Bytes of buffers. */
  readonly bytes: number;
  /** Bytes of JavaScript objects. */
  readonly heapBytes: number;
}
