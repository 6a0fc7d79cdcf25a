/**
 * Turns the Arrow messages of one result into Grafana's data frames.
 *
 * Messages are taken as they come and nothing is joined: columns that Grafana reads as they are end up in the answer as
 * views of what was received. The row limit holds while receiving: the first row beyond it ends the iteration, which
 * cancels the query on the server.
 */
import { setImmediate } from 'node:timers/promises';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { malformed, tooLarge } from '../arrow-ipc/malformed';
import { type RecordBatch, ResultReader } from '../arrow-ipc/result-reader';
import { firstRows } from '../arrow-ipc/vector';
import { ProxyError } from '../errors/proxy-error';
import { type FrameBuilder, type ResultRows } from './frame-builder';
import { type BuiltFrames, type FrameOptions } from './frame-options';
import { LogsFrame } from './logs-frame';
import { Notices } from './notices';
import { resultColumns } from './result-columns';
import { TableFrame } from './table-frame';
import { TimeSeriesFrame } from './time-series-frame';

export { type BuiltFrames, type FrameOptions, type Notice } from './frame-options';

/** More than any frame holds. Batches are kept until the end, so receiving on would only fill the memory. */
const MAX_RECEIVED_BYTES = 2 ** 31;

/** Batches of up to 8192 rows after which other work of the process gets its turn. */
const BATCHES_PER_TURN = 16;

/**
 * @param messages Schema, dictionaries and record batches of one result, in order.
 * @returns No frame for a statement without a result set and for time series without rows.
 * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large', 'time_series_shape', 'logs_shape',
 *   'query_cancelled', and whatever `messages` fails with.
 */
export async function buildFrames(messages: AsyncIterable<IpcMessage>, options: FrameOptions): Promise<BuiltFrames> {
  const notices = new Notices(options.notices);
  const reader = new ResultReader();
  let builder: FrameBuilder | undefined;
  let rows = 0;
  let batches = 0;
  let truncated = false;
  let receivedBytes = 0;
  for await (const message of messages) {
    if (options.signal?.aborted === true) {
      throw new ProxyError('query_cancelled');
    }
    const batch = withinMemory(() => reader.read(message));
    builder ??= createBuilder(reader, options, notices);
    if (batch === undefined || batch.length === 0) {
      continue;
    }
    receivedBytes += message.body.length;
    if (receivedBytes > MAX_RECEIVED_BYTES) {
      throw tooLarge('The server sent more than 2 GiB.');
    }
    const taken = takeRows(batch, options.maxRows - rows);
    truncated = taken.length < batch.length;
    if (taken.length > 0) {
      withinMemory(() => builder?.add(taken));
      rows += taken.length;
    }
    if (truncated) {
      break;
    }
    batches++;
    if (batches % BATCHES_PER_TURN === 0) {
      await setImmediate();
    }
  }
  if (reader.schema === undefined) {
    throw malformed('it has no schema');
  }
  if (truncated) {
    notices.warn(
      `Showing the first ${rows} rows: ${options.rowLimitReason}. Narrow the time range, aggregate, or raise the limit to see more.`
    );
  }
  const frames = withinMemory(() => builder?.finish()) ?? [];
  return { frames, rows, bytes: frames.flat().reduce((sum, piece) => sum + piece.length, 0), truncated };
}

/** A builder for the result's schema; none when it has no columns, as that of a statement without a result set. */
function createBuilder(reader: ResultReader, options: FrameOptions, notices: Notices): FrameBuilder | undefined {
  if (reader.schema === undefined || reader.schema.fields.length === 0) {
    return undefined;
  }
  const columns = resultColumns(reader.schema, notices);
  switch (options.format) {
    case 'time_series':
      return new TimeSeriesFrame(columns, options, notices);
    case 'logs':
      return new LogsFrame(columns, options, notices);
    default:
      return new TableFrame(columns, options, notices);
  }
}

function takeRows(batch: RecordBatch, allowed: number): ResultRows {
  if (batch.length <= allowed) {
    return { length: batch.length, columns: batch.columns, whole: batch };
  }
  const length = Math.max(0, allowed);
  return { length, columns: batch.columns.map((column) => firstRows(column, length)), whole: undefined };
}

/** Runs a step of the work. A buffer that JavaScript cannot make is a result too large, not a fault of ours. */
function withinMemory<T>(step: () => T): T {
  try {
    return step();
  } catch (reason) {
    if (reason instanceof Error && reason.name === 'RangeError') {
      throw new ProxyError('result_too_large', { cause: reason });
    }
    throw reason;
  }
}
