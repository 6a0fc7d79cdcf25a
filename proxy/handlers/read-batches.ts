/** Results that the proxy reads for itself, such as the list of tables. */
import { type ArrowSchema, type IpcMessage, type RecordBatch, ResultReader } from '../arrow-ipc';
import { ProxyError } from '../errors/proxy-error';
import { type MemoryAccount } from '../memory/memory-account';

export interface ReadBatch {
  schema: ArrowSchema;
  /** Undefined after the schema and after a dictionary. */
  batch: RecordBatch | undefined;
}

/**
 * What the messages of a result hold, one at a time. Only dictionaries and what the caller notes stay counted when the next
 * one is asked for.
 *
 * @param memory Of this result alone.
 * @throws {ProxyError} 'result_malformed', 'result_too_large' as soon as the account holds more than it may.
 */
export async function* readBatches(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount
): AsyncGenerator<ReadBatch> {
  const reader = new ResultReader(memory);
  for await (const message of messages) {
    const batch = reader.read(message);
    if (reader.schema !== undefined) {
      yield { schema: reader.schema, batch };
    }
    if (memory.isBeyondLimit) {
      throw new ProxyError('result_too_large');
    }
    memory.settle();
    memory.sent(reader.keptBytes);
  }
}
