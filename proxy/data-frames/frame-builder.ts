import { type Vector } from '../arrow-ipc/vector';

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

/** Makes the frames of one result in one format. */
export interface FrameBuilder {
  /** Takes the next rows; never called with none. */
  add(rows: ResultRows): void;
  /** The frames, each encoded and in pieces. Called only when there were rows. */
  finish(): Steps<Uint8Array[][]>;
  /**
   * The rows since the last call as a part of a frame that is sent in parts, or undefined where they cannot be told yet.
   * Missing, or undefined for the last rows too, where the frame is known only as a whole: then `finish` gives it. Of a
   * builder whose parts are taken `finish` is not called.
   *
   * @param isLast No rows follow.
   */
  takePart?(isLast: boolean): Uint8Array[] | undefined;
  /** An estimate of what was made of the rows so far otherwise, and of what will be made of them: room is kept for it. */
  readonly made: MadeBytes;
  /** Bytes taken from the account that stay when a part has been sent. Missing: none. */
  readonly keptBytes?: number;
}
