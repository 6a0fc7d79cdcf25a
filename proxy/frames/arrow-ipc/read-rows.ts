/** Reads small results that the backend itself uses, such as the list of tables: the schema, or the rows one by one. */
import { parseJson } from '../../../contract/parse-json';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ArrowSchema } from './arrow-type';
import { cellJson } from './cell-json';
import { cellBytes } from './cell-values';
import { type IpcMessage } from './message-header';
import { ResultReader } from './result-reader';
import { type Vector } from './vector';

const BINARY: ReadonlySet<string> = new Set(['binary', 'largeBinary', 'binaryView']);

/** A row of a result. Columns are found by name or position. Valid until the next row is read. */
export class ResultRow {
  readonly #schema: ArrowSchema;
  readonly #columns: readonly Vector[];
  readonly #memory: MemoryAccount;
  readonly #row: number;

  constructor(schema: ArrowSchema, columns: readonly Vector[], row: number, memory: MemoryAccount) {
    this.#schema = schema;
    this.#columns = columns;
    this.#memory = memory;
    this.#row = row;
  }

  /**
   * The value in a column if `value` returns a string, as for strings and timestamps. Otherwise an empty string.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column.
   */
  string(column: string | number): string {
    const value = this.value(column);
    return typeof value === 'string' ? value : '';
  }

  /**
   * The value in a column of any type, as `JSON.parse` returns it: timestamps as strings, lists as arrays, null.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column.
   */
  value(column: string | number): unknown {
    return parseJson(cellJson(this.#column(column), this.#row, this.#memory));
  }

  /** The bytes in a binary column, as a view. @throws {ProxyError} 'result_malformed' for any other column. */
  bytes(column: string | number): Uint8Array {
    const vector = this.#column(column);
    if (!BINARY.has(vector.type.kind)) {
      throw new ProxyError('result_malformed', { detail: `The column ${column} of the result is not binary.` });
    }
    return cellBytes(vector, this.#row);
  }

  #column(column: string | number): Vector {
    const index = typeof column === 'number' ? column : this.#schema.fields.findIndex(({ name }) => name === column);
    const vector = this.#columns[index];
    if (vector === undefined) {
      throw new ProxyError('result_malformed', { detail: `The result has no column ${column}.` });
    }
    return vector;
  }
}

/**
 * The rows of a result. Ending the iteration early cancels the call on the server. Before the next message is read, the
 * account frees the previous batch, but continues to count dictionaries and what the caller passed to `note`.
 *
 * @param memory Account of this result alone.
 * @throws {ProxyError} 'result_malformed', and 'result_too_large' as soon as the account holds more than its limit.
 */
export async function* readRows(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): AsyncGenerator<ResultRow> {
  const reader = new ResultReader(memory);
  for await (const message of messages) {
    const batch = reader.read(message);
    for (let row = 0; reader.schema !== undefined && batch !== undefined && row < batch.length; row++) {
      yield new ResultRow(reader.schema, batch.columns, row, memory);
    }
    if (memory.isBeyondLimit) {
      throw new ProxyError('result_too_large');
    }
    memory.settle();
    memory.sent(reader.keptBytes);
  }
}

/** Reads the schema of a result, but no rows. Undefined for a result without messages. */
export async function readSchema(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount
): Promise<ArrowSchema | undefined> {
  const reader = new ResultReader(memory);
  for await (const message of messages) {
    reader.read(message);
    if (reader.schema !== undefined) {
      return reader.schema;
    }
  }
  return undefined;
}
