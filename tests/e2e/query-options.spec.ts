import { type Locator } from '@playwright/test';
import { overflowing } from './overflowing';
import { type ExplorePage, expect, exploreLink, test } from './playground';

const LEVELS = `SELECT $__dateBin(time) AS time, level, count(*) AS n FROM log_entries WHERE level <= 3 GROUP BY 1, 2 ORDER BY 1`;
const LONG_NAME = 'a_column_with_a_name_that_goes_beyond_fifty_characters';

async function openSeries(explore: ExplorePage, theme?: string): Promise<void> {
  await explore.open('ada', theme);
  await explore.type(LEVELS);
  await explore.chooseFormat('Time series');
  await explore.toggleOptions();
}

/** Contrast ratio of a text or icon and its background (WCAG 2.1). Small text needs 4.5. */
function contrastOf(shown: Locator): Promise<number> {
  return shown.evaluate((element) => {
    const numbers = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
      const [lr, lg, lb] = [r, g, b].map((part) =>
        part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4
      );
      return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
    };
    let behind: Element | null = element;
    while (behind !== null && numbers(getComputedStyle(behind).backgroundColor)[3] === 0) {
      behind = behind.parentElement;
    }
    const back = behind === null ? [255, 255, 255] : numbers(getComputedStyle(behind).backgroundColor);
    const [r, g, b, alpha = 1] = numbers(getComputedStyle(element).color);
    const mixed = [r, g, b].map((part = 0, index) => part * alpha + (back[index] ?? 0) * (1 - alpha));
    const [light, dark] = [luminance(mixed), luminance(back)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  });
}

test('fills gaps and adds labels, and shows both in the collapsed row', async ({ explore, page }) => {
  await openSeries(explore);
  await explore.choose('Fill gaps', 'Zero');
  await explore.addLabelColumn('level');
  await expect(page.locator('.u-over').first()).toBeVisible();
  await explore.toggleOptions();
  await expect(explore.queryRow.getByText('Fill gaps: Zero · Labels: level')).toBeVisible();
  await expect(explore.labelColumns).toBeHidden();
  await expect(page.getByRole('button', { name: 'n 2' }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'n 3' }).first()).toBeVisible();
});

test('applies a filter whose last value was typed without Enter', async ({ page }) => {
  const values = ['ember-server', 'ember/matchmaker'];
  const filters = [{ key: 'exe', operator: '=|', value: values[0], values }];
  await page.goto(exploreLink({ query: 'SELECT time, exe, msg FROM log_entries', format: 'logs', filters }));
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByRole('button', { name: 'Edit the filter exe is one of' }).click();
  // While the mouse presses the button, the value is added to the list above the button.
  await page.getByPlaceholder('Value (Enter adds it)').pressSequentially('ember/web-gateway');
  const button = page.getByRole('button', { name: 'Apply' });
  const { x, y, width } = (await button.boundingBox())!;
  await page.mouse.click(x + width / 2, y + 2, { delay: 100 });
  await expect(page.getByText('exe is one of ember-server, ember/matchmaker, ember/web-gateway')).toBeVisible();
});

test('shows big integers as text', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT 9007199254740993 AS big');
  await explore.toggleOptions();
  await page.getByLabel('Big integers as text').check({ force: true });
  await expect(page.getByRole('cell', { name: '9007199254740993', exact: true })).toBeVisible();
});

for (const width of [1280, 400]) {
  for (const theme of ['light', 'dark']) {
    test(
      `fits into ${width} pixels, and has enough contrast in the ${theme} theme`,
      { tag: '@full' },
      async ({ explore, page, grafana }) => {
        await page.setViewportSize({ width, height: 900 });
        await openSeries(explore, theme);
        await explore.choose('Fill gaps', 'Previous');
        await explore.addLabelColumn('level');
        await explore.addLabelColumn('a_rather_long_name_of_a_column');
        expect(await overflowing(explore.queryRow)).toEqual([]);
        expect(await contrastOf(explore.queryRow.getByRole('button', { name: 'Remove tag: level' }))).toBeGreaterThan(
          4.5
        );

        // The error messages of invalid values must fit the row too.
        await page.getByLabel('Row limit').fill('-3');
        await explore.labelColumns.fill(LONG_NAME);
        const problems = [/whole number of at least 1/];
        if (grafana === '12') {
          problems.push(/shorter name in the SQL/);
        }
        await expect(explore.queryRow.getByRole('alert')).toHaveText(problems);
        expect(await overflowing(explore.queryRow)).toEqual([]);

        // The field "Label columns" must be cleared first, because its text becomes a label when the field loses the
        // focus.
        await explore.labelColumns.fill('');
        await page.getByLabel('Row limit').fill('');
        await expect(explore.queryRow.getByRole('alert')).toHaveCount(0);
        await explore.addLabelColumn('another_name_that_does_not_fit');
        await explore.toggleOptions();
        expect(await overflowing(explore.queryRow)).toEqual([]);
        const summary = explore.queryRow.getByText(
          /Fill gaps: Previous · Labels: level, a_rather_long_name_of_a_column, another_name/
        );
        // The summary stays on one line.
        expect((await summary.boundingBox())?.height).toBeLessThan(24);
        expect(await contrastOf(summary)).toBeGreaterThan(4.5);
      }
    );
  }
}

test('adds a label column with a long name', { tag: '@full' }, async ({ explore, grafana }) => {
  test.skip(grafana === '12', 'The TagsInput of Grafana 12 takes 50 characters.');
  await openSeries(explore);
  await explore.addLabelColumn(LONG_NAME);
  await expect(explore.queryRow.getByRole('button', { name: `Remove tag: ${LONG_NAME}` })).toBeVisible();
});

test('does not truncate the descriptions of the fill modes', { tag: '@full' }, async ({ explore, page }) => {
  await openSeries(explore);
  await page.getByLabel('Fill gaps', { exact: true }).click();
  await expect(page.getByRole('option')).toHaveCount(4);
  const truncated = await page
    .getByRole('option')
    .locator('*')
    .evaluateAll((all) => all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(String));
  expect(truncated).toEqual([]);
});
