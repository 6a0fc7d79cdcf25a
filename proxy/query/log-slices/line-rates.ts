/** Caches the rates at which logs queries found their lines. */
import { StringMap } from '../../../contract/string-map';
import { keepNewest } from '../../base/keep-newest';
import { type Instance } from '../../lakehouse/instances/instance';
import { type LineRate } from './line-slices';

/** Maximum number of remembered queries per data source. */
const MAX_RATES = 500;

/**
 * One per process. The number of keys is bounded: the oldest keys are dropped. The rates of an instance are dropped
 * together with the instance.
 */
export class LineRates {
  readonly #rates = new WeakMap<object, StringMap<LineRate>>();

  /** The rate of the last run. Undefined if it is not known. @param key Identifies the lines and their order. */
  of(instance: Instance, key: string): LineRate | undefined {
    return this.#rates.get(instance)?.get(key);
  }

  /** Remembers the rate of a run. */
  note(instance: Instance, key: string, rate: LineRate): void {
    const known = this.#rates.get(instance) ?? new StringMap<LineRate>();
    this.#rates.set(instance, known);
    keepNewest(known, key, rate, MAX_RATES);
  }
}
