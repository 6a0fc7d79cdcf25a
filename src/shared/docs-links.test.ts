import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DOCS_PAGES, docsUrl } from './docs-links';

it.each(DOCS_PAGES)('links to %s, which exists in docs/', (page) => {
  const path = docsUrl(page).split('/docs/').at(-1) ?? '';
  expect(existsSync(join(__dirname, '../..', 'docs', path))).toBe(true);
});
