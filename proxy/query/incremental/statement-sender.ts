/** Sends the statements of a refresh, one after the other. */
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance, type InstanceCall } from '../../lakehouse/instances/instance';
import { type Release, type SlotLane } from '../../lakehouse/instances/statement-slots';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { binsSql, type IncrementalQuery, withCondition } from '../../sql/edit/incremental-query';
import { type TimeRange, timestamp } from '../../sql/macros/time-bins';
import { AuthoredSql, type SqlToSend, buildSqlString } from '../authored-sql';
import { type StatementResources } from '../read-strategy';
import { type BinInterval } from './refresh-plan';
import { type ReadMessages, type RefreshStatements } from './refresh-request';

export interface StatementsOptions {
  instance: Pick<Instance, 'execute' | 'takeSlot'>;
  query: IncrementalQuery;
  sql: AuthoredSql;
  range: TimeRange;
  /** The row limit that the server applies. */
  limit: number | undefined;
  /** The fields that all statements share. */
  call: Omit<InstanceCall, 'memory' | 'signal' | 'slot' | 'range' | 'limit'>;
  /** `slot` is the slot of the first statement. Each later statement waits for a slot. */
  resources: Pick<StatementResources, 'signal' | 'slot'>;
  /** The statement over the whole range. */
  whole: (slot: Release) => AsyncIterable<FlightMessage>;
  /** Opens an account for the received rows of one statement. */
  openMemory: () => MemoryAccount;
  /** Expands the macros for the whole range. */
  sqlToSend: (sql: AuthoredSql) => SqlToSend;
}

/** The lane in which later statements wait for a slot. The first statement already has its slot. */
const LANE: SlotLane = 'continued';

export class StatementSender implements RefreshStatements {
  readonly #options: StatementsOptions;
  #slot: Release | undefined;

  constructor(options: StatementsOptions) {
    this.#options = options;
    this.#slot = options.resources.slot;
  }

  async whole(): Promise<AsyncIterable<FlightMessage>> {
    const slot = await this.#takeSlot();
    try {
      return this.#options.whole(slot);
    } catch (reason) {
      slot();
      throw reason;
    }
  }

  edges<Value>(
    { startMs, endMs }: BinInterval,
    ageSeconds: number | undefined,
    read: ReadMessages<Value>
  ): Promise<Value> {
    const { query, sql, range, limit } = this.#options;
    const time = `${query.source}time`;
    const conditions = [`${time} < ${timestamp(startMs)}`, `${time} >= ${timestamp(endMs)}`];
    const arrival = ageSeconds === undefined ? [] : [this.#arrivedWithin(ageSeconds)];
    const edges = sql.edited(withCondition(sql.current, query, [...conditions, ...arrival].join(' OR ')));
    return this.#run(edges, { range, limit }, read);
  }

  changed<Value>(interval: BinInterval, ageSeconds: number, read: ReadMessages<Value>): Promise<Value> {
    const { query, sql } = this.#options;
    const condition = `${this.#within(interval)} AND ${this.#arrivedWithin(ageSeconds)}`;
    const { startMs, endMs } = interval;
    const bins = new AuthoredSql(binsSql(sql.current, query, condition));
    return this.#run(bins, { range: { fromMs: startMs, toMs: endMs } }, read);
  }

  parts<Value>(intervals: readonly BinInterval[], read: ReadMessages<Value>): Promise<Value> {
    const { query, sql, range, limit } = this.#options;
    const condition = intervals.map((interval) => `(${this.#within(interval)})`).join(' OR ');
    const parts = sql.edited(withCondition(sql.current, query, condition));
    const fromMs = Math.max(intervals[0].startMs, range.fromMs);
    const toMs = Math.min(intervals[intervals.length - 1].endMs, range.toMs);
    return this.#run(parts, { range: { fromMs, toMs }, limit }, read);
  }

  /**
   * A condition for the bins of an interval. The time range that is sent with the statement is not enough: its end is
   * inclusive, and the end of an interval is exclusive.
   */
  #within({ startMs, endMs }: BinInterval): string {
    const { source } = this.#options.query;
    return `${source}time >= ${timestamp(startMs)} AND ${source}time < ${timestamp(endMs)}`;
  }

  #arrivedWithin(ageSeconds: number): string {
    return `${this.#options.query.source}insert_time >= now() - interval '${ageSeconds} seconds'`;
  }

  async #takeSlot(): Promise<Release> {
    const first = this.#slot;
    this.#slot = undefined;
    const { instance, call, resources } = this.#options;
    return first ?? (await instance.takeSlot({ ...call, signal: resources.signal, lane: LANE }));
  }

  async #run<Value>(
    sql: AuthoredSql,
    within: { range: TimeRange; limit?: number | undefined },
    read: ReadMessages<Value>
  ): Promise<Value> {
    const { instance, call, resources, openMemory, sqlToSend } = this.#options;
    const { signal } = resources;
    const toSend = sqlToSend(sql);
    // The slot is taken before the memory, so that a waiting statement holds no memory.
    const slot = await this.#takeSlot();
    const memory = openMemory();
    try {
      await memory.reserve(0);
      const statement = await buildSqlString(toSend, memory);
      return await read(instance.execute(statement, { ...call, ...within, signal, memory, slot }), memory);
    } finally {
      memory.close();
      slot();
    }
  }
}
