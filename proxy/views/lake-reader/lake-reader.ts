/** Reads rows of the lakehouse with statements that the backend writes. */
import { type Pace } from '../../base/async/turns';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ResultColumns } from './result-columns';
import { type RowBatch } from './row-batch';

/** Milliseconds since 1970, both inclusive. */
export interface TimeRangeMs {
  fromMs: number;
  toMs: number;
}

/** A statement that the backend writes. */
export interface LakeStatement {
  /** One statement without macros. Strings that viewers enter are quoted with `quoteLiteral`. */
  sql: string;
  /**
   * The range that is sent beside the SQL. The server reads only partitions of this range. Undefined: all partitions.
   */
  range: TimeRangeMs | undefined;
  /** Maximum number of rows. The server truncates the result. */
  maxRows: number;
  /** The columns that the view reads. They are checked once, when the schema arrives. No others can be read. */
  columns: ResultColumns;
  /**
   * Time limit of this statement in milliseconds. When it passes, the statement fails with 'query_timeout', and the
   * query may go on. Default: the time limit of the query.
   */
  limitMs?: number;
}

/** Sends statements as the caller of one query. */
export interface LakeReader {
  /**
   * Account of the result. Code that builds JavaScript objects from rows counts the size of the objects with a
   * `HeapCount`.
   */
  readonly memory: MemoryAccount;
  readonly signal: AbortSignal;
  /**
   * Splits long work on rows into steps, so that other work of the process runs between the steps. Throws when the
   * query ends, so that the work ends too.
   */
  readonly pace: Pace;
  /**
   * Sends a statement. If the iteration ends early, the statement is cancelled on the server. Statements may run at the
   * same time.
   *
   * @returns Batches in the order of the result. If the result has no rows, there is no batch. A batch is valid until
   *   the next batch is pulled.
   * @throws {ProxyError} Errors of the server, 'result_malformed', 'result_too_large', 'statements_busy',
   *   'memory_busy', 'query_timeout', 'query_cancelled'.
   */
  read(statement: LakeStatement): AsyncGenerator<RowBatch>;
}
