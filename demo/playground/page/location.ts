/**
 * The URL of a screen: `/explore/<uid>`, `/dashboard/<uid>/<name>` and so on, with `?theme=`. The URL of Explore may
 * contain a query in `left`, as in the links of Grafana: `{ datasource, queries, range }` as JSON. In place of `left`,
 * Grafana's links may contain `panes`, an object whose values have this format; the first one is used.
 */
import { type RawTimeRange } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { useSyncExternalStore } from 'react';

const SCREENS = ['explore', 'dashboard', 'variables', 'settings'] as const;
export type ScreenName = (typeof SCREENS)[number];

export type ThemeName = 'light' | 'dark';

export interface PageLocation {
  screen: ScreenName;
  /** Empty on the start page. */
  uid: string;
  /** Default: the theme that the browser prefers. */
  theme?: ThemeName;
  /** Name of a dashboard. Default: the first. */
  dashboard?: string;
  /** Value of the parameter `left`. */
  left?: string;
}

/** The query and the time range with which Explore opens. */
export interface ExploreState {
  query?: DataQuery;
  range?: RawTimeRange;
}

interface LeftPane {
  datasource?: unknown;
  queries?: unknown;
  range?: { from?: unknown; to?: unknown };
}

const CHANGED = 'playground-location';

function readObject(json: string | undefined): object {
  try {
    const parsed: unknown = JSON.parse(json ?? '{}');
    return parsed !== null && typeof parsed === 'object' ? parsed : {};
  } catch {
    // The URL was edited by hand, so Explore opens without a query.
    return {};
  }
}

function readLeft(json: string | undefined): LeftPane {
  return readObject(json);
}

/** `left`, or else the first of the `panes`. */
function leftOf(parameters: URLSearchParams): string | undefined {
  const [pane] = Object.values(readObject(parameters.get('panes') ?? undefined));
  return parameters.get('left') ?? (pane === undefined ? undefined : JSON.stringify(pane));
}

function themeIn(parameters: URLSearchParams): { theme?: ThemeName } {
  const theme = parameters.get('theme');
  return theme === 'light' || theme === 'dark' ? { theme } : {};
}

/** Reads a location from path and query string. */
export function parseLocation(pathname: string, search: string): PageLocation {
  const [, name = '', uid = '', dashboard = ''] = pathname.split('/');
  const parameters = new URLSearchParams(search);
  const left = leftOf(parameters);
  const { datasource } = readLeft(left);
  return {
    screen: SCREENS.find((screen) => screen === name) ?? 'explore',
    uid: uid === '' && typeof datasource === 'string' ? datasource : decodeURIComponent(uid),
    ...themeIn(parameters),
    ...(dashboard === '' ? undefined : { dashboard: decodeURIComponent(dashboard) }),
    ...(left === undefined ? undefined : { left }),
  };
}

/** The query and the time range in the URL of Explore. */
export function exploreState({ left }: PageLocation): ExploreState {
  const { queries, range } = readLeft(left);
  const [query] = Array.isArray(queries) ? (queries as DataQuery[]) : [];
  return {
    query,
    range: range?.from && range.to ? { from: String(range.from), to: String(range.to) } : undefined,
  };
}

/** The URL of a screen. The query of Explore is not part of the URL of another screen. */
export function hrefOf({ screen, uid, theme, dashboard, left }: PageLocation): string {
  const parameters = new URLSearchParams({
    ...(theme === undefined ? undefined : { theme }),
    ...(screen === 'explore' && left !== undefined ? { left } : undefined),
  });
  const search = parameters.toString();
  const name = screen === 'dashboard' && dashboard !== undefined ? `/${encodeURIComponent(dashboard)}` : '';
  const start = screen === 'explore' ? '/' : `/${screen}`;
  const path = uid === '' ? start : `/${screen}/${encodeURIComponent(uid)}${name}`;
  return search === '' ? path : `${path}?${search}`;
}

/** The theme in which a location is shown. */
export function shownTheme({ theme }: PageLocation): ThemeName {
  return theme ?? (window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
}

/** Goes to a screen without a reload. */
export function navigate(location: PageLocation): void {
  window.history.pushState(null, '', hrefOf(location));
  window.dispatchEvent(new Event(CHANGED));
}

/** Follows a link of Grafana to a screen, and keeps the theme. */
export function navigateTo(href: string): void {
  const { pathname, search } = new URL(href, window.location.origin);
  const { theme } = parseLocation(window.location.pathname, window.location.search);
  navigate({ ...parseLocation(pathname, search), theme });
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** The current location. The component renders again when the location changes. */
export function usePageLocation(): PageLocation {
  const href = useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
  const end = href.indexOf('?');
  return end < 0 ? parseLocation(href, '') : parseLocation(href.slice(0, end), href.slice(end));
}
