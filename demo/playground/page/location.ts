/** The address of a screen: `/settings/<uid>`, `/explore/<uid>` or `/variables/<uid>`, with `?theme=`. */
import { useSyncExternalStore } from 'react';

export type ScreenName = 'settings' | 'explore' | 'variables';

export interface PageLocation {
  screen: ScreenName;
  /** Empty on the start page. */
  uid: string;
  theme: 'light' | 'dark';
}

const SCREENS: readonly string[] = ['settings', 'explore', 'variables'];
const CHANGED = 'playground-location';

/** Reads a location from path and query string. */
export function parseLocation(pathname: string, search: string): PageLocation {
  const [, screen = '', uid = ''] = pathname.split('/');
  return {
    screen: SCREENS.includes(screen) ? (screen as ScreenName) : 'settings',
    uid: decodeURIComponent(uid),
    theme: new URLSearchParams(search).get('theme') === 'light' ? 'light' : 'dark',
  };
}

/** The address of a screen. */
export function hrefOf({ screen, uid, theme }: PageLocation): string {
  return `/${screen}/${encodeURIComponent(uid)}${theme === 'light' ? '?theme=light' : ''}`;
}

/** Goes to a screen without a reload. */
export function navigate(location: PageLocation): void {
  window.history.pushState(null, '', hrefOf(location));
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** The current location. The component renders again when it changes. */
export function usePageLocation(): PageLocation {
  const href = useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
  const [pathname, search = ''] = href.split('?');
  return parseLocation(pathname, search);
}
