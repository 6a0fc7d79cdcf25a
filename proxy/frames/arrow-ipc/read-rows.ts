/**
 * Reads the schema of a small result, or its rows one by one. The backend itself uses such results, for example the
 * list of tables.
 */
import { parseJson } from '../../../contract/parse-json';
import { StringMap } from '../../../contract/string-map';
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
  readonly #positions: ReadonlyMap<string, number>;
  readonly #columns: readonly Vector[];
  readonly #memory: MemoryAccount;
  readonly #row: number;

  /** @param positions Position of each column by name. */
  constructor(positions: ReadonlyMap<string, number>, columns: readonly Vector[], row: number, memory: MemoryAccount) {
    this.#positions = positions;
    this.#columns = columns;
    this.#memory = memory;
    this.#row = row;
  }

  /**
   * Like `value`, but returns an empty string if the value is not a string. Timestamps are strings here.
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
    const position = typeof column === 'number' ? column : this.#positions.get(column);
    const vector = position === undefined ? undefined : this.#columns[position];
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
  let positions: ReadonlyMap<string, number> | undefined;
  for await (const message of messages) {
    const batch = reader.read(message);
    if (batch !== undefined) {
      positions ??= columnPositions(reader.schema);
      for (let row = 0; row < batch.length; row++) {
        yield new ResultRow(positions, batch.columns, row, memory);
      }
    }
    if (memory.isBeyondLimit) {
      throw new ProxyError('result_too_large');
    }
    memory.settle();
    memory.sent(reader.keptBytes);
  }
}

/** Position of each column by name. If several columns have the same name, the position of the first of them. */
function columnPositions(schema: ArrowSchema | undefined): ReadonlyMap<string, number> {
  const positions = new StringMap<number>();
  schema?.fields.forEach(({ name }, position) => {
    if (!positions.has(name)) {
      positions.set(name, position);
    }
  });
  return positions;
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
