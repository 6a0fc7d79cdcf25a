import { type Vector } from '../arrow-ipc';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';
import { type QueryStat } from './query-stats';

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

/** Work in steps. Between two steps other queries run, and the memory that the work took is counted. */
export type Steps<T> = Generator<void, T>;
