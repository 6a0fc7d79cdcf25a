import { type ArrowSchema } from '../arrow-ipc';
import { type FrameBuilder, type FrameContext } from './frame-builder';
import { LogVolumeFrames } from './log-volume-frames';
import { LogsFrame } from './logs-frame';
import { resultColumns } from './result-columns';
import { TableFrame } from './table-frame';
import { TimeSeriesFrame } from './time-series-frame';

/**
 * Creates the builder for a schema. Undefined if the schema is missing, or if it has no columns because the statement
 * has no result set.
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
