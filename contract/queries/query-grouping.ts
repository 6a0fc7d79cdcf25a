/**
 * The keys by which a viewer groups the panels of a dashboard (*Filter and group by*, Grafana 13.2 and later). The
 * browser attaches the keys to a query as data. The backend adds them to the groups of a query that aggregates.
 */
import { type InferOutput, is } from 'valibot';
import { listOf, shortString } from '../schemas';
import { StringSet } from '../string-map';

/** Maximum number of keys of one query. */
export const MAX_GROUP_KEYS = 20;

/** Each is a column, or a key of a JSONB column: `properties.<key>`, `process_properties.<key>`. */
const groupKeys = listOf(shortString, MAX_GROUP_KEYS);

type GroupKeys = InferOutput<typeof groupKeys>;

/** True for a list of keys within its bounds. */
export function isGroupKeys(value: unknown): value is GroupKeys {
  return is(groupKeys, value);
}

/**
 * The distinct keys in a field of a query, without empty strings (a key that is not selected yet). Empty for an invalid
 * field.
 */
export function groupKeysOf(value: unknown): string[] {
  return isGroupKeys(value) ? Array.from(new StringSet(value)).filter((key) => key !== '') : [];
}
