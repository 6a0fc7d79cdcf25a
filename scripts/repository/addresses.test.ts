/** Checks that documents, examples and workflows have the addresses and tags of `contract/repository.ts`. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { releaseTag, REPOSITORY, REPOSITORY_FOLDER } from '../../contract/repository';
import packageJson from '../../package.json';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const FILES = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.{yaml,tf}', 'docker/*', 'docker-compose.yml'], {
  cwd: ROOT,
});
const RELEASES = FILES.flatMap((file) =>
  [...read(file).matchAll(/https:\/\/[^\s"'`)]+\/releases(?:\/download\/([^\s/]+)\/)?(?=[\s"'`)\w$-])/g)]
    .filter(([address]) => address.includes('micromegas'))
    .map(([address, tag]) => ({ file, address, tag }))
);

it('finds the addresses of releases', () => {
  const files = new Set(RELEASES.map(({ file }) => file));
  expect([...files]).toEqual(expect.arrayContaining(['docs/admin/installation.md', 'deploy/helm/values.yaml']));
  expect(RELEASES.filter(({ tag }) => tag !== undefined).length).toBeGreaterThan(5);
});

it('has the releases of the repository in documents and examples', () => {
  expect(RELEASES.filter(({ address }) => !address.startsWith(`${REPOSITORY}/releases`))).toEqual([]);
});

it('has the tag of the current version in documents and examples', () => {
  const tags = [releaseTag(packageJson.version), releaseTag('$VERSION')];
  expect(RELEASES.filter(({ tag }) => tag !== undefined && !tags.includes(tag))).toEqual([]);
});

it('has the repository in package.json', () => {
  const folder = REPOSITORY_FOLDER === '' ? {} : { directory: REPOSITORY_FOLDER.slice(0, -1) };
  expect(packageJson.repository).toEqual({ type: 'git', url: `git+${REPOSITORY}.git`, ...folder });
});

it('has the tag in the release workflow', () => {
  const release = read('.github/workflows/release.yml');
  expect(parse(release).on.push.tags).toEqual([releaseTag('*')]);
  expect(release).toContain(`test "${releaseTag('$(node')}`);
  expect(release).toContain(`\${GITHUB_REF_NAME#${releaseTag('')}}`);
});

it('has the tag in the steps of a release', () => {
  expect(read('docs/developer/releases.md')).toContain(`\`${releaseTag('VERSION')}\``);
});

it('has the repository in the command that verifies an attestation', () => {
  expect(read('docs/admin/installation.md')).toContain(`--repo ${new URL(REPOSITORY).pathname.slice(1)}\``);
});
