/** Reads rows of the lake with statements that the proxy writes, for answers that need more than one statement. */
import { type Pace } from '../../base/async/turns';
import { type LinkTarget } from '../../frames/data-frames/frame-options';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type RowBatch } from './row-batch';

/** Milliseconds since 1970, both inclusive. */
export interface TimeRangeMs {
  fromMs: number;
  toMs: number;
}

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
  /** The range of the query. */
  readonly range: TimeRangeMs;
  /** Step of the panel, in milliseconds. */
  readonly intervalMs: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The data source, for links. */
  readonly linkTarget: LinkTarget | undefined;
  /** Template of the links to source files: a URL with `{file}`, and perhaps `{line}`. Undefined: no links. */
  readonly sourceUrl?: string | undefined;
  /** Name of the IANA time zone of the reader, for notices. Undefined: UTC. */
  readonly timezone?: string | undefined;
  /** True for a panel of a dashboard, whose display options are those of the frame. Explore has its own. */
  readonly isPanel: boolean;
  /** Account of the answer. Note here the JavaScript objects that are made of the rows: `note(0, heapBytes)`. */
  readonly memory: MemoryAccount;
  readonly signal: AbortSignal;
  /** Divides long work on the rows, so that other work of the process runs in between. Ends the work when `signal` aborts. */
  readonly pace: Pace;
  /**
   * Sends a statement. Ending the iteration early cancels it on the server. Statements may run at the same time.
   *
   * @returns Batches in the order of the result, none for a result without rows. A batch is valid until the next one is pulled.
   * @throws {ProxyError} Errors of the server, 'result_too_large', 'memory_busy', 'query_cancelled'.
   */
  read(statement: LakeStatement): AsyncGenerator<RowBatch>;
}
