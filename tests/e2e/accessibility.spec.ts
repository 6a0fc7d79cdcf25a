import { seriousProblems } from './axe';
import { expect, test } from './playground';

const screens = [
  { path: '', ready: 'Graph' },
  { path: 'dashboard/micromegas', ready: 'Warnings and errors' },
  { path: 'variables/micromegas', ready: 'Name' },
  { path: 'alerting/micromegas', ready: 'Run query' },
  { path: 'settings/micromegas-new', ready: 'Host' },
];

for (const theme of ['dark', 'light']) {
  for (const { path, ready } of screens) {
    test(`has no serious accessibility problem on /${path} in the ${theme} theme`, async ({ page }) => {
      await page.goto(`${path}?user=ada&theme=${theme}`);
      await expect(page.getByText(ready).first()).toBeVisible();
      await expect(page.getByText('Loading...')).toHaveCount(0);
      // Grafana's own indicator of a list that loads has a label that its role does not allow.
      await expect(page.getByLabel('data-testid Loading indicator')).toHaveCount(0);
      expect(await seriousProblems(page)).toEqual([]);
    });
  }
}
