/**
 * A bounded cache of values that are read elsewhere: at the server, at an identity provider, or in a thread.
 *
 * The cache decides nothing about rights: a key must contain everything that a value depends on, such as the user and
 * the version of the settings. Tokens have their own cache, because a rejected token is replaced before its expiry.
 */
import { StringMap } from './string-map';

/** What a cache keeps, and for how long. */
export interface CacheOptions<Value> {
  /** Maximum total size of the entries. If it is exceeded, the least recently used entries are dropped. */
  maxSize: number;
  /** The size of a value, in units of `maxSize`. Default: 1, so that `maxSize` is a number of entries. */
  sizeOf?: (value: Value) => number;
  /** Milliseconds for which a value is kept after it was set or its load ended. Default: no limit. */
  ageMs?: number | ((value: Value) => number);
  /** Milliseconds for which a failed load is kept: until then, all callers get its error. Default: 0. */
  failureAgeMs?: number;
  /**
   * True for an error that concerns only the caller whose load failed. The error is not kept, and a caller that waited
   * for this load loads the value again. Default: never true.
   */
  isOfCaller?: (reason: unknown) => boolean;
  /** Milliseconds of a clock. Default: a monotonic clock. */
  now?: () => number;
}

/** The state of an entry. A load that ends replaces its entry, unless the entry was dropped meanwhile. */
type State<Value> =
  | { readonly kind: 'loading'; readonly load: Promise<Value> }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'failed'; readonly reason: unknown };

type Entry<Value> = State<Value> & { readonly size: number; readonly untilMs: number };

export class Cache<Value> {
  readonly #options: CacheOptions<Value>;
  readonly #now: () => number;
  /** The least recently used entry comes first. */
  readonly #entries = new StringMap<Entry<Value>>();
  #size = 0;

  constructor(options: CacheOptions<Value>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The value, which becomes the most recently used one. Undefined if it is missing, loading or too old. */
  get(key: string): Value | undefined {
    const entry = this.#use(key);
    return entry?.kind === 'value' ? entry.value : undefined;
  }

  /** Sets a value. A value that is larger than the whole cache is not kept. */
  set(key: string, value: Value): void {
    const { ageMs = Infinity, sizeOf } = this.#options;
    const size = sizeOf?.(value) ?? 1;
    const lifetimeMs = typeof ageMs === 'number' ? ageMs : ageMs(value);
    this.#put(key, { kind: 'value', value, size, untilMs: this.#now() + lifetimeMs });
  }

  /**
   * The value, which is loaded if it is missing or too old. All callers of a key share one load.
   *
   * @throws The error of the load.
   */
  async load(key: string, load: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const entry = this.#use(key);
      switch (entry?.kind) {
        case undefined:
          return this.#begin(key, load);
        case 'value':
          return entry.value;
        case 'failed':
          throw entry.reason;
        case 'loading':
          try {
            return await entry.load;
          } catch (reason) {
            if (this.#options.isOfCaller?.(reason) !== true) {
              throw reason;
            }
          }
      }
    }
  }

  /** Drops a value. The result of a load in flight is not kept. */
  delete(key: string): void {
    this.#size -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }

  /** Drops all values. The results of loads in flight are not kept. */
  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  #begin(key: string, load: () => Promise<Value>): Promise<Value> {
    const entry: Entry<Value> = { kind: 'loading', load: load(), size: 1, untilMs: Infinity };
    const isCurrent = () => this.#entries.get(key) === entry;
    this.#put(key, entry);
    return entry.load.then(
      (value) => {
        if (isCurrent()) {
          this.set(key, value);
        }
        return value;
      },
      (reason: unknown) => {
        const { failureAgeMs = 0, isOfCaller } = this.#options;
        const ageMs = isOfCaller?.(reason) === true ? 0 : failureAgeMs;
        if (isCurrent()) {
          this.#put(key, { kind: 'failed', reason, size: 1, untilMs: this.#now() + ageMs });
        }
        throw reason;
      }
    );
  }

  #use(key: string): Entry<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    this.#entries.delete(key);
    if (entry.untilMs <= this.#now()) {
      this.#size -= entry.size;
      return undefined;
    }
    this.#entries.set(key, entry);
    return entry;
  }

  /** Replaces the entry of a key. An entry that is too large or too old is not kept. */
  #put(key: string, entry: Entry<Value>): void {
    const { maxSize } = this.#options;
    this.delete(key);
    if (entry.size > maxSize || entry.untilMs <= this.#now()) {
      return;
    }
    this.#entries.set(key, entry);
    this.#size += entry.size;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= maxSize) {
        return;
      }
      this.delete(oldest);
    }
  }
}
