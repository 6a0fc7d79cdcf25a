/** The fields of a panel's request that the backend needs to return a result from its cache, see `PanelRequest`. */
import { CoreApp, type DataQueryRequest } from '@grafana/data';
import { isRelativeTime, MAX_PANEL_CHARACTERS, type PanelRequest } from '../../contract/queries/panel-request';

type Request = Pick<DataQueryRequest, 'app' | 'range' | 'skipQueryCache' | 'cacheTimeout'>;

/** @returns Undefined in Explore, which gets no cached results. */
export function panelRequest({ app, range, skipQueryCache, cacheTimeout }: Request): PanelRequest | undefined {
  const { from, to } = range.raw;
  return app === CoreApp.Explore
    ? undefined
    : {
        from: relativeTime(from),
        to: relativeTime(to),
        skipQueryCache: skipQueryCache === true ? true : undefined,
        cacheTimeout: short(cacheTimeout),
      };
}

function relativeTime(end: unknown): string | undefined {
  const time = short(end);
  return isRelativeTime(time) ? time : undefined;
}

/**
 * The value if it is a string of valid length, else undefined. If one value is invalid, the backend ignores all fields
 * of the `PanelRequest`.
 */
function short(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_PANEL_CHARACTERS ? value : undefined;
}
