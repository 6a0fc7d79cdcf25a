import { type Page } from '@playwright/test';
import { expect, type ExplorePage, test } from './playground';

/** The list of suggestions. */
function suggestions(page: Page) {
  return page.locator('.suggest-widget.visible .monaco-list-row');
}

async function suggest(page: Page): Promise<void> {
  await page.keyboard.press('Control+Space');
}

/** Types SQL. The character `|` marks the cursor. */
async function typeAt(explore: ExplorePage, marked: string): Promise<void> {
  await explore.type(marked.replace('|', ''));
  for (let left = marked.length - marked.indexOf('|') - 1; left > 0; left--) {
    await explore.page.keyboard.press('ArrowLeft');
  }
}

/** The SQL in the editor, without line numbers and widgets. */
function lines(explore: ExplorePage) {
  return explore.editor.locator('.view-lines');
}

/** A marked range of the SQL. Errors are red, hints are blue. */
function marks(page: Page, severity: 'error' | 'info') {
  return page.locator(`.squiggly-${severity}`);
}

const COMPLETIONS: ReadonlyArray<readonly [sql: string, expected: string | RegExp]> = [
  ['SELECT * FROM |', 'log_entries'],
  ['SELECT * FROM view|', "view_instance('measures')"],
  ['SELECT | FROM log_entries', 'target'],
  ['SELECT l.| FROM log_entries l', 'msg'],
  ['WITH c AS (SELECT level AS severity FROM log_entries) SELECT | FROM c', 'severity'],
  ['SELECT date_b|', 'date_bin'],
  ['SELECT 1 FROM log_entries WHERE $__timeF|', '$__timeFilter'],
  ["SELECT property_get(properties, '|') FROM processes", /version|build|service/],
  ["SELECT msg FROM log_entries WHERE exe = '|'", /server/],
  ["SELECT msg FROM log_entries WHERE exe IN ('x', '|')", /server/],
  ['SELECT msg FROM log_entries WHERE level <= |', '2 Error'],
  ["SELECT value FROM measures WHERE name = '|'", /time|frame|cpu|memory/],
  ["SELECT msg FROM view_instance('log_entries', '|')", / on .*, started \d{4}-/],
];

test('completes tables, columns, functions, macros and values', async ({ explore, page }) => {
  test.slow();
  await explore.open();
  for (const [marked, expected] of COMPLETIONS) {
    await test.step(marked, async () => {
      await typeAt(explore, marked);
      await suggest(page);
      await expect(suggestions(page).filter({ hasText: expected }).first()).toBeVisible();
      await page.keyboard.press('Escape');
    });
  }
});

test('puts the suggestion in place of the quoted string', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await typeAt(explore, "SELECT msg FROM log_entries WHERE exe = 'serv|'");
  await suggest(page);
  await expect(suggestions(page).first()).toContainText('server');
  await page.keyboard.press('Enter');
  await expect(lines(explore)).toHaveText(/exe\s=\s'[\w-]*server[\w-]*'$/);
});

test('suggests process ids after a view instance was chosen', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT msg FROM log_entr');
  await suggest(page);
  await suggestions(page).filter({ hasText: "view_instance('log_entries')" }).first().click();
  await suggestions(page)
    .filter({ hasText: / on .*, started / })
    .first()
    .click();
  await expect(lines(explore)).toHaveText(/view_instance\('log_entries',\s'[\w-]{8,}'\)$/);
});

test('marks a syntax error until it is corrected', async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT 1 FROM processes WHERE exe = 1 2');
  await expect(marks(page, 'error')).toBeVisible();
  await explore.editor.getByText('2', { exact: true }).last().hover();
  await expect(page.locator('.monaco-hover:visible')).toContainText(
    'Syntax error: Expected: end of statement, found: 2'
  );
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await expect(marks(page, 'error')).toHaveCount(0);
});

test('hints at SQL that does not fit the format Time series', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Time series');
  await explore.type('SELECT * FROM measures ORDER BY time LIMIT 10');
  await expect(marks(page, 'info')).toBeVisible();
  await expect(marks(page, 'error')).toHaveCount(0);
  await explore.chooseFormat('Table');
  await expect(marks(page, 'info')).toHaveCount(0);
});

test("marks the server's error at its position in the author's SQL", async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT msg\nFROM log_entries\nWHERE $__timeFilter(time) AND nope = 1');
  await explore.run();
  await expect(page.getByTestId('query error')).toContainText('No field named nope');
  await expect(marks(page, 'error')).toBeVisible();
  await lines(explore).getByText('nope').hover();
  await expect(page.locator('.monaco-hover:visible')).toContainText('Valid fields are');
  await page.keyboard.type('x');
  await expect(marks(page, 'error')).toHaveCount(0);
});

test('describes columns, functions and macros on hover', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT level, count(*) FROM log_entries WHERE $__timeFilter(time) GROUP BY 1');
  const hover = page.locator('.monaco-hover:visible');
  for (const [word, lines] of [
    ['level', '2 Error'],
    ['count', 'number of rows'],
    ['log_entries', 'Log messages'],
    ['$__timeFilter', 'time range'],
  ]) {
    await explore.editor.getByText(word, { exact: false }).last().hover();
    await expect(hover).toContainText(lines);
    await page.mouse.move(0, 0);
    await expect(hover).toHaveCount(0);
  }
});

test('without WebAssembly, completes and runs SQL but marks no errors', { tag: '@full' }, async ({ explore, page }) => {
  await page.route(/\/explore\//, async (route) => {
    const response = await route.fetch();
    // Without 'unsafe-eval' and 'wasm-unsafe-eval', browsers compile no WebAssembly.
    const headers = { ...response.headers(), 'content-security-policy': "script-src 'self' 'unsafe-inline'" };
    await route.fulfill({ response, headers });
  });
  const loaded = page.waitForResponse(/sql-parser\.wasm/);
  await explore.open();
  await explore.type('SELECT 1 FROM processes WHERE exe = 1 2');
  await loaded;
  // The smallest WebAssembly module is only a header.
  const compile = () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => 'compiled');
  await expect(page.evaluate(compile)).rejects.toThrow(/Content Security Policy/);
  await explore.type('SELECT exe FROM ');
  await suggest(page);
  await expect(suggestions(page).filter({ hasText: 'log_entries' }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await explore.type('SELECT exe FROM processes ORDER BY exe');
  await explore.run();
  await expect(page.getByRole('columnheader', { name: 'exe' })).toBeVisible();
  await expect(marks(page, 'error')).toHaveCount(0);
});

test('stays usable while SQL takes too long to check', { tag: '@full' }, async ({ explore, page }) => {
  // This worker, which never responds, simulates SQL that is within the parser's limits and still takes too long.
  const body = `onmessage = ({ data: { kind } }) => { if (kind === 'start') { postMessage({ kind: 'ready' }); } else { for (;;) {} } };`;
  await page.route(/sql-parser-worker\.js/, (route) => route.fulfill({ body, contentType: 'text/javascript' }));
  await explore.open();
  await explore.type('SELECT exe FROM processes ORDER BY exe');
  await explore.run();
  await expect(page.getByRole('columnheader', { name: 'exe' })).toBeVisible();
  await expect(marks(page, 'info')).toHaveCount(1);
});

test('marks errors of short SQL even if the worker cannot start', { tag: '@full' }, async ({ explore, page }) => {
  await page.route(/sql-parser-worker\.js/, (route) => route.abort());
  await explore.open();
  await explore.type('SELECT 1 FROM processes WHERE exe = 1 2');
  await expect(marks(page, 'error')).toHaveCount(1);
});

test('becomes narrower with the page', { tag: '@full' }, async ({ explore, page }) => {
  await page.setViewportSize({ width: 1400, height: 900 });
  await explore.open();
  await explore.type('SELECT 1');
  await page.setViewportSize({ width: 600, height: 900 });
  const rightEdge = async () => {
    const box = await explore.editor.boundingBox();
    return box === null ? Infinity : box.x + box.width;
  };
  await expect.poll(rightEdge).toBeLessThan(600);
  await expect(page.getByRole('radio', { name: 'Code' })).toBeInViewport();
});
