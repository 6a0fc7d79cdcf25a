/** Tests which users see links to Explore, and which data sources can link to this data source. */
import { type CreateDataSourceArgs, type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext, type Page } from '@playwright/test';
import { expect, test } from './grafana';

const VIEWER = { login: 'link-viewer', password: 'link-viewer' };

/** Saves a dashboard with one table of processes. @returns Its path. */
async function saveTable(request: APIRequestContext, { uid, type }: DataSourceSettings): Promise<string> {
  const query = `SELECT process_id, exe FROM processes WHERE exe = 'ember-server' ORDER BY start_time DESC LIMIT 1`;
  const panel = {
    id: 1,
    type: 'table',
    title: 'Processes',
    gridPos: { x: 0, y: 0, w: 24, h: 8 },
    datasource: { uid, type },
    targets: [{ refId: 'A', query, format: 'table', version: 2, rawEditor: true }],
  };
  const dashboard = { title: `Links ${uid}`, schemaVersion: 41, time: { from: 'now-3h', to: 'now' }, panels: [panel] };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { url }: { url: string } = await saved.json();
  return url;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** The cell with the id of the process, once the table has rows. */
async function idCell(page: Page, path: string) {
  await page.goto(path);
  const cell = page.getByRole('gridcell').or(page.getByRole('cell')).filter({ hasText: UUID }).first();
  await expect(cell).toBeVisible();
  return cell;
}

test('shows no links to Explore to a viewer, who cannot open it', async ({
  micromegas,
  request,
  browser,
  baseURL,
  page,
}) => {
  const path = await saveTable(request, micromegas);
  const created = await request.post('/api/admin/users', { data: { ...VIEWER, name: 'Viewer' } });
  expect(created.ok(), await created.text()).toBe(true);
  const { id }: { id: number } = await created.json();
  const context = await browser.newContext({ baseURL });
  try {
    const signedIn = await context.request.post('/login', { data: { user: VIEWER.login, password: VIEWER.password } });
    expect(signedIn.ok(), await signedIn.text()).toBe(true);
    // An admin sees links in the same cell.
    const linked = await idCell(page, path);
    await expect(linked.getByRole('link').or(linked.getByRole('button'))).not.toHaveCount(0);
    const cell = await idCell(await context.newPage(), path);
    await expect(cell).toHaveText(UUID);
    await expect(cell.getByRole('link')).toHaveCount(0);
    await expect(cell.getByRole('button')).toHaveCount(0);
  } finally {
    await context.close();
    await request.delete(`/api/admin/users/${id}`);
  }
});

/** A data source whose server does not run. Only its settings page is opened. */
function closedSource(type: string): CreateDataSourceArgs {
  return { name: `${type} ${test.info().testId}`, type, access: 'proxy', url: 'http://127.0.0.1:1' };
}

test('the data source can be chosen as the target of a derived field of Loki', async ({
  micromegas,
  createDataSource,
  grafanaAPIClient,
  page,
}) => {
  const loki = await createDataSource(closedSource('loki'));
  try {
    await page.goto(`/connections/datasources/edit/${loki.uid}`);
    await page.getByRole('button', { name: 'Add' }).last().click();
    const label = page.getByText('Internal link', { exact: true });
    await label.locator('xpath=ancestor::*[.//input[@role="switch"]][1]').getByRole('switch').click({ force: true });
    const picker = page.getByTestId('data-testid Select a data source').or(page.getByPlaceholder('Select data source'));
    await picker.last().click();
    await expect(page.getByText(micromegas.name, { exact: true }).first()).toBeVisible();
  } finally {
    await grafanaAPIClient.deleteDataSourceByUID(loki.uid);
  }
});
