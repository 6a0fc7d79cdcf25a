/** The pages of `docs/`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Path of the index, which lists pages by question. */
export const INDEX_PAGE = 'docs/README.md';

/** A page at an old address: a heading, and a sentence that links to the new pages. */
const MOVED = /^# .+\n\n(?:This page is|These pages are) now \[[^\n]+\.\n/;

export function readPageFile(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** Paths of the pages, such as `docs/user/sql.md`, and of the old addresses, which only link to pages. */
export function pageFiles(): { pages: string[]; moved: string[] } {
  const all = globSync('docs/**/*.md', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
  const isMoved = (page: string) => MOVED.test(readPageFile(page));
  return { pages: all.filter((page) => !isMoved(page)), moved: all.filter(isMoved) };
}

/** The first heading of a page. */
export function titleOf(page: string): string {
  return /^# (.+)$/m.exec(readPageFile(page))?.[1] ?? page;
}
