/** Adapts the pages of `docs/` to the site in `site/`: creates the menu, and converts links and pictures. */
import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { INDEX_PAGE, pageFiles, readPageFile, titleOf } from './page-files.ts';
import { PROJECT_URL } from '../../contract/repository.ts';

const ROOT = join(__dirname, '../..');

/** Version of the plugin, for the heading of the site. */
export const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

interface MenuEntry {
  text: string;
  link?: string;
  collapsed?: boolean;
  items?: MenuEntry[];
}

const FOLDERS: ReadonlyArray<{ folder: string; text: string }> = [
  { folder: 'user', text: 'Look at data' },
  { folder: 'admin', text: 'Administer data sources' },
  { folder: 'operator', text: 'Operate Grafana' },
  { folder: 'developer', text: 'Change the plugin' },
];

/** Address of a page on the site. */
function addressOf(page: string): string {
  return page
    .replace(/^docs/, '')
    .replace(/README\.md$/, '')
    .replace(/\.md$/, '.html');
}

function entryOf(page: string): MenuEntry {
  return { text: titleOf(page), link: addressOf(page) };
}

/** The menu: the pages of each folder in the order in which the index names them. */
export function sidebar(): MenuEntry[] {
  const targets = [...readPageFile(INDEX_PAGE).matchAll(/\]\(([^()\s#]+\.md)/g)].map(([, target]) =>
    posix.join('docs', target)
  );
  const { pages } = pageFiles();
  // If the index names a page more than once, the last position counts: the first section of the index lists symptoms,
  // and the order of its pages has no meaning.
  const ordered = [...new Set(targets.reverse())].reverse().filter((page) => pages.includes(page));
  const groups = FOLDERS.map(({ folder, text }) => ({
    text,
    collapsed: false,
    items: ordered.filter((page) => page.startsWith(`docs/${folder}/`)).map(entryOf),
  }));
  return [{ text: 'By question', link: '/' }, entryOf('docs/errors.md'), ...groups];
}

/** Globs of the pages that the site omits: pages at old addresses, which only GitHub shows. */
export function movedPages(): string[] {
  return pageFiles().moved.map((page) => page.replace(/^docs\//, ''));
}

/** Rewrites of VitePress, which make `README.md` the page of its folder. */
export function rewrites(): Record<string, string> {
  const indexes = pageFiles().pages.filter((page) => page.endsWith('/README.md'));
  return Object.fromEntries(
    indexes.map((page) => [page.replace(/^docs\//, ''), page.replace(/^docs\//, '').replace(/README\.md$/, 'index.md')])
  );
}

const SCHEME = /^[a-z][a-z0-9+.-]*:|^#|^\//i;

/**
 * Converts a link of a page for the site: a file outside of `docs/` becomes a link to the repository, and `README.md`
 * becomes the page of its folder.
 *
 * @param page Path of the page, such as `docs/user/sql.md`.
 */
export function siteLink(page: string, target: string): string {
  if (SCHEME.test(target)) {
    return target;
  }
  const [path, anchor = ''] = target.split(/(?=#)/);
  const file = posix.join(dirname(page), path);
  if (!file.startsWith('docs/')) {
    return `${PROJECT_URL}${file}${anchor}`;
  }
  return `${path.replace(/README\.md$/, 'index.md')}${anchor}`;
}

/** A picture with a variant for the dark theme of the system. */
const PICTURE =
  /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)" ?\/?>\s*<img ([^>]*?) ?\/?>\s*<\/picture>/g;

/** Two pictures. The style sheet of the site shows the one of the current theme. */
export function sitePictures(html: string): string {
  return html.replace(PICTURE, (_, dark: string, light: string) => {
    const variant = light.replace(/src="[^"]*"/, `src="${dark}"`);
    return `<img class="picture-light" ${light}><img class="picture-dark" ${variant}>`;
  });
}

/** Vue would evaluate two braces as an expression. */
export function withoutExpressions(html: string): string {
  return html.replaceAll('{{', '&#123;&#123;');
}

interface Token {
  type: string;
  content: string;
  children: Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

type RenderRule = (tokens: Token[], index: number, ...rest: unknown[]) => string;

/** The parts of markdown-it that are used here. */
interface MarkdownIt {
  core: { ruler: { push(name: string, rule: (state: { tokens: Token[]; env: PageOfSite }) => void): void } };
  renderer: { rules: Record<string, RenderRule | undefined> };
  utils: { escapeHtml(html: string): string };
}

/** Environment of a page in VitePress. */
interface PageOfSite {
  path: string;
  /** Path before `rewrites`. */
  realPath?: string;
}

function adapt(tokens: Token[], page: string): void {
  for (const token of tokens) {
    const target = token.type === 'link_open' ? token.attrGet('href') : null;
    if (target !== null) {
      token.attrSet('href', siteLink(page, target));
    } else if (token.type.startsWith('html_')) {
      token.content = sitePictures(token.content);
    }
    adapt(token.children ?? [], page);
  }
}

/** Adapts markdown-it to the pages, which are written for GitHub. */
export function usePluginMarkdown(md: MarkdownIt): void {
  md.core.ruler.push('links-and-pictures', ({ tokens, env }) => {
    adapt(tokens, relative(ROOT, env.realPath ?? env.path).replaceAll(sep, '/'));
  });
  const { rules } = md.renderer;
  const { text, code_inline: code } = rules;
  const escaped = (tokens: Token[], index: number) => md.utils.escapeHtml(tokens[index].content);
  rules.text = (...args) => withoutExpressions((text ?? escaped)(...args));
  rules.code_inline = (...args) =>
    withoutExpressions((code ?? ((tokens, index) => `<code>${escaped(tokens, index)}</code>`))(...args));
}
