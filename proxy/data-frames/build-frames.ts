/**
 * Turns the Arrow messages of one result into Grafana's data frames.
 *
 * Messages are taken as they come and nothing is joined: columns that Grafana reads as they are end up in the answer as
 * views of what was received.
 */
import { type IpcMessage } from '../arrow-ipc';
import { type FrameContext } from './frame-context';
import { type BuiltFrames, type FrameOptions } from './frame-options';
import { Notices } from './notices';
import { QueryMeter } from './query-stats';
import { RowReceiver } from './receive-rows';

export {
  type BuiltFrames,
  type FrameOptions,
  type Notice,
  type QueryFacts,
  type QueryWindow,
  type StatsOptions,
} from './frame-options';

/**
 * @param messages Schema, dictionaries and record batches of one result, in order.
 * @returns No frame for a result without rows, in every format: alert rules take that for "no data", whatever its columns.
 *   They do so with a frame without fields, too: that of time series whose rows were all left out has a notice why.
 * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large', 'time_series_shape', 'logs_shape',
 *   'query_cancelled', 'memory_busy', and whatever `messages` fails with.
 */
export async function buildFrames(messages: AsyncIterable<IpcMessage>, options: FrameOptions): Promise<BuiltFrames> {
  const { receiver } = startReceiving(options, options.encoding !== 'json');
  const receiving = receiver.receive(messages);
  while ((await receiving.next()).done !== true) {
    // The rows are with the builder.
  }
  const { rows, isTruncated } = receiver;
  const frames = rows === 0 ? [] : await receiver.finish();
  return { frames, rows, bytes: frames.flat().reduce((sum, piece) => sum + piece.length, 0), truncated: isTruncated };
}

export interface Receiving {
  receiver: RowReceiver;
  context: FrameContext;
}

/** What whole and partial frames have in common before the first message. @param textViews See `FrameContext`. */
export function startReceiving(options: FrameOptions, textViews: boolean): Receiving {
  const meter = options.stats === undefined ? undefined : new QueryMeter(options.stats);
  const context: FrameContext = {
    options,
    notices: new Notices(options.notices),
    textViews,
    stats: () => meter?.list(receiver.rows) ?? [],
    custom: options.custom,
  };
  const receiver = new RowReceiver(context, meter);
  return { receiver, context };
}
