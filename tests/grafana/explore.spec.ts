import { type ExplorePage } from '@grafana/plugin-e2e';
import { type Page } from '@playwright/test';
import { cellsOf, expect, QueryEditor, test } from './grafana';

/** Runs a query of the data source in Explore. */
async function explore(explorePage: ExplorePage, page: Page, source: string, format: string, sql: string) {
  await explorePage.datasource.set(source);
  const editor = new QueryEditor(page, explorePage.getQueryEditorRow('A'));
  await editor.chooseFormat(format);
  await editor.type(sql);
  const response = explorePage.waitForQueryDataResponse();
  await editor.run();
  await expect(response).toBeOK();
}

test('shows a table', async ({ micromegas, explorePage, page }) => {
  const sql = 'SELECT exe, computer FROM processes ORDER BY exe';
  await explore(explorePage, page, micromegas.name, 'Table', sql);
  await expect(explorePage.tablePanel.fieldNames).toContainText(['exe', 'computer']);
  await expect(cellsOf(explorePage.tablePanel).first()).not.toBeEmpty();
});

test('shows a time series', async ({ micromegas, explorePage, page }) => {
  const sql = 'SELECT $__dateBin(time) AS time, name, avg(value) AS value FROM measures GROUP BY 1, 2 ORDER BY 1';
  await explore(explorePage, page, micromegas.name, 'Time series', sql);
  const graph = explorePage.timeSeriesPanel.locator;
  await expect(graph.locator('canvas').first()).toBeVisible();
  await expect(graph.getByRole('button', { name: /value/ }).first()).toBeVisible();
});

test('shows logs', async ({ micromegas, explorePage, page }) => {
  const sql = "SELECT time, level, target, 'line: ' || msg AS msg FROM log_entries ORDER BY time DESC";
  await explore(explorePage, page, micromegas.name, 'Logs', sql);
  await expect(page.getByText(/^line: \w/).first()).toBeVisible();
});
