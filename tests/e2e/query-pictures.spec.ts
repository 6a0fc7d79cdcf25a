/**
 * Takes pictures of the query editor for the documentation:
 * `UPDATE_PICTURES=1 npm run test:e2e -- query-pictures`.
 */
import { join } from 'node:path';
import { test } from './playground';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

test('takes a picture of the options of a time series', async ({ explore, page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await explore.open('ada', 'light');
  await explore.type(
    'SELECT $__dateBin(time) AS time, level, count(*) AS messages\nFROM log_entries\nGROUP BY 1, 2 ORDER BY 1'
  );
  await explore.chooseFormat('Time series');
  await explore.toggleOptions();
  await explore.choose('Fill gaps', 'Zero');
  await explore.addLabelColumn('level');
  // The picture must not show a focused field.
  await page.locator(':focus').blur();
  await explore.queryRow.screenshot({ path: join(FOLDER, 'query-options.png'), animations: 'disabled' });
});
