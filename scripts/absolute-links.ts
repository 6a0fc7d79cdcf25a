/**
 * Rewrites the links and pictures of the README and the changelog for the package. Grafana shows these files on a page
 * where relative links do not work. `release-notes.ts` rewrites the links of a section of the changelog for GitHub.
 */
import { posix } from 'node:path';
import { PLUGIN_ID } from '../contract/plugin-id.ts';
import { PROJECT_URL } from '../contract/repository.ts';

/**
 * Path of the pictures in the package, relative to the plugin's page. Browsers load the pictures from Grafana, without
 * access to the internet.
 */
const PICTURES_URL = `../public/plugins/${PLUGIN_ID}/img/`;

/** A link `[text](target)` or a picture `![text](target)`. */
const LINK = /(!?)\[([^\]\n]*)\]\(([^()\s]+)\)/g;
const CODE = /^```[\s\S]*?^```$|`[^`\n]*`/gm;

/** Splits a page into its code and the parts outside of code. */
function split(markdown: string): { parts: string[]; codes: readonly string[] } {
  return { parts: markdown.split(CODE), codes: markdown.match(CODE) ?? [] };
}

function isRelative(target: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:|^#/i.test(target);
}

/**
 * Makes the relative links of a page in the root folder absolute, and replaces its pictures with `<img>` tags, which
 * load the copies in the package. Code is not changed.
 *
 * @param markdown The source of the page. A link to a heading of the page itself (`#heading`) stays relative.
 */
export function withAbsoluteLinks(markdown: string): string {
  const { parts, codes } = split(markdown);
  return parts.map((part, at) => `${part.replace(LINK, absoluteLink)}${codes[at] ?? ''}`).join('');
}

/** The relative paths of the pictures of a page. The package has copies of them in the folder `img`. */
export function picturesOf(markdown: string): string[] {
  const links = split(markdown).parts.flatMap((part) => [...part.matchAll(LINK)]);
  return links.flatMap(([, picture, , target]) => (picture === '!' && isRelative(target) ? [target] : []));
}

function absoluteLink(link: string, picture: string, label: string, target: string): string {
  if (!isRelative(target)) {
    return link;
  }
  return picture === '!'
    ? pictureTag(label, posix.basename(target))
    : `[${label}](${PROJECT_URL}${posix.normalize(target)})`;
}

/** Writes the picture as HTML, because Grafana's validator rejects relative links in Markdown, including pictures. */
function pictureTag(description: string, file: string): string {
  const alt = description.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
  return `<img src="${PICTURES_URL}${file}" alt="${alt}" />`;
}
