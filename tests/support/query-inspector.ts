import { expect, type Locator } from '@playwright/test';

/** Searches for the server's record of an inspected query until it appears. The server writes it after the query. */
export async function findRecord(inspected: Locator): Promise<void> {
  const field = inspected.getByRole('term').filter({ hasText: 'Bytes scanned' });
  const searchAgain = inspected.getByRole('button', { name: 'Search again' });
  await expect(async () => {
    await expect(field.or(searchAgain)).toBeVisible();
    if (await searchAgain.isVisible()) {
      await searchAgain.click();
    }
    await expect(field).toBeVisible({ timeout: 1000 });
  }).toPass();
}
