/** Clicks points of a chart, and follows their links. */
import { type Page } from '@playwright/test';
import { expect } from './grafana';

/**
 * Waits until the page has rendered this number of frames. The tooltip follows the mouse with a delay of some frames,
 * which depends on the load of the machine.
 */
async function drawFrames(page: Page, frames: number): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/**
 * Moves the mouse down the chart at the horizontal position `place` until the tooltip shows the series, and clicks. The
 * menu of the point has the links.
 */
export async function clickPoint(page: Page, series: string, place: number): Promise<void> {
  const chart = page.locator('.u-over').first();
  await expect(chart).toBeVisible();
  const { x, y, width, height } = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const tooltip = page.locator('#grafana-portal-container').getByText(series, { exact: true });
  await expect(async () => {
    for (let step = 0; step < 40 && !(await tooltip.isVisible()); step++) {
      await page.mouse.move(x + width * place, y + (height * step) / 40);
      await drawFrames(page, 2);
    }
    // The tooltip may belong to an earlier position of the mouse, so it must still be visible after the next frames.
    await drawFrames(page, 20);
    await expect(tooltip).toBeVisible({ timeout: 1 });
  }).toPass();
  await page.mouse.down();
  await page.mouse.up();
}

/** Chooses a link of the point, which opens a new tab. */
export async function follow(page: Page, title: string): Promise<Page> {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: title }).click();
  return opened;
}
