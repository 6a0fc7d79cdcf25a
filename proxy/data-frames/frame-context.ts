import { type Vector } from '../arrow-ipc';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';
import { type QueryStat } from './query-stats';

/** What the builder of a frame shares with whoever drives it. */
export interface FrameContext {
  readonly options: FrameOptions;
  readonly notices: Notices;
  /** True when the reader of the frames supports Utf8View, which Arrow has had since 2023. */
  readonly textViews: boolean;
  /** The statistics as they are now: asked for last. */
  readonly stats: () => readonly QueryStat[];
  /** For the frame's `meta.custom`. */
  readonly custom: Readonly<Record<string, unknown>> | undefined;
}

/** Rows of one batch, after the row limit. */
export interface ResultRows {
  readonly length: number;
  readonly columns: readonly Vector[];
}

/** Memory that is not taken from the account of the query. */
export interface MadeBytes {
  readonly bytes: number;
  readonly heapBytes: number;
}

/** Work that stops now and then, for others to have their turn and for what it made to be counted. */
export type Steps<T> = Generator<void, T>;
