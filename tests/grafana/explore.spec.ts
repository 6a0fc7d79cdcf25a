import { type DataSourceSettings, type ExplorePage } from '@grafana/plugin-e2e';
import { type Page } from '@playwright/test';
import { builderQuery } from '../../contract/builder/builder-sql';
import { newState } from '../../contract/builder/new-state';
import { cellsOf, expect, openExplore, QueryEditor, test } from './grafana';

/** Runs a query of the data source in Explore. */
async function explore(
  explorePage: ExplorePage,
  page: Page,
  source: DataSourceSettings,
  format: string,
  sql: string
): Promise<QueryEditor> {
  await openExplore(page, source);
  const editor = new QueryEditor(page, explorePage.getQueryEditorRow('A'));
  await editor.type(sql);
  await editor.chooseFormat(format);
  const response = explorePage.waitForQueryDataResponse();
  await editor.run();
  await expect(response).toBeOK();
  return editor;
}

test('shows a table', async ({ micromegas, explorePage, page }) => {
  const sql = 'SELECT exe, computer FROM processes ORDER BY exe';
  await explore(explorePage, page, micromegas, 'Table', sql);
  await expect(explorePage.tablePanel.fieldNames).toContainText(['exe', 'computer']);
  await expect(cellsOf(explorePage.tablePanel).first()).not.toBeEmpty();
});

test('shows a time series', async ({ micromegas, explorePage, page }) => {
  const sql = 'SELECT $__dateBin(time) AS time, name, avg(value) AS value FROM measures GROUP BY 1, 2 ORDER BY 1';
  await explore(explorePage, page, micromegas, 'Time series', sql);
  const graph = explorePage.timeSeriesPanel.locator;
  await expect(graph.locator('canvas').first()).toBeVisible();
  await expect(graph.getByRole('button', { name: /value/ }).first()).toBeVisible();
});

test('shows logs', async ({ micromegas, explorePage, page }) => {
  const sql = "SELECT time, level, target, 'line: ' || msg AS msg FROM log_entries ORDER BY time DESC";
  await explore(explorePage, page, micromegas, 'Logs', sql);
  await expect(page.getByText(/^line: \w/).first()).toBeVisible();
});

test('filters by a value of a log line, and shows the filter as a chip', async ({ micromegas, explorePage, page }) => {
  const sql = "SELECT time, level, target, 'line: ' || msg AS msg FROM log_entries ORDER BY time DESC";
  const editor = await explore(explorePage, page, micromegas, 'Logs', sql);
  await page
    .getByText(/^line: \w/)
    .first()
    .click();
  const response = explorePage.waitForQueryDataResponse();
  await page
    .getByRole('button', { name: /^Filter for value/ })
    .first()
    .click();
  await expect(response).toBeOK();
  await expect(editor.filters.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByText(/^line: \w/).first()).toBeVisible();
  await expect(editor.code).toContainText("'line: ' || msg");
});

test('switches from the builder to code and back', async ({ micromegas, explorePage, page }) => {
  await openExplore(page, micromegas);
  const editor = new QueryEditor(page, explorePage.getQueryEditorRow('A'));
  await editor.lookAt('Metrics');
  await editor.chooseMeasure('frame_time_ms');
  await editor.switchTo('Code');
  await expect(editor.code).toContainText('frame_time_ms');
  await editor.switchTo('Builder');
  await expect(editor.measure).toHaveValue('frame_time_ms');
  await editor.openGenerated();
  const sql = await editor.generated.innerText();
  await editor.type(sql.replace('avg(value)', 'max(value)'));
  await editor.switchTo('Builder');
  await expect(editor.measure).toHaveValue('frame_time_ms');
  await expect(editor.generated).toContainText('max(value)');
});

test('keeps the editor of a renamed query open, and shows its whole SQL in the query history', async ({
  micromegas,
  explorePage,
  page,
}) => {
  const builder = { ...newState('metrics'), name: 'frame_time_ms', unit: 'ms' };
  const { sql, format } = builderQuery(builder);
  await openExplore(page, micromegas, { version: 2, rawEditor: false, builder, query: sql, format });
  const row = explorePage.getQueryEditorRow('A');
  await new QueryEditor(page, row).summary.getByRole('button', { name: 'Edit' }).click();
  await row.getByTestId('query-name-div').click();
  await page.getByTestId('query-name-input').fill('frames');
  await page.keyboard.press('Enter');
  const renamed = new QueryEditor(page, explorePage.getQueryEditorRow('frames'));
  await expect(renamed.measure).toHaveValue('frame_time_ms');
  await page.getByRole('button', { name: 'Query history' }).click();
  // The button "Copy query to clipboard" of the card copies this string.
  const shown = `/* Metrics: avg frame_time_ms */ ${sql}`.replace(/\s+/g, ' ');
  await expect(page.getByLabel('Query text').first()).toHaveText(shown);
});

test('shows the result of a query at 1440 × 900 without scrolling', async ({ micromegas, explorePage, page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const state = {
    ...newState('metrics'),
    name: 'frame_time_ms',
    unit: 'ms',
    groupBy: [{ column: 'exe' }],
  };
  const { sql, format } = builderQuery(state);
  await openExplore(page, micromegas, { version: 2, rawEditor: false, builder: state, query: sql, format });
  const row = explorePage.getQueryEditorRow('A');
  const editor = new QueryEditor(page, row);
  const graph = explorePage.timeSeriesPanel.locator;
  await expect(editor.summary).toContainText('frame_time_ms by exe');
  await expect(graph).toBeVisible();
  expect((await row.boundingBox())?.height).toBeLessThan(200);
  // An opened editor is still open after its row was collapsed and expanded.
  await editor.summary.getByRole('button', { name: 'Edit' }).click();
  await expect(editor.measure).toHaveValue('frame_time_ms');
  await row.getByRole('button', { name: 'Collapse query row' }).click();
  await row.getByRole('button', { name: 'Expand query row' }).click();
  await expect(editor.measure).toBeVisible();
  expect((await row.boundingBox())?.height).toBeLessThanOrEqual(480);
  expect((await graph.boundingBox())?.y).toBeLessThan(700);
});
