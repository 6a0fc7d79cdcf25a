/** @jest-environment jsdom */
import { CoreApp, dateTime, type DataQueryRequest, type RawTimeRange } from '@grafana/data';
import { isPanelRequest } from '../../contract/queries/panel-request';
import { panelRequest } from './panel-request';

const at = dateTime(1_700_000_000_000);

function requestOf(raw: RawTimeRange, fields: Partial<DataQueryRequest> = {}): Parameters<typeof panelRequest>[0] {
  return { app: CoreApp.Dashboard, range: { from: at, to: at, raw }, ...fields };
}

it.each([
  { name: 'a relative range', raw: { from: 'now-6h', to: 'now' }, sent: { from: 'now-6h', to: 'now' } },
  { name: 'a range with an absolute start and a relative end', raw: { from: at, to: 'now' }, sent: { to: 'now' } },
  { name: 'an absolute range', raw: { from: at, to: at }, sent: {} },
  { name: 'an absolute range as strings', raw: { from: '2026-01-01', to: '2026-01-02' }, sent: {} },
  {
    name: 'a range whose start has too many characters',
    raw: { from: `now-${'1'.repeat(100)}h`, to: 'now' },
    sent: { to: 'now' },
  },
])('sends the start and the end only if they are relative: $name', ({ raw, sent }) => {
  const panel = panelRequest(requestOf(raw));
  expect(JSON.parse(JSON.stringify(panel))).toEqual(sent);
  expect(isPanelRequest(JSON.parse(JSON.stringify(panel)))).toBe(true);
});

it('sends the option that skips cached results, and the cache timeout of the panel', () => {
  const request = requestOf({ from: at, to: at }, { skipQueryCache: true, cacheTimeout: '60' });
  expect(panelRequest(request)).toMatchObject({ skipQueryCache: true, cacheTimeout: '60' });
  expect(panelRequest(requestOf({ from: at, to: at }, { cacheTimeout: null }))?.cacheTimeout).toBeUndefined();
});

it('sends nothing in Explore', () => {
  expect(panelRequest(requestOf({ from: 'now-1h', to: 'now' }, { app: CoreApp.Explore }))).toBeUndefined();
});
