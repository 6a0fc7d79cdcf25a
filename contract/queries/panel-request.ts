/**
 * Properties of a panel's request that decide whether the backend may return a cached result. The plugin's frontend
 * adds these properties to queries, because Grafana sends only the time range in milliseconds to the backend.
 */
import { boolean, type InferOutput, is, optional } from 'valibot';
import { objectOf, stringOf } from '../schemas';

/** Maximum number of UTF-16 units of an end of a range, such as `now-6h`, and of a cache timeout. */
export const MAX_PANEL_CHARACTERS = 100;

const panelRequest = objectOf({
  /**
   * Start and end of the time range as the user chose them, such as `now-6h` and `now`. Each is missing if it is not
   * relative.
   */
  from: optional(stringOf(MAX_PANEL_CHARACTERS)),
  to: optional(stringOf(MAX_PANEL_CHARACTERS)),
  /** True if the result must not come from the cache. */
  skipQueryCache: optional(boolean()),
  /** The cache timeout of the panel: seconds as a string. */
  cacheTimeout: optional(stringOf(MAX_PANEL_CHARACTERS)),
});

export type PanelRequest = InferOutput<typeof panelRequest>;

/** True for an object whose known fields have the right types and lengths. */
export function isPanelRequest(value: unknown): value is PanelRequest {
  return is(panelRequest, value);
}

/** True for an end of a range that Grafana computes at each request, such as `now-6h` or `now/d`. */
export function isRelativeTime(end: string | undefined): end is string {
  return end !== undefined && end.startsWith('now');
}

/** True for a relative end that is not rounded, such as `now-6h`. False for other ends, such as `now/d`. */
export function movesWithClock(end: string | undefined): boolean {
  return isRelativeTime(end) && !end.includes('/');
}

/** True if the panel must not get a cached result. */
export function skipsMemory(panel: PanelRequest): boolean {
  return panel.skipQueryCache === true || cacheTimeoutSeconds(panel) === 0;
}

/** The cache timeout in seconds. Undefined if the panel has no valid cache timeout. */
export function cacheTimeoutSeconds({ cacheTimeout }: PanelRequest): number | undefined {
  const trimmed = cacheTimeout?.trim() ?? '';
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}
