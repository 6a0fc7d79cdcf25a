import { builtPanel } from './builder-panel';
import { STARTING_POINTS } from '../../contract/builder/starting-points';
import { type BuilderState } from '../../contract/builder/builder-state';
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
