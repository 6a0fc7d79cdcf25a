import { type Locator } from '@playwright/test';

/** Elements that extend beyond the query row. Excludes Monaco, because it scrolls. */
export function overflowing(queryRow: Locator): Promise<string[]> {
  return queryRow.evaluate((row) => {
    const { left, right } = row.getBoundingClientRect();
    return [...row.querySelectorAll('*')]
      .filter((element) => element.closest('.monaco-editor') === null && element.checkVisibility())
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.left < left - 0.5 || box.right > right + 0.5))
      .map(({ element }) => element.outerHTML.slice(0, 120));
  });
}
