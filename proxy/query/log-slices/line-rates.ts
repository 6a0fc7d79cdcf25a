/** Remembers how fast logs queries found their lines, and which SQL the parser cannot read. */
import { TextMap } from '../../../contract/text-map';
import { keepNewest } from '../../base/keep-newest';
import { type Instance } from '../../lakehouse/instances/instance';
import { type LineRate } from './line-slices';

/** Queries of a data source that are remembered. */
const MAX_RATES = 500;
/** Queries that the parser could not read. */
const MAX_UNREADABLE = 200;

/** One per process. The number of keys is bounded, the oldest are dropped. Rates are dropped with their instance. */
export class LineRates {
  readonly #rates = new WeakMap<object, TextMap<LineRate>>();
  readonly #unreadable = new TextMap<true>();

  /** @param key Identifies the lines and their order. */
  of(instance: Instance, key: string): LineRate | undefined {
    return this.#rates.get(instance)?.get(key);
  }

  note(instance: Instance, key: string, rate: LineRate): void {
    const known = this.#rates.get(instance) ?? new TextMap<LineRate>();
    this.#rates.set(instance, known);
    keepNewest(known, key, rate, MAX_RATES);
  }

  isUnreadable(key: string): boolean {
    return this.#unreadable.has(key);
  }

  noteUnreadable(key: string): void {
    keepNewest(this.#unreadable, key, true, MAX_UNREADABLE);
  }
}
