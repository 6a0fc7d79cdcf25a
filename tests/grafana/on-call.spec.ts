/**
 * The steps of a person on call, from an alert to the cause of the demo's incident. Each test counts the clicks, and
 * fails if there are more clicks than the title says. The person types nothing.
 */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { type MetricsState } from '../../contract/builder/builder-state';
import { newState } from '../../contract/builder/new-state';
import { builtModel, builtPanel } from './builder-panel';
import { clickPoint, follow } from './chart-points';
import { test as base } from './effort';
import { expect, type Frame, queryResponse } from './grafana';
import { thresholdRule } from './threshold-rule';

const FOLDER = 'micromegas-on-call';

interface SavedPanel {
  /** The page of the panel's alert rule. */
  rule: string;
  /** The page that shows only the panel. */
  panel: string;
}

/** Saves a dashboard whose panel shows a measure by program, and an alert rule for the panel. */
async function savePanel(
  request: APIRequestContext,
  source: DataSourceSettings,
  measure: Partial<MetricsState>,
  limit: number
): Promise<SavedPanel> {
  const { uid } = source;
  const state: MetricsState = { ...newState('metrics'), interval: '1m', groupBy: [{ column: 'exe' }], ...measure };
  const dashboard = {
    title: `On call ${uid}`,
    schemaVersion: 41,
    time: { from: 'now-2h', to: 'now' },
    panels: [builtPanel(source, state.name, state)],
  };
  await request.post('/api/folders', { data: { uid: FOLDER, title: 'Micromegas on call' } });
  const saved = await request.post('/api/dashboards/db', { data: { dashboard, folderUid: FOLDER } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { uid: dashboardUid }: { uid: string } = await saved.json();
  const rule = await request.post('/api/v1/provisioning/alert-rules', {
    data: thresholdRule({
      title: `Rule of ${uid}`,
      folder: FOLDER,
      source,
      model: builtModel(state),
      seconds: 7200,
      reducer: 'max',
      limit,
      annotations: { __dashboardUid__: dashboardUid, __panelId__: '1' },
    }),
  });
  expect(rule.ok(), await rule.text()).toBe(true);
  const { uid: ruleUid }: { uid: string } = await rule.json();
  return { rule: `/alerting/grafana/${ruleUid}/view`, panel: `/d/${dashboardUid}?viewPanel=panel-1` };
}

const test = base.extend({
  // All objects that the tests save are in this folder.
  micromegas: async ({ micromegas, request }, use) => {
    await use(micromegas);
    await request.delete(`/api/folders/${FOLDER}?forceDeleteRules=true`);
  },
});

/** The horizontal position of the first minute above the limit in the chart: 0 is the left edge, 1 the right edge. */
async function placeOfIncident(page: Page, limit: number, open: () => Promise<unknown>): Promise<number> {
  const response = queryResponse(page);
  await open();
  const { from, to }: { from: string; to: string } = (await response).request().postDataJSON();
  const { results }: { results: Record<string, { frames: Frame[] }> } = await (await response).json();
  const { schema, data } = results.A.frames[0];
  const times = data.values[schema.fields.findIndex(({ type }) => type === 'time')];
  const values = data.values[schema.fields.findIndex(({ type }) => type === 'number')];
  const high = times.filter((_, row) => Number(values[row]) > limit);
  return (Number(high[0]) - Number(from)) / (Number(to) - Number(from));
}

/** The row of a trace with errors. */
const failedTrace = (page: Page): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: /^[1-9]\d*$/ }) });

test('leads from an alert to its cause in six clicks', async ({ micromegas, page, effort, request }) => {
  const limit = 1000;
  const latency = { name: 'request_latency', unit: 'ms', aggregation: 'exact-p95' as const };
  const { rule } = await savePanel(request, micromegas, latency, limit);
  await page.goto(rule);
  const place = await placeOfIncident(page, limit, () => page.getByRole('link', { name: 'View panel' }).click());
  await clickPoint(page, 'ember/web-gateway', place);
  const explore = await follow(page, 'Traces around this time');
  // The cell cuts off the end of the id.
  await failedTrace(explore)
    .first()
    .getByRole('link')
    .first()
    .click({ position: { x: 20, y: 8 } });
  const span = explore.getByRole('switch', { name: /session_pool\.acquire/ }).first();
  await span.locator('..').getByTestId('SpanLinksMenu').getByRole('button').click();
  await explore.getByText('What changed', { exact: true }).click();
  // The cause, the changed configuration, is among the first three rows.
  const rows = explore.getByRole('row').filter({ hasText: 'ember.' });
  await expect(rows.filter({ hasText: 'ember.config' })).toBeVisible();
  const targets = await rows.allInnerTexts();
  expect(targets.findIndex((target) => target.includes('ember.config'))).toBeLessThan(3);
  expect(effort.characters).toBe(0);
  expect(effort.clicks).toBeLessThanOrEqual(6);
});

test('leads in four clicks from a point of a chart to the source of the slow function', async ({
  micromegas,
  page,
  effort,
  request,
}) => {
  const limit = 40;
  const { uid, name, type, access, jsonData } = micromegas;
  // Nothing listens at this address: the test checks the URL that the link opens.
  const source = 'http://127.0.0.1:9/game/{file}#L{line}';
  await request.put(`/api/datasources/uid/${uid}`, {
    data: { name, type, access, jsonData: { ...jsonData, sourceUrl: source } },
  });
  const frames = { name: 'frame_time_ms', unit: 'ms', aggregation: 'max' as const };
  const { panel } = await savePanel(request, micromegas, frames, limit);
  const place = await placeOfIncident(page, limit, () => page.goto(panel));
  await clickPoint(page, 'ember-server', place);
  const explore = await follow(page, 'Flame graph around this time');
  await expect(explore.getByText('Flame graph', { exact: true }).first()).toBeVisible();
  const row = explore.getByRole('row').filter({ hasText: 'rescan_waiting_players' });
  await row.getByRole('link', { name: 'rescan_waiting_players' }).click();
  const link = row.getByRole('link', { name: /\.rs$/ });
  await expect(link).toHaveAttribute('href', /^http:\/\/127\.0\.0\.1:9\/game\/.+#L\d+$/);
  const opened = explore.context().waitForEvent('page');
  await link.click();
  await opened;
  expect(effort.characters).toBe(0);
  expect(effort.clicks).toBeLessThanOrEqual(4);
});
