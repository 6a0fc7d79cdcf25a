import { setImmediate } from 'node:timers/promises';
import { type IpcMessage, ResultReader } from '../arrow-ipc';
import { ProxyError } from '../errors/proxy-error';
import { type MemoryAccount } from '../memory/memory-account';
import { RowBatch, RowColumns } from './row-batch';

/** Batches, usually of 8192 rows, after which other work of the process runs. */
const BATCHES_PER_TURN = 4;
/** Bytes of a dictionary and of its conversion, relative to the received bytes. */
const TIMES_DICTIONARY = 3;

/**
 * The batches of a result. Before the next message is read, the account frees the previous batch.
 *
 * @param memory Account of this result alone.
 * @throws {ProxyError} 'result_malformed', and 'result_too_large' as soon as the account holds more than its limit.
 */
export async function* readBatches(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount
): AsyncGenerator<RowBatch> {
  const reader = new ResultReader(memory);
  let columns: RowColumns | undefined;
  let batches = 0;
  await memory.reserve(0);
  for await (const message of messages) {
    const batch = reader.read(message);
    if (reader.schema !== undefined && batch !== undefined && batch.length > 0) {
      columns ??= new RowColumns(reader.schema, memory);
      batches++;
      yield new RowBatch(columns, batch.columns, batch.length);
    }
    if (memory.isBeyondLimit) {
      throw new ProxyError('result_too_large');
    }
    memory.settle();
    memory.sent(reader.keptBytes * TIMES_DICTIONARY);
    if (batches % BATCHES_PER_TURN === BATCHES_PER_TURN - 1) {
      await setImmediate();
    }
    await memory.reserve(0);
  }
}
