/**
 * The steps of a dashboard author, who uses only visible elements and writes no SQL. Each test counts the clicks, and
 * fails if the number is not the expected one. The data source is the provisioned one, which is Grafana's default.
 */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { type BuilderState } from '../../contract/builder/builder-state';
import { newState } from '../../contract/builder/new-state';
import { builtPanel } from './builder-panel';
import { test as base } from './effort';
import { expect, type Frame, QueryEditor, queryResponse } from './grafana';

const test = base.extend<{ source: DataSourceSettings }>({
  source: async ({ readProvisionedDataSource }, use) =>
    use(await readProvisionedDataSource({ fileName: 'micromegas.yaml', name: 'Micromegas' })),
});

interface Series {
  label: string;
  values: Array<number | null>;
}

/** The number columns of the response that `act` causes. @param part See `queryResponse`. */
async function seriesAfter(page: Page, act: () => Promise<void>, part?: string): Promise<Series[]> {
  const response = queryResponse(page, part);
  await act();
  const { results }: { results: Record<string, { frames?: Frame[] }> } = await (await response).json();
  return Object.values(results).flatMap(({ frames = [] }) =>
    frames.flatMap(({ schema, data }) =>
      schema.fields.flatMap(({ type, labels = {} }, index) =>
        type === 'number' ? [{ label: Object.values(labels).join(' '), values: data.values[index] ?? [] }] : []
      )
    )
  );
}

/** Warnings and errors over time, of three programs. */
const WARNINGS: BuilderState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'warnings' }],
  conditions: [
    { column: 'level', type: 'number', operator: '<=', values: ['warn'] },
    { column: 'exe', type: 'text', operator: '!=', values: ['ember/matchmaker'] },
    { column: 'exe', type: 'text', operator: '!=', values: ['flight-sql-srv'] },
  ],
  groupBy: [{ column: 'exe' }],
  limit: undefined,
};

interface SavedDashboard {
  uid: string;
  url: string;
}

/** Saves a dashboard with a panel of `WARNINGS`. */
async function saveDashboard(request: APIRequestContext, source: DataSourceSettings): Promise<SavedDashboard> {
  const panels = [builtPanel(source, 'Warnings by program', WARNINGS)];
  const dashboard = { title: `Warnings ${Date.now()}`, schemaVersion: 41, panels };
  const response = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}

/** The variables of the dashboard: names, and the preset of the variable editor for each. */
const VARIABLES = { program: 'Programs', process: 'Processes by id', level: 'Log levels' };

/** Opens the editor of a new panel, from the page of a new dashboard: two clicks. */
async function addPanel(page: Page, { name }: DataSourceSettings): Promise<void> {
  await page.goto('/dashboard/new');
  await page.getByRole('button', { name: 'Add visualization' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: new RegExp(`^${name} (?!\\()`) })
    .click();
}

/** A button of the editor whose label begins with a title. */
const startingPoint = (page: Page, title: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^${title}`) });

test('shows errors over time by program in three clicks', async ({ page, source, effort }) => {
  await addPanel(page, source);
  const series = await seriesAfter(page, () => startingPoint(page, 'Errors over time').click());
  expect(series.map(({ label }) => label)).toEqual(expect.arrayContaining(['ember-server', 'ember/web-gateway']));
  // A minute without an error has the value 0.
  expect(series.flatMap(({ values }) => values.filter((value) => value === null))).toEqual([]);
  expect(series.every(({ values }) => values.includes(0))).toBe(true);
  await expect(page.locator('canvas').first()).toBeVisible();
  await expect.poll(() => effort).toEqual({ clicks: 3, characters: 0 });
});

test('shows the 95th percentile of a measure by process in seven clicks', async ({ page, source, effort }) => {
  await addPanel(page, source);
  const editor = new QueryEditor(page, page.getByRole('main'));
  await editor.lookAt('Metrics');
  // The field of the measure has the focus.
  await page.keyboard.type('frame_time');
  // Until the list of matching measures has loaded, its first entry is the typed string.
  await expect(page.getByRole('option').first()).toContainText('frame_time_ms');
  await page.keyboard.press('Enter');
  await page.getByLabel('Aggregation', { exact: true }).click();
  await page.getByRole('option', { name: 'p95', exact: true }).click();
  await page.getByPlaceholder('Column or property').first().click();
  // `seriesAfter` must wait for the grouped query, because the previous steps run queries too.
  const group = () => page.getByRole('option', { name: /^process_id/ }).click();
  const series = await seriesAfter(page, group, '"groupBy":[{"column":"process_id"}]');
  expect(new Set(series.map(({ label }) => label)).size).toBeGreaterThan(1);
  await expect.poll(() => effort).toEqual({ clicks: 7, characters: 10 });
});

test('previews an alert rule of a panel in six clicks, and the rule fires for one of three programs', async ({
  page,
  source,
  effort,
  request,
}) => {
  const { uid, url } = await saveDashboard(request, source);
  await page.goto(url);
  const panel = page.getByTestId(/^data-testid Panel header/);
  await panel.hover();
  await page.getByRole('button', { name: /^Menu for panel/ }).click();
  await page.getByRole('menuitem', { name: 'More...' }).hover();
  await page.getByRole('menuitem', { name: 'New alert rule' }).click();
  // The innermost element that has the heading and the fields.
  const condition = page.locator('div', { has: page.getByText('Alert condition', { exact: true }) }).last();
  await condition.getByRole('combobox').first().click();
  await page.getByRole('option', { name: /^Max/ }).click();
  await condition.getByRole('spinbutton').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('300');
  await page.getByRole('button', { name: 'Preview alert rule condition' }).click();
  await expect(page.getByText('Firing', { exact: true })).toHaveCount(1);
  await expect(page.getByText('Normal', { exact: true })).toHaveCount(2);
  await expect.poll(() => effort).toEqual({ clicks: 6, characters: 3 });
  await request.delete(`/api/dashboards/uid/${uid}`);
});

test('makes a dashboard with three variables in 23 clicks', async ({ page, effort, request, selectors }) => {
  const title = `Variables ${Date.now()}`;
  await page.goto('/dashboard/new');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('tab', { name: 'Variables' }).click();
  for (const [name, preset] of Object.entries(VARIABLES)) {
    await page.getByRole('button', { name: /^(Add|New) variable$/ }).click();
    await page.getByTestId(selectors.pages.Dashboard.Settings.Variables.Edit.General.generalNameInputV2).click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(name);
    await startingPoint(page, preset).click();
    await page.getByText('Multi-value', { exact: true }).click();
    await page.getByText('Include All option', { exact: true }).click();
    await page.getByRole('button', { name: 'Back to list' }).click();
  }
  await page.getByRole('button', { name: 'Save dashboard' }).click();
  await page.getByRole('textbox', { name: 'Title' }).click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(title);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/\/d\//);
  const [, uid = ''] = /\/d\/([^/?]+)/.exec(page.url()) ?? [];
  await expect.poll(() => effort.clicks).toBe(23);

  await page.goto(`/d/${uid}`);
  const { submenuItemLabels } = selectors.pages.Dashboard.SubMenu;
  for (const name of Object.keys(VARIABLES)) {
    await expect(page.getByTestId(submenuItemLabels(name))).toBeVisible();
  }
  await page.getByTestId(submenuItemLabels('level')).locator('..').getByRole('combobox').click();
  // The levels are shown by name, in order of severity.
  await expect(page.getByRole('option')).toContainText(['All', 'fatal', 'error', 'warn']);
  await request.delete(`/api/dashboards/uid/${uid}`);
});
