/** Checks that links and file names in the documentation refer to existing files, and anchors to existing headings. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { githubSlug } from './docs/github-slug';

const ROOT = join(__dirname, '..');
/** Packages are installed below demo/ and tests/ too. Their files are not checked. */
const WITHOUT_PACKAGES = { cwd: ROOT, exclude: (name: string) => name === 'node_modules' };
const PAGES = globSync(
  ['*.md', 'docs/**/*.md', 'demo/**/*.md', 'packages/*/*.md', 'tests/**/*.md'],
  WITHOUT_PACKAGES
).sort();

const CODE_BLOCK = /^```[\s\S]*?^```$/gm;
const INLINE_CODE = /`[^`\n]*`/g;
/** `[text](target)` and `![text](target)`. The link text may contain pairs of brackets. */
const LINK = /\]\(([^()\s]+)\)/g;
/** A picture in HTML, with a variant for the dark theme. */
const PICTURE = /\bsrc(?:set)?="([^"\s]+)"/g;
const HEADING = /^#{1,6} +(.+?) *#*$/gm;
/** A file of the repository in inline code, with or without its folders. `.test.ts` is only the end of a name. */
const SOURCE_FILE = /^(?!\.test\.)[\w@./-]+\.(?:ts|tsx|mjs|yml|proto)$/;
const SOURCE_FILES = globSync(
  '{*,.github/**/*,.dependency-cruiser.cjs,{contract,src,proxy,packages,demo,tests,scripts,benchmarks,proto,provisioning}/**/*}',
  WITHOUT_PACKAGES
);
const SOURCE_NAMES = new Set(SOURCE_FILES.map((path) => basename(path)));
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function markdownOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replace(CODE_BLOCK, '');
}

/** The anchors of a page. If headings are equal, all but the first get a number, as on GitHub. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of markdownOf(page).matchAll(HEADING)) {
    const slug = githubSlug(heading);
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number++) {
      anchor = `${slug}-${number}`;
    }
    anchors.add(anchor);
  }
  return anchors;
}

function isBroken(page: string, target: string): boolean {
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) {
    return true;
  }
  return anchor !== undefined && !(file.endsWith('.md') && anchorsOf(file).has(anchor));
}

function linksOf(page: string): string[] {
  const markdown = markdownOf(page).replace(INLINE_CODE, '');
  const links = [LINK, PICTURE].flatMap((pattern) => [...markdown.matchAll(pattern)].map(([, target]) => target));
  return links.filter((target) => !SCHEME.test(target));
}

it('finds pages, links and anchors', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/admin/sign-in/keycloak.md']));
  expect(linksOf('README.md')).toContain('docs/user/sql.md');
  expect(linksOf('docs/user/query-editor.md')).toEqual(
    expect.arrayContaining(['../pictures/builder.png', '../pictures/builder-dark.png'])
  );
  expect(anchorsOf('docs/operator/operation.md')).toContain('what-the-operator-allows');
  expect(isBroken('README.md', 'docs/nothing.md')).toBe(true);
  expect(isBroken('README.md', 'docs/admin/installation.md#nothing')).toBe(true);
});

it.each(PAGES)('%s has no broken link', (page) => {
  expect(linksOf(page).filter((target) => isBroken(page, target))).toEqual([]);
});

/** Pages often omit the first folders: `handlers/query-data.ts` is a file of `proxy/`. */
function isMissing(file: string): boolean {
  return file.includes('/') ? !SOURCE_FILES.some((path) => `/${path}`.endsWith(`/${file}`)) : !SOURCE_NAMES.has(file);
}

function sourceFilesIn(page: string): string[] {
  const codes = [...markdownOf(page).matchAll(INLINE_CODE)].map(([code]) => code.slice(1, -1));
  return codes.filter((code) => SOURCE_FILE.test(code));
}

it('finds file names', () => {
  expect(sourceFilesIn('docs/developer/architecture.md')).toContain('src/datasource.ts');
  expect(isMissing('src/datasource.ts')).toBe(false);
  expect(isMissing('src/nothing.ts')).toBe(true);
  expect(isMissing('nothing.ts')).toBe(true);
});

it.each(PAGES.filter((page) => page !== 'CHANGELOG.md'))('%s names only source files that exist', (page) => {
  expect(sourceFilesIn(page).filter(isMissing)).toEqual([]);
});
