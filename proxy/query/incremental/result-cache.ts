/**
 * The cache of results of queries with time bins. Later refreshes reuse the unchanged bins of a result. The least
 * recently used results are dropped first. If the result of a query was dropped, the next refresh reads the whole
 * range. A cached result also shows whether refreshes in parts are slow for its query.
 */
import { StringMap } from '../../../contract/string-map';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ArrowSchema, type KeptRows, type RowMemory } from '../../frames/arrow-ipc';
import { type Instance } from '../../lakehouse/instances/instance';
import { type KeptMemory } from '../../observe/memory/kept-memory';
import { type TimeRange } from '../../sql/macros/time-bins';
import { type RowBin } from './bins-of-rows';
import { NO_ROWS } from './collect-rows';

/**
 * Times of two clocks, in milliseconds. The wall clock may jump, and the monotonic clock may stop while the computer
 * sleeps.
 */
export interface ClockTimes {
  /** Milliseconds since 1970. */
  wallMs: number;
  monotonicMs: number;
}

/** A cached result. It is immutable. */
export interface CachedResult {
  schema: ArrowSchema;
  /** The header of the schema message of the result. */
  schemaHeader: Uint8Array;
  /** The rows, in the order of the result. */
  rows: KeptRows;
  bins: readonly RowBin[];
  /** The range of the result. */
  range: TimeRange;
  /** A time before the statements for the result were sent. Rows that arrived after this time may be missing. */
  readAt: ClockTimes;
  /** The start of the last read of the whole range. The wait for the slot of its statement follows. */
  wholeAt: ClockTimes;
  /** Milliseconds that the server took for the read at `wholeAt`. */
  wholeMs: number;
  /**
   * Number of consecutive slow refreshes in parts. A refresh is slow if it takes about as long as a statement over the
   * whole range, or if it sends such a statement in addition.
   */
  slowRefreshes: number;
  /** The number of next refreshes that read the whole range, because refreshes in parts are slow. */
  wholeReadsLeft: number;
}

/** After this number of consecutive slow refreshes, some refreshes read the whole range. */
const MAX_SLOW_REFRESHES = 2;
/** Maximum number of refreshes that read the whole range before the next refresh in parts is tried. */
const MAX_WHOLE_READS = 16;

/**
 * The number of refreshes that read the whole range after slow refreshes: 2, then twice as many after each further slow
 * refresh. The load of the server changes, so a refresh in parts is compared with a whole read shortly before it.
 */
export function wholeReadsAfter(slowRefreshes: number): number {
  return slowRefreshes < MAX_SLOW_REFRESHES
    ? 0
    : Math.min(MAX_WHOLE_READS, 2 ** (slowRefreshes - MAX_SLOW_REFRESHES + 1));
}

/** True if the whole range must be read, because refreshes in parts are slow. */
export function isSlow({ wholeReadsLeft }: CachedResult): boolean {
  return wholeReadsLeft > 0;
}

/** Drops the rows if the next refresh reads the whole range, because refreshes in parts are slow. */
export function withoutRowsIfSlow(result: CachedResult): CachedResult {
  return isSlow(result) ? { ...result, rows: NO_ROWS, bins: [] } : result;
}

/** Estimated bytes of the objects of a result, and of each of its bins and columns. */
const OBJECT_BYTES = 2048;
const BIN_BYTES = 96;
const COLUMN_BYTES = 512;

function bytesOf({ schema, schemaHeader, rows, bins }: CachedResult): number {
  return (
    OBJECT_BYTES + rows.bytes + schemaHeader.length + bins.length * BIN_BYTES + schema.fields.length * COLUMN_BYTES
  );
}

/** Identifies a result by its instance, users and statement. */
export interface ResultKey {
  instance: Instance;
  /** A key for the users who share the result: one user or all users. */
  sharers: string;
  /** The user of the last refresh. If the server rejects this user, the result is dropped. See `ownerOf`. */
  owner: string;
  /** A digest of the row limit and of the SQL without its range. */
  statement: string;
}

interface Entry {
  result: CachedResult;
  bytes: number;
  /** Number of the instance. */
  instance: number;
  owner: string;
  /** See `KeptMemory.nextUse`. */
  use: number;
}

/** Maximum number of bytes of all cached results of all data sources. */
export const MAX_BINNED_RESULTS_BYTES = 64 * 1024 * 1024;

/** Counts the memory of the rows that one refresh copies. */
export class RefreshMemory implements RowMemory {
  readonly #kept: KeptMemory;
  #bytes = 0;

  constructor(kept: KeptMemory) {
    this.#kept = kept;
  }

  /** @throws {ProxyError} 'result_too_large' if there is no room. */
  adopt(bytes: number): void {
    if (!this.#kept.take(bytes)) {
      throw new ProxyError('result_too_large');
    }
    this.#bytes += bytes;
  }

  /** Frees the adopted memory. A cached result is counted separately. */
  close(): void {
    this.#kept.free(this.#bytes);
    this.#bytes = 0;
  }
}

/** The cached results of all data sources. */
export class ResultCache {
  readonly #kept: KeptMemory;
  readonly #maxBytes: number;
  /** The least recently used entry comes first. */
  readonly #entries = new StringMap<Entry>();
  /** Keys contain a number instead of the instance. A change of the settings creates an instance with a new number. */
  readonly #numbers = new WeakMap<Instance, number>();
  #nextNumber = 0;
  #bytes = 0;

  /** @param kept The memory that all caches share. When queries need this memory, all results are dropped. */
  constructor(kept: KeptMemory, maxBytes = MAX_BINNED_RESULTS_BYTES) {
    this.#kept = kept;
    this.#maxBytes = maxBytes;
    kept.register({
      dropAll: () => this.#clear(),
      dropOldest: () => this.#dropOldest(),
      oldestUse: () => this.#entries.values().next().value?.use,
    });
  }

  /** Creates the memory counter for the rows of one refresh. */
  openMemory(): RefreshMemory {
    return new RefreshMemory(this.#kept);
  }

  /** Bytes of all cached results. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The cached result. It becomes the most recently used result. Undefined if there is none. */
  get(key: ResultKey): CachedResult | undefined {
    const name = this.#nameOf(key);
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      this.#entries.delete(name);
      this.#entries.set(name, { ...entry, use: this.#kept.nextUse() });
    }
    return entry?.result;
  }

  /** Drops the earlier result of the key. Caches the new result if there is enough memory for the new result. */
  set(key: ResultKey, result: CachedResult): void {
    const name = this.#nameOf(key);
    this.#delete(name);
    const bytes = bytesOf(result) + name.length * 2;
    if (bytes > this.#maxBytes || !this.#kept.take(bytes)) {
      return;
    }
    const instance = this.#numberOf(key.instance);
    this.#entries.set(name, { result, bytes, instance, owner: key.owner, use: this.#kept.nextUse() });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      this.#dropOldest();
    }
  }

  delete(key: ResultKey): void {
    this.#delete(this.#nameOf(key));
  }

  /** @param owner Drops only the results of this user. Default: drops all results of the instance. */
  #deleteOf(instance: number, owner: string | undefined): void {
    for (const [name, entry] of this.#entries) {
      if (entry.instance === instance && (owner === undefined || entry.owner === owner)) {
        this.#delete(name);
      }
    }
  }

  #delete(name: string): void {
    const bytes = this.#entries.get(name)?.bytes ?? 0;
    this.#entries.delete(name);
    this.#bytes -= bytes;
    this.#kept.free(bytes);
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) {
      this.#delete(oldest);
    }
  }

  #clear(): void {
    for (const name of this.#entries.keys()) {
      this.#delete(name);
    }
  }

  #numberOf(instance: Instance): number {
    const known = this.#numbers.get(instance);
    if (known !== undefined) {
      return known;
    }
    const number = this.#nextNumber++;
    this.#numbers.set(instance, number);
    instance.onRejected((owner) => this.#deleteOf(number, owner));
    return number;
  }

  #nameOf({ statement, instance, sharers }: ResultKey): string {
    return `${statement} ${this.#numberOf(instance)} ${sharers}`;
  }
}
