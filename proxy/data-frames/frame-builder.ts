import { type RecordBatch } from '../arrow-ipc/result-reader';
import { type Vector } from '../arrow-ipc/vector';

/** Rows of one batch, after the row limit. */
export interface ResultRows {
  readonly length: number;
  readonly columns: readonly Vector[];
  /** The batch they came in, when it is whole. */
  readonly whole: RecordBatch | undefined;
}

/** Makes the frames of one result in one format. */
export interface FrameBuilder {
  /** Takes the next rows; never called with none. */
  add(rows: ResultRows): void;
  /** The frames, each an Arrow file in pieces. */
  finish(): Uint8Array[][];
}
