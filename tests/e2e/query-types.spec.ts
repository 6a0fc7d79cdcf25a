/** Tests the forms of the query types Traces, Profile and Processes. */
import { overflowing } from './overflowing';
import { expect, exploreLink, type ExplorePage, test } from './playground';

async function choose({ page }: ExplorePage, group: string, name: string): Promise<void> {
  const radios = page.getByRole('radiogroup', { name: group });
  // The visible label covers the radio button.
  await radios.getByRole('radio', { name, exact: true }).click({ force: true });
}

// A test opens several screens. Each of them waits for the demo lakehouse, which is slow on a busy machine.
test.describe.configure({ timeout: 120_000 });

test('leads from an empty query to the traces with errors', async ({ explore, page }) => {
  await explore.openBuilder();
  await page.getByRole('button', { name: /^Traces with errors/ }).click();
  const ids = page.getByRole('row').getByText(/^[0-9a-f]{32}$/);
  await expect(ids.first()).toBeVisible();

  await page.getByRole('button', { name: 'Add attribute' }).click();
  await page.getByLabel('Key of attribute 1').click();
  await expect(page.getByRole('option', { name: 'rpc.method' })).toBeVisible();
});

test('shows the calls of a process that was chosen from the list', { tag: '@full' }, async ({ page }) => {
  const profile = { view: 'flame-graph', processId: '' };
  await page.goto(exploreLink({ queryType: 'profile', profile }, { range: [3.1, 3] }));
  await page.getByRole('button', { name: 'Choose process' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose a process' });
  await dialog.getByRole('button', { name: /^Choose ember-server/ }).first().click(); // prettier-ignore
  await expect(page.getByTestId('flame graph')).toBeVisible();
});

test('finds processes, and keeps SQL and search when the type changes', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT 1 AS one');
  await choose(explore, 'Query type', 'Processes');
  await page.getByLabel('Search').fill('gateway');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').getByText('ember/web-gateway').first()).toBeVisible();
  await expect(page.getByRole('row').getByText('ember-editor')).toHaveCount(0);
  await choose(explore, 'View', 'Tree');
  await expect(page.getByTestId('node graph')).toBeVisible();
  await choose(explore, 'Query type', 'SQL');
  await expect(explore.editor).toContainText('SELECT 1 AS one');
  await choose(explore, 'Query type', 'Processes');
  await expect(page.getByLabel('Search')).toHaveValue('gateway');
});

const WIDE_FORMS: Record<string, object> = {
  'what changed': { queryType: 'what-changed', 'what-changed': {} },
  'a trace id': { queryType: 'traces', traces: { view: 'trace', traceId: '' } },
  'a trace search': { queryType: 'traces', traces: { view: 'search' } },
  'a flame graph': { queryType: 'profile', profile: { view: 'flame-graph', processId: '' } },
  processes: { queryType: 'processes', processes: { view: 'list' } },
  'a measure with groups and an SQL condition': {
    rawEditor: false,
    builder: {
      kind: 'metrics',
      name: 'cpu_usage',
      aggregation: 'avg',
      groupBy: [{ column: 'exe' }],
      shape: 'series',
      interval: 'auto',
      conditions: [{ raw: 'value > 1' }],
    },
  },
  'a filter with a long value': {
    rawEditor: true,
    query: 'SELECT 1 FROM processes',
    filters: [{ key: 'computer', operator: '=', value: 'a-very-long-name-of-a-computer-in-the-fleet-07' }],
  },
};

test('fits into 400 pixels', { tag: '@full' }, async ({ explore, page }) => {
  await page.setViewportSize({ width: 400, height: 900 });
  for (const [name, query] of Object.entries(WIDE_FORMS)) {
    await page.goto(exploreLink(query));
    const edit = explore.summary.getByRole('button', { name: 'Edit' });
    const fields = explore.queryRow.getByRole('radiogroup').first();
    await expect(edit.or(fields)).toBeVisible();
    if (await edit.isVisible()) {
      await edit.click();
    }
    await expect(fields).toBeVisible();
    expect(await overflowing(explore.queryRow), name).toEqual([]);
  }
});
