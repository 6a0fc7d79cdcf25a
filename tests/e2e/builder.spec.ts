import { PLUGIN_ID } from '../../contract/plugin-id';
import { seriousProblems } from './axe';
import { expect, type ExplorePage, test } from './playground';

/** Chooses the kind of query. */
async function lookAt({ page }: ExplorePage, kind: string): Promise<void> {
  const kinds = page.getByRole('radiogroup', { name: 'What to look at' });
  await kinds.getByRole('radio', { name: kind, exact: true }).click({ force: true });
}

/** Opens the section with the generated SQL: the browser stores whether this section is open. */
test.beforeEach(({ page }) =>
  page.addInitScript((key) => localStorage.setItem(key, 'true'), `${PLUGIN_ID}.generated-sql`)
);

/** The SQL that the builder wrote. */
const generated = ({ page }: ExplorePage) => page.getByLabel('Generated SQL');

async function buildFrameTime(explore: ExplorePage): Promise<void> {
  await explore.openBuilder();
  await lookAt(explore, 'Metrics');
  await explore.page.getByLabel('Measure', { exact: true }).fill('frame');
  await explore.page.getByRole('option', { name: /^frame_time_ms ms/ }).click();
}

test('builds a graph of a measure by program, without SQL', async ({ explore, page }) => {
  await buildFrameTime(explore);
  await expect(page.locator('.u-over').first()).toBeVisible();
  await page.getByLabel('Group by', { exact: false }).fill('exe');
  await page.getByRole('option', { name: 'exe', exact: false }).first().click();
  await page.keyboard.press('Escape');
  await expect(generated(explore)).toContainText('exe');
  await expect(page.getByRole('button', { name: /ember-server/ }).first()).toBeVisible();
});

test('shows the log lines of a program', async ({ explore, page }) => {
  await explore.openBuilder();
  await lookAt(explore, 'Logs');
  await explore.choose('Minimum level', 'info');
  await page.getByRole('button', { name: 'Program', exact: true }).click();
  await page.getByLabel('Value of filter 2').click();
  await page.getByRole('option', { name: 'ember-server' }).click();
  await expect(generated(explore)).toContainText("exe = 'ember-server'");
  await expect(page.getByRole('list', { name: 'Log lines' }).getByRole('listitem').first()).toBeVisible();
});

test('chooses the process of spans with the keyboard', { tag: '@full' }, async ({ explore, page }) => {
  await explore.openBuilder();
  await lookAt(explore, 'Spans');
  await page.getByRole('button', { name: 'Choose process' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Choose a process' });
  await dialog.getByLabel('Search processes').fill('gateway');
  const found = dialog.getByRole('button', { name: /^Choose ember\/web-gateway/ });
  await expect(found).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Choose ember-editor/ })).toHaveCount(0);
  await found.focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(generated(explore)).toContainText('otel_spans');
  await expect(page.getByRole('columnheader', { name: 'duration' })).toBeVisible();
});

test('runs a starting point with one click', { tag: '@full' }, async ({ explore, page }) => {
  await explore.openBuilder();
  await page
    .getByRole('region', { name: 'Starting points' })
    .getByRole('button', { name: /^Log search/ })
    .click();
  await expect(page.getByLabel('Value of filter 1')).toBeFocused();
  await expect(page.getByRole('list', { name: 'Log lines' }).getByRole('listitem').first()).toBeVisible();
});

test('switches to code and back, and reads edited SQL', async ({ explore, page }) => {
  await buildFrameTime(explore);
  await explore.switchTo('Code');
  await expect(explore.editor).toContainText('frame_time_ms');
  await explore.switchTo('Builder');
  await expect(page.getByLabel('Measure', { exact: true })).toHaveValue('frame_time_ms');
  const sql = await generated(explore).innerText();
  await explore.switchTo('Code');
  await explore.type(sql.replace('avg(value)', 'max(value)'));
  await explore.switchTo('Builder');
  await expect(page.getByLabel('Aggregation')).toHaveValue('max');
});

test('asks the author about SQL that the builder cannot show', { tag: '@full' }, async ({ explore, page }) => {
  await buildFrameTime(explore);
  const sql = await generated(explore).innerText();
  await explore.switchTo('Code');
  await explore.type(`${sql}\n-- the peak of each map`);
  await explore.switchTo('Builder');
  const dialog = page.getByRole('dialog', { name: 'The builder cannot show this SQL' });
  await expect(dialog.getByRole('row').filter({ hasText: 'the peak of each map' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Stay in code' }).click();
  await expect(explore.editor).toContainText('the peak of each map');
  await explore.switchTo('Builder');
  await dialog.getByRole('button', { name: "Return to the builder's version" }).click();
  await expect(page.getByLabel('Measure', { exact: true })).toHaveValue('frame_time_ms');
  await expect(generated(explore)).not.toContainText('the peak of each map');
});

test('builds the values of a variable', { tag: '@full' }, async ({ page, baseURL }) => {
  await page.goto(`${baseURL}variables/micromegas-provisioned?user=ada`);
  await page.getByRole('combobox', { name: 'Values from' }).click();
  await page.getByRole('option', { name: /^Processes/ }).click();
  await expect(page.getByRole('region', { name: 'Preview of values' })).toContainText('ember-server');
});

for (const theme of ['dark', 'light']) {
  test(`has no serious accessibility problem in the ${theme} theme`, { tag: '@full' }, async ({ explore, page }) => {
    await explore.openBuilder('ada', theme);
    await expect(page.getByRole('region', { name: 'Starting points' })).toBeVisible();
    expect(await seriousProblems(page)).toEqual([]);
    await lookAt(explore, 'Any table');
    for (const list of ['Columns', 'Group by', 'Order by']) {
      await page.getByRole('group', { name: list }).getByRole('button', { name: 'Column' }).click();
    }
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    expect(await seriousProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Choose process' }).click();
    await expect(page.getByRole('dialog').getByRole('row').nth(1)).toBeVisible();
    expect(await seriousProblems(page)).toEqual([]);
  });
}

test(
  'chooses a measure by the beginning of its name, with the keyboard',
  { tag: '@full' },
  async ({ explore, page }) => {
    await explore.openBuilder();
    const last = await page.getByRole('region', { name: 'Starting points' }).getByRole('listitem').last().boundingBox();
    const below = await page.getByRole('button', { name: 'Options', exact: true }).boundingBox();
    // There is no empty space between the starting points and the button.
    expect((below?.y ?? Infinity) - ((last?.y ?? 0) + (last?.height ?? 0))).toBeLessThan(50);
    await lookAt(explore, 'Metrics');
    const measure = page.getByLabel('Measure', { exact: true });
    await measure.fill('frame_time');
    // Enter waits for the list, which the server has not answered yet.
    await measure.press('Enter');
    await expect(generated(explore)).toContainText("name = 'frame_time_ms'");
    await measure.fill('frame');
    await expect(page.getByRole('option').last()).toContainText('Use this text');
    await expect(page.getByRole('option').first()).not.toContainText('Use this text');
    await measure.fill('no_such_measure');
    await measure.press('Enter');
    await expect(generated(explore)).toContainText("name = 'no_such_measure'");
  }
);

test(
  'fills a new filter with the keyboard, from the beginnings of names',
  { tag: '@full' },
  async ({ explore, page }) => {
    await explore.openBuilder();
    await lookAt(explore, 'Logs');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const column = page.getByLabel('Column of filter 2');
    await expect(column).toBeFocused();
    await page.keyboard.type('targ');
    await expect(page.getByRole('option').last()).toContainText('Use this text');
    await expect(page.getByRole('option').first()).toContainText('target');
    await page.keyboard.press('Enter');
    await expect(column).toHaveValue('target');
    // A list with the same number of entries as before shows its entry as a whole.
    const entry = page.getByRole('option');
    await column.fill('no_such_column');
    await expect(entry).toContainText('Use this text');
    await column.fill('exe');
    await expect(entry).toContainText('text');
    await expect(entry).not.toContainText('Use this text');
    const list = await page.getByRole('listbox').filter({ has: entry }).boundingBox();
    const shown = await entry.boundingBox();
    expect((shown?.y ?? Infinity) + (shown?.height ?? 0)).toBeLessThanOrEqual((list?.y ?? 0) + (list?.height ?? 0));
    // The user may also enter a string that no option contains.
    await column.fill('shard');
    await column.press('Enter');
    await expect(column).toHaveValue('shard');
    await page.getByRole('button', { name: 'Message', exact: true }).click();
    await expect(page.getByLabel('Value of filter 3')).toBeFocused();
  }
);

test('chooses a group by the beginning of its name', { tag: '@full' }, async ({ explore, page }) => {
  await buildFrameTime(explore);
  const groups = page.getByLabel('Group by', { exact: false });
  await groups.fill('compu');
  await expect(page.getByRole('option').last()).toContainText('Use this text');
  await groups.press('Enter');
  // Enter waits for the suggestions. More typing, or closing the list, would cancel it.
  await expect(generated(explore)).toContainText('computer');
  await groups.fill('properties.shard');
  await groups.press('Enter');
  await expect(generated(explore)).toContainText("'shard'");
  await expect(generated(explore)).not.toContainText('"compu"');
});
