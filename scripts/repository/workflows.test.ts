import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { workflowsInFolder, workflowsInRoot } from './workflows';

const ROOT = join(__dirname, '../..');
const FOLDER = 'tools/grafana/';
const MOVED = [...workflowsInFolder(FOLDER)].map(([file, source]) => ({ file, source, workflow: parse(source) }));

/** All values of a key, at any depth. A list is one value per item. */
function valuesOf(key: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = Object.entries(value).flatMap(([name, part]) => (name === key ? [part].flat().map(String) : []));
  return [...own, ...Object.values(value).flatMap((part) => valuesOf(key, part))];
}

it('finds the workflows', () => {
  expect([...workflowsInRoot().keys()]).toEqual(expect.arrayContaining(['ci.yml', 'release.yml', 'site.yml']));
  expect(MOVED.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['tools-grafana-ci.yml', 'tools-grafana-release.yml'])
  );
});

it('leaves out the site, which would replace the one of the repository', () => {
  expect(MOVED.map(({ file }) => file).filter((file) => file.endsWith('site.yml'))).toEqual([]);
});

describe.each(MOVED)('$file', ({ file, source, workflow }) => {
  it('runs its commands in the folder', () => {
    expect(workflow.defaults.run['working-directory']).toBe('tools/grafana');
    const others = valuesOf('working-directory', workflow.jobs);
    expect(others.filter((path) => !path.startsWith(FOLDER))).toEqual([]);
  });

  it('reads the files of the project in the folder', () => {
    const patterns = [
      ...['cache-dependency-path', 'go-version-file'].flatMap((key) => valuesOf(key, workflow)),
      ...[...source.matchAll(/hashFiles\('([^']+)'\)/g)].map(([, path]) => path),
    ];
    expect(patterns.length).toBeGreaterThan(0);
    expect(patterns.filter((path) => !path.startsWith(FOLDER))).toEqual([]);
    expect(patterns.filter((path) => globSync(path.slice(FOLDER.length), { cwd: ROOT }).length === 0)).toEqual([]);
  });

  it('writes and reads artifacts in the folder', () => {
    const paths = ['path', 'subject-path']
      .flatMap((key) => valuesOf(key, workflow))
      .filter((path) => !path.startsWith('~'));
    expect(paths.filter((path) => !path.startsWith(FOLDER))).toEqual([]);
  });

  it('calls workflows that exist', () => {
    const called = valuesOf('uses', workflow).filter((name) => name.startsWith('./'));
    const known = MOVED.map(({ file }) => `./.github/workflows/${file}`);
    expect(called.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('does not start for changes of other folders', () => {
    const events = [workflow.on.pull_request, workflow.on.push].filter((event) => event !== undefined && !event?.tags);
    expect(events.map((event) => event.paths)).toEqual(
      events.map(() => [`${FOLDER}**`, '.github/workflows/tools-grafana-*.yml'])
    );
  });

  it('names its source', () => {
    const [, path] = /^# Made by \S+ from tools\/grafana\/(\S+)\.\n/.exec(source) ?? [];
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(path.endsWith(file.replace('tools-grafana-', '/'))).toBe(true);
  });
});

it('keeps the caches of other folders', () => {
  expect(MOVED.flatMap(({ workflow }) => valuesOf('path', workflow))).toEqual(
    expect.arrayContaining(['~/.cache/keycloak'])
  );
});
