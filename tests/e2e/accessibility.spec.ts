import { seriousProblems } from './axe';
import { CRASHED_PROCESS, expect, exploreLink, test } from './playground';

/** `inNpmTest`: tested by `npm test` in the dark theme. */
const screens = [
  { path: '', ready: 'Graph', inNpmTest: true },
  { path: 'dashboard/micromegas/fleet', ready: 'Newest processes', inNpmTest: false },
  { path: 'dashboard/micromegas/demo', ready: 'Warnings and errors', inNpmTest: true },
  { path: 'variables/micromegas', ready: 'Name', inNpmTest: false },
  { path: 'settings/micromegas-new', ready: 'Host', inNpmTest: true },
];

/** Each view shows 600 ms of the demo's incident. The list has no flame graph, because Grafana implements that view. */
const results = [
  { name: 'a service map', query: { queryType: 'traces', traces: { view: 'service-map' } }, ready: 'matchmaker' },
  {
    name: 'a timeline',
    query: { queryType: 'profile', profile: { view: 'timeline', processId: CRASHED_PROCESS } },
    ready: 'rescan_waiting_players',
  },
  {
    name: 'a list of processes',
    query: { queryType: 'processes', processes: { view: 'list' } },
    ready: 'ember-editor',
  },
];

for (const theme of ['dark', 'light'] as const) {
  for (const { path, ready, inNpmTest } of screens) {
    test(
      `has no serious accessibility problem on /${path} in the ${theme} theme`,
      { tag: inNpmTest && theme === 'dark' ? [] : '@full' },
      async ({ page }) => {
        await page.goto(`${path}?user=ada&theme=${theme}`);
        await expect(page.getByText(ready).first()).toBeVisible();
        await expect(page.getByText('Loading...')).toHaveCount(0);
        // Waits for the end of Grafana's loading indicator, which has a label that its role does not allow.
        await expect(page.getByLabel('data-testid Loading indicator')).toHaveCount(0);
        expect(await seriousProblems(page)).toEqual([]);
      }
    );
  }

  for (const { name, query, ready } of results) {
    test(
      `has no serious accessibility problem with ${name} in the ${theme} theme`,
      { tag: '@full' },
      async ({ page }) => {
        await page.goto(exploreLink(query, { range: [40.01, 40], theme }));
        await expect(page.getByText(ready).first()).toBeVisible();
        await expect(page.getByText('Loading...')).toHaveCount(0);
        expect(await seriousProblems(page)).toEqual([]);
      }
    );
  }
}
