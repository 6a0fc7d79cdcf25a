import { type DashboardPage, type Panel } from '@grafana/plugin-e2e';
import { TEST_IDS } from '../../src/shared/test-ids';
import { cellsOf, expect, QueryEditor, test as base } from './grafana';
import {
  BUILT_TITLE,
  CTE_TITLE,
  saveTestDashboard,
  saveWarningsDashboard,
  PROCESSES_TITLE,
  TABLE_TITLE,
  WARNINGS_TITLE,
} from './test-dashboard';

const test = base.extend<{ dashboardUid: string; warningsUid: string }>({
  dashboardUid: async ({ request, micromegas }, use) => {
    const uid = await saveTestDashboard(request, micromegas);
    await use(uid);
    await request.delete(`/api/dashboards/uid/${uid}`);
  },
  warningsUid: async ({ request, micromegas }, use) => {
    const uid = await saveWarningsDashboard(request, micromegas);
    await use(uid);
    await request.delete(`/api/dashboards/uid/${uid}`);
  },
});

/** Scrolls to a panel, which Grafana renders only then. The page can scroll once it shows its first panel. */
async function scrollToPanel(dashboard: DashboardPage, title: string): Promise<Panel> {
  await expect(dashboard.getPanelByTitle(TABLE_TITLE).locator).toBeVisible();
  const panel = dashboard.getPanelByTitle(title);
  await panel.scrollIntoView();
  return panel;
}

test('filters a panel by the values of a variable', async ({ gotoDashboardPage, dashboardUid, selectors }) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const { submenuItemLabels } = selectors.pages.Dashboard.SubMenu;
  await expect(dashboard.getByGrafanaSelector(submenuItemLabels('Program'))).toBeVisible();
  const table = dashboard.getPanelByTitle(TABLE_TITLE);
  await expect(table.fieldNames).toContainText(['exe', 'messages']);
  const rows = table.locator.getByRole('row');
  await expect(rows.nth(2)).toBeVisible();
  const cells = cellsOf(table);
  const exe = await cells.first().innerText();

  await gotoDashboardPage({ uid: dashboardUid, queryParams: new URLSearchParams({ 'var-exe': exe }) });
  // The header row and the row of one program.
  await expect(rows).toHaveCount(2);
  await expect(cells.first()).toHaveText(exe);
});

test('filters a panel with a CTE by an ad hoc filter', async ({ gotoDashboardPage, dashboardUid, page }) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const table = await scrollToPanel(dashboard, CTE_TITLE);
  const rows = table.locator.getByRole('row');
  await expect(rows.nth(2)).toBeVisible();

  await page.getByPlaceholder('Filter by label values').click();
  await page.getByRole('option', { name: 'exe', exact: true }).click();
  await page.getByRole('option', { name: /^= / }).click();
  await page.getByRole('option', { name: 'ember-editor' }).click();
  await page.keyboard.press('Escape');
  await expect(rows).toHaveCount(2);
  await expect(cellsOf(table).first()).toHaveText('ember-editor');
});

test('shows in the inspector what was sent for a panel, and what the server recorded', async ({
  gotoDashboardPage,
  dashboardUid,
  page,
}) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const panel = await scrollToPanel(dashboard, CTE_TITLE);
  // Grafana shows the tab only if the panel has its result when the inspector opens.
  await expect(cellsOf(panel).first()).toBeVisible();
  await panel.clickOnMenuItem('Data', { parentItem: 'Inspect' });
  await page.getByRole('tab', { name: 'Meta data' }).click();
  const inspected = page.getByTestId(TEST_IDS.inspectedQuery);
  await expect(inspected.locator('pre').first()).toContainText('SELECT exe, level FROM log_entries');
  // The server writes the record some seconds after the query. The inspector repeats its search until the record is
  // there.
  await expect(inspected.getByRole('term').filter({ hasText: 'Bytes scanned' })).toBeVisible({ timeout: 40_000 });
  await expect(inspected.getByRole('definition').filter({ hasText: 'Complete' })).toBeVisible();
  await expect(inspected.getByText(/^Session in the audit log: [\da-f-]{36}$/)).toBeVisible();
});

test('previews an alert rule from a panel of the builder, and omits the condition on a variable with the value All', async ({
  gotoDashboardPage,
  dashboardUid,
  page,
}) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const panel = await scrollToPanel(dashboard, BUILT_TITLE);
  await expect(panel.locator.locator('canvas').first()).toBeVisible();
  await panel.clickOnMenuItem('New alert rule', { parentItem: 'More...' });

  const editor = new QueryEditor(page, page.locator('form'));
  await editor.openGenerated();
  // The interval is one percent of three hours, rounded.
  await expect(editor.generated).toContainText("$__timeGroup(time, '2m', 0)");
  await expect(editor.generated).toContainText('level <= 2');
  await expect(editor.generated).not.toContainText('IN (');
  await page.getByRole('button', { name: 'Preview alert rule condition' }).click();
  await expect(page.getByText(/^\{exe="/).first()).toBeVisible();
});

test('links a table cell to Explore in the time range of the dashboard', async ({
  gotoDashboardPage,
  dashboardUid,
}) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const table = await scrollToPanel(dashboard, PROCESSES_TITLE);
  const link = cellsOf(table).first().getByRole('link');
  const address = new URL((await link.getAttribute('href')) ?? '', 'http://grafana');
  const { range } = JSON.parse(address.searchParams.get('left') ?? '{}');
  expect(Number(range.to) - Number(range.from)).toBe(3 * 3_600_000);
});

test('shows all warnings of all queries in the header of a panel', async ({ gotoDashboardPage, warningsUid, page }) => {
  const panel = (await gotoDashboardPage({ uid: warningsUid })).getPanelByTitle(WARNINGS_TITLE);
  await panel.locator.getByTestId('title-items-container').locator('svg').first().hover();
  const tooltip = page.getByRole('tooltip');
  for (const part of ['Query A:', '"first"', '1 row has the same time', 'Query B:', '"second"']) {
    await expect(tooltip).toContainText(part);
  }
});

test('shows annotations on a time series', async ({ gotoDashboardPage, dashboardUid, selectors, page }) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const markers = dashboard.getByGrafanaSelector(selectors.pages.Dashboard.Annotations.marker);
  await expect(markers.last()).toBeVisible();
  await markers.last().hover();
  await expect(page.getByText(/^note: \w/).first()).toBeVisible();
});

test('previews the values of a variable', async ({ gotoVariableEditPage, dashboardUid }) => {
  const editPage = await gotoVariableEditPage({ dashboard: { uid: dashboardUid }, id: '0' });
  await editPage.runQuery();
  await expect(editPage).toDisplayPreviews([/\w/]);
});

test('runs the query of an annotation', async ({ gotoAnnotationEditPage, dashboardUid, page }) => {
  // Index 1 is the first annotation of the dashboard, because Grafana puts its own annotations first.
  const editPage = await gotoAnnotationEditPage({ dashboard: { uid: dashboardUid }, id: '1' });
  await expect(editPage.runQuery()).toBeOK();
  await expect(page.getByText(/^[1-9]\d* events/).first()).toBeVisible();
});
