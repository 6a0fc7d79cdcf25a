import { expect, QueryEditor, test } from './grafana';

test('builds a graph of a measure for a panel, without SQL', async ({ micromegas, panelEditPage, page }) => {
  await panelEditPage.datasource.set(micromegas.name);
  const editor = new QueryEditor(page, panelEditPage.getQueryEditorRow('A'));
  await editor.lookAt('Metrics');
  const response = panelEditPage.waitForQueryDataResponse();
  await editor.chooseMeasure('frame_time_ms');
  await expect(response).toBeOK();
  await editor.openGenerated();
  await expect(editor.generated).toContainText("name = 'frame_time_ms'");
  await expect(panelEditPage.panel.locator.locator('canvas').first()).toBeVisible();
  await expect(panelEditPage.panel.getErrorIcon()).toHaveCount(0);
});
