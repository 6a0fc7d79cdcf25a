/** Reads rows of the lake with statements that the backend writes, for results that need more than one statement. */
import { type Pace } from '../../base/async/turns';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type RowBatch } from './row-batch';

/** Milliseconds since 1970, both inclusive. */
export interface TimeRangeMs {
  fromMs: number;
  toMs: number;
}

/** A statement that the backend writes. */
export interface LakeStatement {
  /** One statement without macros. Values of viewers are literals of `quoteLiteral`. */
  sql: string;
  /** Sent beside the SQL: the server reads only partitions of this range. Undefined: all. */
  range: TimeRangeMs | undefined;
  /** The server truncates the result after this number of rows. */
  maxRows: number;
}

/** Reads with the identity of the caller of one query. */
export interface LakeReader {
  /** Account of the result. Note here the JavaScript objects that are made of the rows: `note(0, heapBytes)`. */
  readonly memory: MemoryAccount;
  readonly signal: AbortSignal;
  /**
   * Divides long work on the rows, so that other work of the process runs in between. Ends the work when `signal`
   * aborts.
   */
  readonly pace: Pace;
  /**
   * Sends a statement. Ending the iteration early cancels it on the server. Statements may run at the same time.
   *
   * @returns Batches in the order of the result, none for a result without rows. A batch is valid until the next one is
   *   pulled.
   * @throws {ProxyError} Errors of the server, 'result_too_large', 'memory_busy', 'query_cancelled'.
   */
  read(statement: LakeStatement): AsyncGenerator<RowBatch>;
}
