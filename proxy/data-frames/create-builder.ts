import { type ArrowSchema } from '../arrow-ipc/arrow-type';
import { type FrameBuilder } from './frame-builder';
import { type FrameContext } from './frame-context';
import { LogsFrame } from './logs-frame';
import { resultColumns } from './result-columns';
import { TableFrame } from './table-frame';
import { TimeSeriesFrame } from './time-series-frame';

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
