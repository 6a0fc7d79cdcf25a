/**
 * `npx tsx scripts/release-notes.ts VERSION`: prints the section of CHANGELOG.md about a version, for the page of the
 * release.
 *
 * Exit code 1: CHANGELOG.md has no such section, or the section is empty or has a picture of the project.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { picturesOf, withAbsoluteLinks } from './absolute-links';

/**
 * @param changelog Content of CHANGELOG.md, with a heading `## VERSION` for each version. The heading may continue
 *   after the version, for example with a date.
 * @returns The section without its heading. Its links are absolute, because the page of a release is not in the
 *   project's folder.
 * @throws {Error} if there is no such section, or if it is empty or has a picture with a relative path. The page of a
 *   release is on GitHub, which cannot load the pictures in the package.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((section) => section.split(/\s/, 1)[0] === version);
  if (section === undefined) {
    throw new Error(`CHANGELOG.md has no section "## ${version}".`);
  }
  const notes = section.slice(section.indexOf('\n') + 1).trim();
  if (!section.includes('\n') || notes === '') {
    throw new Error(`The section "## ${version}" of CHANGELOG.md is empty.`);
  }
  const pictures = picturesOf(notes);
  if (pictures.length > 0) {
    throw new Error(
      `The section "## ${version}" of CHANGELOG.md must not have pictures of the project: ${pictures.join(', ')}.`
    );
  }
  return withAbsoluteLinks(notes);
}

function main([version]: string[]): void {
  if (version === undefined) {
    throw new Error('Name the version: npx tsx scripts/release-notes.ts 1.0.0');
  }
  process.stdout.write(`${releaseNotes(readFileSync(join(__dirname, '../CHANGELOG.md'), 'utf8'), version)}\n`);
}

if (require.main === module) {
  try {
    main(process.argv.slice(2));
  } catch (reason) {
    console.error(reason instanceof Error ? reason.message : reason);
    process.exitCode = 1;
  }
}
