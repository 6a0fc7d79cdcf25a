/** Links of the README and the changelog in the package, which Grafana shows on a page where relative links lead nowhere. */
import { posix } from 'node:path';
import { DOCS_BASE_URL } from '../src/docs-links.ts';

/** Folder of the project on the web, with a slash at the end. */
const PROJECT_URL = new URL('.', `${DOCS_BASE_URL}`).href;

/** The same folder, with the content of files instead of pages about them. */
const FILES_URL = PROJECT_URL.replace('https://github.com/', 'https://raw.githubusercontent.com/').replace(
  '/blob/',
  '/'
);

/** `[text](target)` and `![text](target)`, as far as it matters here: `](target)` with what comes before the brackets. */
const LINK = /(!?)\[([^\]\n]*)\]\(([^()\s]+)\)/g;
const CODE = /^```[\s\S]*?^```$|`[^`\n]*`/gm;

/**
 * Makes the relative links and pictures of a page in the root folder absolute. Code stays as it is.
 *
 * @param markdown Text of a page. A link to a heading of the page itself (`#heading`) stays relative.
 */
export function withAbsoluteLinks(markdown: string): string {
  const parts = markdown.split(CODE);
  const codes = markdown.match(CODE) ?? [];
  return parts.map((text, at) => `${text.replace(LINK, absoluteLink)}${codes[at] ?? ''}`).join('');
}

function absoluteLink(link: string, picture: string, text: string, target: string): string {
  if (/^[a-z][a-z0-9+.-]*:|^#/i.test(target)) {
    return link;
  }
  const base = picture === '!' ? FILES_URL : PROJECT_URL;
  return `${picture}[${text}](${base}${posix.normalize(target)})`;
}
