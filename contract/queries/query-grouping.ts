/**
 * The keys by which a viewer groups the panels of a dashboard (*Filter and group by*, Grafana 13.2 and later). The
 * browser attaches the keys to a query, in `groupByKeys`. The backend adds them to the groups of a query that
 * aggregates.
 */
import { type InferOutput, is } from 'valibot';
import { boundedList, shortString } from '../schemas';
import { StringSet } from '../string-map';

/** Maximum number of keys of one query. */
export const MAX_GROUP_KEYS = 20;

/**
 * A key is the name of a column, or of a property in a JSONB column: `properties.<key>`, `process_properties.<key>`.
 */
const groupKeys = boundedList(shortString, MAX_GROUP_KEYS);

type GroupKeys = InferOutput<typeof groupKeys>;

/** True for a list of at most `MAX_GROUP_KEYS` short strings. */
export function isGroupKeys(value: unknown): value is GroupKeys {
  return is(groupKeys, value);
}

/**
 * The distinct keys of a query. Empty keys are dropped: Grafana sends them while the viewer selects a key. If the value
 * is not a valid list of keys, the result is empty.
 */
export function groupKeysOf(value: unknown): string[] {
  return isGroupKeys(value) ? Array.from(new StringSet(value)).filter((key) => key !== '') : [];
}
