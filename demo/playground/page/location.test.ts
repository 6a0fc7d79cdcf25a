import { exploreState, hrefOf, parseLocation } from './location';

const QUERY = { refId: 'A', query: "SELECT 'a b'" };

it('opens Explore for the path `/`', () => {
  expect(parseLocation('/', '')).toEqual({ screen: 'explore', uid: '' });
});

it('parses an address that hrefOf returns, with query and theme', () => {
  const left = JSON.stringify({ queries: [QUERY], range: { from: 'now-3h', to: 'now' } });
  const href = new URL(hrefOf({ screen: 'explore', uid: 'a/b', theme: 'light', left }), 'http://playground');
  const location = parseLocation(href.pathname, href.search);
  expect(location).toEqual({ screen: 'explore', uid: 'a/b', theme: 'light', left });
  expect(exploreState(location)).toEqual({ query: QUERY, range: { from: 'now-3h', to: 'now' } });
});

it("reads Grafana's links to Explore, which name the data source in the query string", () => {
  const left = JSON.stringify({ datasource: 'micromegas', queries: [QUERY], range: {} });
  const location = parseLocation('/explore', `?left=${encodeURIComponent(left)}`);
  expect(location).toMatchObject({ screen: 'explore', uid: 'micromegas' });
  expect(exploreState(location)).toEqual({ query: QUERY, range: undefined });
});

it('reads the first pane of a link with panes', () => {
  const panes = JSON.stringify({ a: { datasource: 'micromegas', queries: [QUERY], range: { from: '1', to: '2' } } });
  const location = parseLocation('/explore', `?schemaVersion=1&panes=${encodeURIComponent(panes)}`);
  expect(location).toMatchObject({ screen: 'explore', uid: 'micromegas' });
  expect(exploreState(location)).toEqual({ query: QUERY, range: { from: '1', to: '2' } });
});

it.each(['nonsense', 'null', '[]', '{"queries":5}'])('opens Explore without a query if `left` is %s', (left) => {
  expect(exploreState(parseLocation('/explore/a', `?left=${left}`))).toEqual({ query: undefined, range: undefined });
});

it('writes the name of a dashboard only into the URL of the dashboard screen, and reads the name', () => {
  const location = { screen: 'dashboard', uid: 'a', dashboard: 'fleet' } as const;
  expect(hrefOf(location)).toBe('/dashboard/a/fleet');
  expect(parseLocation('/dashboard/a/fleet', '')).toEqual(location);
  expect(hrefOf({ ...location, screen: 'settings' })).toBe('/settings/a');
});

it('drops the query of Explore from the address of another screen', () => {
  expect(hrefOf({ screen: 'dashboard', uid: 'a', left: '{}' })).toBe('/dashboard/a');
});

it('keeps the screen of a URL without a data source when the theme changes', () => {
  expect(hrefOf({ ...parseLocation('/dashboard', ''), theme: 'light' })).toBe('/dashboard?theme=light');
  expect(hrefOf({ ...parseLocation('/', ''), theme: 'dark' })).toBe('/?theme=dark');
});
