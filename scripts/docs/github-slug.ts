/**
 * GitHub's anchor of a heading: lower case, without punctuation, with dashes instead of blanks. The site uses the same
 * anchors.
 */
export function githubSlug(heading: string): string {
  const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
}
