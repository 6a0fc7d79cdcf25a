import { type FrameContext, type MadeBytes, type ResultRows, type Steps } from './frame-context';
import { type ArrowSchema } from '../arrow-ipc';
import { LogsFrame } from './logs-frame';
import { resultColumns } from './result-columns';
import { TableFrame } from './table-frame';
import { TimeSeriesFrame } from './time-series-frame';

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

/**
 * A builder for the result's schema; none before the schema is there, and when it has no columns, as that of a statement
 * without a result set.
 *
 * @throws {ProxyError} 'time_series_shape', 'logs_shape'
 */
export function createBuilder(schema: ArrowSchema | undefined, context: FrameContext): FrameBuilder | undefined {
  if (schema === undefined || schema.fields.length === 0) {
    return undefined;
  }
  switch (context.options.format) {
    case 'time_series':
      return new TimeSeriesFrame(resultColumns(schema, context), context);
    case 'logs':
      return new LogsFrame(resultColumns(schema, context), context);
    default:
      return new TableFrame(resultColumns(schema, context, context.textViews), context);
  }
}
