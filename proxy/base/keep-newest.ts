import { type StringMap } from '../../contract/string-map';

/**
 * Sets an entry as the newest one of a map, and drops the oldest one if the map then has more than `maxEntries`.
 *
 * @param maxEntries Entries that the map keeps. At least 1.
 */
export function keepNewest<Value>(entries: StringMap<Value>, key: string, value: Value, maxEntries: number): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > maxEntries && oldest !== undefined) {
    entries.delete(oldest);
  }
}
