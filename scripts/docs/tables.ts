/**
 * `npm run docs:tables` writes the tables of `docs/` that come from code. A test compares them with the pages.
 *
 * A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`. `docs/errors.md` is written as a whole.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MACROS, macroUsage } from '../../contract/sql/macros';
import { Constants } from './constants';
import { errorsPage } from './errors-page';
import { limitsTables } from './limits-table';
import { markdownTable } from './markdown';
import { operatorSettingsTable } from './operator-settings';
import { settingsTables } from './settings-table';

const DOCS = join(__dirname, '../../docs');

const TABLES: Readonly<Record<string, () => string>> = {
  limits: () => limitsTables(new Constants()),
  macros: () =>
    markdownTable(
      ['Macro', 'Expands to'],
      MACROS.map((macro) => [`\`${macroUsage(macro)}\``, macro.expansion])
    ),
  'operator settings': operatorSettingsTable,
  settings: settingsTables,
};

const ERRORS_PAGE = 'errors.md';

/** The pages with generated parts, relative to `docs/`. */
export const GENERATED_PAGES = [
  ERRORS_PAGE,
  'admin/settings.md',
  'operator/configuration.md',
  'operator/limits.md',
  'user/sql.md',
] as const;

const BLOCK = /(<!-- table: ([\w ]+) -->\n)[\s\S]*?(\n<!-- end of table -->)/g;

/**
 * The page with new tables and the same content around them. `errors.md` is written as a whole.
 *
 * @throws {Error} if the page has no table, or a table with an unknown name.
 */
export function withTables(page: string, markdown: string): string {
  if (page === ERRORS_PAGE) {
    return errorsPage();
  }
  if (markdown.search(BLOCK) === -1) {
    throw new Error(`docs/${page} has no line "<!-- table: NAME -->".`);
  }
  return markdown.replace(BLOCK, (_, begin: string, name: string, end: string) => {
    const table = TABLES[name];
    if (table === undefined) {
      throw new Error(`docs/${page} names an unknown table: ${name}.`);
    }
    return `${begin}\n${table()}\n${end}`;
  });
}

export function readPage(page: string): string {
  return readFileSync(join(DOCS, page), 'utf8');
}

if (require.main === module) {
  for (const page of GENERATED_PAGES) {
    const before = readPage(page);
    const after = withTables(page, before);
    if (after !== before) {
      writeFileSync(join(DOCS, page), after);
      console.log(`docs/${page} has new tables.`);
    }
  }
}
