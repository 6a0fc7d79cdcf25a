/** Collects copies of the rows of a result, message by message. */
import {
  type ArrowSchema,
  canKeep,
  type IpcMessage,
  joinRows,
  keepRows,
  type KeptRows,
  readMessageHeader,
  ResultReader,
  type RowMemory,
  formatType,
} from '../../frames/arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';

/** Maximum size of the rows of one cached result, in bytes. */
export const MAX_BINNED_RESULT_BYTES = 8 * 1024 * 1024;

/**
 * Estimated bytes of the JavaScript objects of a batch and of each of its columns, in addition to the values. In a
 * small batch, the objects take more memory than the values.
 */
const BATCH_BYTES = 512;
const COLUMN_BYTES = 512;

export interface CollectedRows {
  schema: ArrowSchema;
  /** The header of the schema message. */
  schemaHeader: Uint8Array;
  rows: KeptRows;
}

/**
 * Collects the rows of one result. Stops if there are too many rows or bytes, if a column has an unsupported type, or
 * if a message is compressed.
 */
export class RowCollector {
  readonly #reader: ResultReader;
  readonly #memory: RowMemory;
  readonly #maxRows: number;
  #schemaHeader: Uint8Array | undefined;
  readonly #parts: KeptRows[] = [];
  #rows = 0;
  #bytes = 0;
  #hasEnded = false;

  /**
   * @param received The account that the reader requires for decompression. Nothing is taken from the account, because
   *   compressed messages are not read.
   * @param memory   Counts the copied rows.
   * @param maxRows  A result with more rows is not kept, because a limit may have truncated the result.
   */
  constructor(received: MemoryAccount, memory: RowMemory, maxRows: number) {
    this.#reader = new ResultReader(received);
    this.#memory = memory;
    this.#maxRows = maxRows;
  }

  /**
   * Copies the rows of a message.
   *
   * @returns False if the rows of the result cannot be kept.
   * @throws {ProxyError} 'result_malformed', 'result_schema_changed', and errors of the account.
   */
  add(message: IpcMessage): boolean {
    if (!this.#hasEnded && this.#isReadable(message)) {
      this.#read(message);
    }
    return !this.#hasEnded;
  }

  #read(message: IpcMessage): void {
    const batch = this.#reader.read(message);
    const { schema } = this.#reader;
    if (schema !== undefined && this.#schemaHeader === undefined) {
      this.#schemaHeader = Uint8Array.from(message.header);
      this.#hasEnded = !canKeep(schema);
    }
    if (batch === undefined || batch.length === 0 || this.#hasEnded) {
      return;
    }
    this.#rows += batch.length;
    const objectBytes = BATCH_BYTES + batch.columns.length * COLUMN_BYTES;
    const leftBytes = MAX_BINNED_RESULT_BYTES - this.#bytes - objectBytes;
    const rows = this.#rows <= this.#maxRows ? keepRows(batch, leftBytes, this.#memory) : undefined;
    if (rows === undefined) {
      this.end();
    } else {
      this.#memory.adopt(objectBytes);
      this.#parts.push(rows);
      this.#bytes += rows.bytes + objectBytes;
    }
  }

  /** False for a compressed message, because decompression would need memory of the query. */
  #isReadable({ header }: IpcMessage): boolean {
    const read = readMessageHeader(header);
    if (read.kind !== 'schema' && read.batch.compression !== undefined) {
      this.end();
    }
    return !this.#hasEnded;
  }

  /** Stops collecting, and drops the rows. `#memory` counts the dropped rows until `#memory` is closed. */
  end(): void {
    this.#hasEnded = true;
    this.#parts.length = 0;
  }

  /** The rows of the whole result. Undefined if they cannot be kept. @throws {ProxyError} Errors of the account. */
  finish(): CollectedRows | undefined {
    const { schema } = this.#reader;
    if (this.#hasEnded || schema === undefined || this.#schemaHeader === undefined) {
      return undefined;
    }
    const [first, ...others] = this.#parts.map((rows) => ({ rows, from: 0, to: rows.length }));
    const rows = first === undefined ? NO_ROWS : joinRows([first, ...others], this.#memory);
    return { schema, schemaHeader: this.#schemaHeader, rows };
  }
}

/** The rows of an empty result. */
export const NO_ROWS: KeptRows = { length: 0, columns: [], bytes: 0 };

/** True for schemas whose rows can be joined. */
export function isSameSchema(left: ArrowSchema, right: ArrowSchema): boolean {
  return (
    left.fields.length === right.fields.length &&
    left.fields.every(({ name, type }, index) => {
      const other = right.fields[index];
      return name === other.name && formatType(type) === formatType(other.type);
    })
  );
}
