import { type FrameContext, type MadeBytes, type ResultRows, type Steps } from './frame-context';
import { type ArrowSchema } from '../arrow-ipc';
import { LogVolumeFrames } from './log-volume-frames';
import { LogsFrame } from './logs-frame';
import { resultColumns } from './result-columns';
import { TableFrame } from './table-frame';
import { TimeSeriesFrame } from './time-series-frame';

/** Builds the frames of one result in one format. */
export interface FrameBuilder {
  /** Adds the next rows. Never called without rows. */
  add(rows: ResultRows): void;
  /**
   * Returns the encoded frames in pieces. Called only if there were rows or `fillsEmptyResult`, and not after a part
   * was taken.
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

/**
 * Creates the builder for a schema. Undefined without a schema, and for a schema without columns, as in the result of a
 * statement without a result set.
 *
 * @throws {ProxyError} 'time_series_shape', 'logs_shape', 'result_malformed'
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
    case 'log-volume':
      return new LogVolumeFrames(resultColumns(schema, context), context);
    default:
      return new TableFrame(resultColumns(schema, context, context.stringViews), context);
  }
}
