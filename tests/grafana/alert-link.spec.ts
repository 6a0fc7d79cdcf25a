import { builtPanel } from './builder-panel';
import { STARTING_POINTS } from '../../contract/builder/starting-points';
import { type BuilderState } from '../../contract/builder/builder-state';
import { newState } from '../../contract/builder/new-state';
import { clickPoint, follow } from './chart-points';
import { expect, test } from './grafana';

const FILTER = { key: 'exe', operator: '=', value: 'ember-server' };

test('keeps the ad hoc filters of the dashboard in the rule of Alert on this', async ({
  micromegas,
  page,
  request,
}) => {
  const state = STARTING_POINTS.find(({ id }) => id === 'errors-over-time')?.state as BuilderState;
  const { uid, type } = micromegas;
  const dashboard = {
    title: `Errors ${uid}`,
    schemaVersion: 41,
    templating: { list: [{ type: 'adhoc', name: 'filters', datasource: { uid, type }, filters: [FILTER] }] },
    panels: [builtPanel(micromegas, 'Errors', state)],
  };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { url }: { url: string } = await saved.json();
  await page.goto(`${url}?editPanel=1`);
  await page.getByRole('button', { name: 'Options', exact: true }).click();
  const link = page.getByRole('link', { name: 'Alert on this' });
  await expect(link).toHaveAttribute('href', new RegExp(encodeURIComponent('"filters":[{"key":"exe"')));
  const address = new URL((await link.getAttribute('href')) ?? '', page.url());
  const { queries } = JSON.parse(address.searchParams.get('defaults') ?? '{}');
  expect(queries[0].model).toMatchObject({ format: 'table', filters: [FILTER] });
});

test('leads from a point of a panel to the form of a rule, with the value of the point as the limit', async ({
  micromegas,
  page,
  request,
}) => {
  const state: BuilderState = {
    ...newState('metrics'),
    name: 'request_latency',
    aggregation: 'exact-p95',
    interval: '1m',
    groupBy: [{ column: 'exe' }],
  };
  const dashboard = {
    title: `Latency ${micromegas.uid}`,
    schemaVersion: 41,
    time: { from: 'now-2h', to: 'now' },
    panels: [builtPanel(micromegas, 'Latency', state)],
  };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { uid }: { uid: string } = await saved.json();
  await page.goto(`/d/${uid}?viewPanel=panel-1`);
  // A point of the incident is high, so the menu below it fits into the page.
  await clickPoint(page, 'ember/web-gateway', 0.68);
  const form = await follow(page, 'Alert on this');
  const address = new URL(form.url());
  expect(address.pathname).toBe('/alerting/new');
  const { queries } = JSON.parse(address.searchParams.get('defaults') ?? '{}');
  expect(queries[0].model).toMatchObject({ format: 'table', builder: { name: 'request_latency' } });
  expect(queries[2].model.conditions[0].evaluator.params[0]).toBeGreaterThan(0);
  await expect(form.getByText('Alert condition').first()).toBeVisible();
  await form.close();
});
