import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_URL } from '../contract/repository';
import { picturesOf } from './absolute-links';
import { releaseNotes } from './release-notes';

const CHANGELOG = `# Changelog

## Unreleased

- Next.

## 1.1.0 (2026-11-27)

### Queries

- New. See [Queries](docs/user/sql.md).

## 1.1

## 1.0.0

- First.
`;

it('returns the section of a version, with absolute links', () => {
  const page = `${PROJECT_URL}docs/user/sql.md`;
  expect(releaseNotes(CHANGELOG, '1.1.0')).toBe(`### Queries\n\n- New. See [Queries](${page}).`);
});

it('returns the last section', () => {
  expect(releaseNotes(CHANGELOG, '1.0.0')).toBe('- First.');
});

it.each(['1.1', '2.0.0', 'Unrel'])('fails for %s, which has no section with notes', (version) => {
  expect(() => releaseNotes(CHANGELOG, version)).toThrow(`"## ${version}"`);
});

it('fails for a picture of the project, which the page of a release cannot show', () => {
  const changelog = '## 1.0.0\n\n- New: ![a](docs/a.png) ![b](https://example.com/b.png)';
  expect(() => releaseNotes(changelog, '1.0.0')).toThrow('docs/a.png');
});

it('finds no picture of the project in CHANGELOG.md', () => {
  expect(picturesOf(readFileSync(join(__dirname, '../CHANGELOG.md'), 'utf8'))).toEqual([]);
});

it('finds the notes of an earlier release in CHANGELOG.md', () => {
  const changelog = readFileSync(join(__dirname, '../CHANGELOG.md'), 'utf8');
  expect(releaseNotes(changelog, '1.0.0').length).toBeGreaterThan(100);
});
