import { type StringMap } from '../../contract/string-map';

/**
 * Sets an entry as the newest one of a map of bounded size, and drops the oldest one beyond `maxEntries`.
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
