/**
 * The input of an incremental refresh: the query, its statements and limits, and the objects that all refreshes share.
 */
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type IncrementalQuery } from '../../sql/edit/incremental-query';
import { type TimeRange } from '../../sql/macros/time-bins';
import { type ResultCache, type RefreshMemory, type ResultKey } from './result-cache';
import { type BinInterval, type Bins } from './refresh-plan';
import { type ArrivalTime, type Clocks } from './refresh-times';

/**
 * The statements of one refresh. The first statement uses the slot of the query, and each later statement waits for a
 * slot. A statement is sent when its first message is pulled.
 */
export interface RefreshStatements {
  /**
   * The messages of the query over the whole range. The account of the query counts them. Always iterate over the
   * messages, because the end of the iteration releases the slot.
   */
  whole(): Promise<AsyncIterable<FlightMessage>>;
  /**
   * The query for the bins outside of the interval.
   *
   * @param ageSeconds If set, the result also contains the changed bins within the interval: the bins with rows that
   *   arrived during the last `ageSeconds`. Only the start of a changed bin can be used. Its values are computed from
   *   the new rows alone.
   * @param read Reads the messages. The second argument of `read` is the account of the messages.
   */
  edges<Value>(interval: BinInterval, ageSeconds: number | undefined, read: ReadMessages<Value>): Promise<Value>;
  /** The changed bins within the interval: the bins with rows that arrived during the last `ageSeconds`. */
  changed<Value>(interval: BinInterval, ageSeconds: number, read: ReadMessages<Value>): Promise<Value>;
  /** The query for the bins of the intervals. The intervals are in the order of time. There is at least one. */
  parts<Value>(intervals: readonly BinInterval[], read: ReadMessages<Value>): Promise<Value>;
}

/** Reads the result of a statement. @param memory Account of the messages. */
export type ReadMessages<Value> = (messages: AsyncIterable<FlightMessage>, memory: MemoryAccount) => Promise<Value>;

/** A query to refresh. */
export interface RefreshRequest {
  key: ResultKey;
  query: Pick<IncrementalQuery, 'column' | 'order' | 'hasHaving'>;
  bins: Bins;
  range: TimeRange;
  /** The row limit of the query. If the merged result has more rows, the whole range is read. */
  maxRows: number;
  /** The byte limit of the query. If the merged rows exceed half of this limit, the whole range is read. */
  maxBytes: number;
  /** Milliseconds after `CachedResult.wholeAt` from which the whole range is read again. */
  wholeAfterMs: number;
  statements: RefreshStatements;
  /** Account for the messages that are built from the kept rows. */
  bodies: Pick<MemoryAccount, 'take'>;
  /** Account of the query. `RowCollector` requires this account, but takes no memory from it. */
  memory: MemoryAccount;
  /** Opens an account that is closed when the messages are built. */
  openMemory: () => MemoryAccount;
}

/** A request with the memory of its copied rows, and the measured arrival time of its messages. */
export type RunningRefresh = RefreshRequest & { copies: RefreshMemory; arrival: ArrivalTime };

/** The objects and settings that all refreshes of the process share. */
export interface RefreshDeps extends Clocks {
  results: ResultCache;
  /**
   * If a statement over the whole range takes less than this number of milliseconds, each refresh reads the whole
   * range.
   */
  minWholeMs: number;
  /** A refresh in parts is slow if it takes more than this fraction of `CachedResult.wholeMs`. */
  maxCost: number;
}
