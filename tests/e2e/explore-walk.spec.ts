/** Follows links between log lines, traces, processes and charts. The user types no id. */
import { type Page } from '@playwright/test';
import { seriousProblems } from './axe';
import { CRASHED_PROCESS, expect, exploreLink, test } from './playground';

function sql(query: string, format: 'logs' | 'time_series'): object {
  return { query, format, rawEditor: true, timeFilter: true, autoLimit: false };
}

// A test opens several screens. Each of them waits for the demo lakehouse, which is slow on a busy machine.
test.describe.configure({ timeout: 120_000 });

// The playground builds this bundle at the first request, which takes long on a busy machine.
test.beforeAll(async ({ playground }) => {
  const response = await fetch(`${playground.address}public/playground/flame-graph.js`);
  expect(response.ok).toBe(true);
  await response.arrayBuffer();
});

const spans = (page: Page) => page.getByRole('list', { name: 'Spans' }).getByRole('listitem');
const lines = (page: Page) => page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');

test('leads from an error to its trace and the process of a span, and back', async ({ page, context }) => {
  await page.goto(
    exploreLink(
      sql(
        "SELECT time, level, target, msg, process_id, stream_id, properties FROM log_entries WHERE msg LIKE '%no session within%' ORDER BY time LIMIT 20",
        'logs'
      ),
      { range: [46, 40] }
    )
  );
  await lines(page).first().getByRole('button').first().click();
  await page.getByRole('link', { name: 'Trace', exact: true }).click();
  await expect(page.getByTestId('trace')).toBeVisible();
  const acquire = spans(page).filter({ hasText: 'session_pool.acquire' }).first();
  await acquire.getByRole('button').first().click();
  await expect(acquire.getByRole('region')).toContainText('ember/matchmaker');

  const opened = context.waitForEvent('page');
  await acquire.getByRole('link', { name: 'The process', exact: true }).click();
  const tree = (await opened).getByTestId('node graph');
  await expect(tree.getByRole('button', { name: /^Node / }).first()).toBeVisible();
  await page.goBack();
  await expect(lines(page).first()).toBeVisible();
});

test('shows a flame graph, and the calls of the slowest frame', async ({ page }) => {
  const profile = { view: 'flame-graph', processId: CRASHED_PROCESS };
  await page.goto(exploreLink({ queryType: 'profile', profile }, { range: [40.1, 40] }));
  await expect(page.getByTestId('flame graph').locator('canvas').first()).toBeVisible();
  await expect(page.getByTestId('flame graph').getByText('rescan_waiting_players').first()).toBeVisible();

  const slowest = page
    .getByRole('table', { name: 'Table - Slowest calls' })
    .getByRole('row')
    .filter({ has: page.getByRole('cell', { name: 'frame', exact: true }) });
  await slowest.first().getByRole('link').first().click();
  await expect(spans(page).filter({ hasText: 'rescan_waiting_players' }).first()).toBeVisible();
});

test('leads from a service of the map to its traces', { tag: '@full' }, async ({ page }) => {
  await page.goto(exploreLink({ queryType: 'traces', traces: { view: 'service-map' } }, { range: [45, 40] }));
  await page.getByTestId('node graph').getByRole('button', { name: 'Node matchmaker' }).click();
  await page.getByRole('link', { name: 'Traces with errors' }).click();
  await expect(
    page
      .locator('main')
      .getByRole('cell', { name: /^[0-9a-f]{32}$/ })
      .first()
  ).toBeVisible();
});

test('links a point of a time series to the logs around its time', { tag: '@full' }, async ({ page }) => {
  await page.goto(
    exploreLink(
      sql(
        "SELECT $__dateBin(time) AS time, exe, max(value) AS value FROM measures WHERE name = 'frame_time_ms' AND exe = 'ember-server' GROUP BY 1, 2 ORDER BY 1",
        'time_series'
      )
    )
  );
  await page.locator('.u-over').click({ position: { x: 300, y: 100 } });
  const logs = page.getByRole('region', { name: 'Point' }).getByRole('link', { name: 'Logs around this time' });
  await expect(logs).toHaveAttribute('href', /^\/explore\?.*panes=/);
});

test('follows new log lines until the user stops', async ({ page }) => {
  await page.goto(
    exploreLink(sql('SELECT time, level, msg, process_id FROM log_entries ORDER BY time DESC LIMIT 5', 'logs'), {
      range: [1, 0],
    })
  );
  await expect(lines(page)).toHaveCount(5);
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(page.getByText(/^Live logs/)).toBeVisible();
  expect(await seriousProblems(page)).toEqual([]);
  const last = await lines(page).last().innerText();
  await expect(lines(page).last()).not.toHaveText(last);
  await page.getByRole('button', { name: 'Exit live mode' }).click();
  await expect(page.getByRole('button', { name: 'Live', exact: true })).toBeVisible();
});
