/**
 * `npx tsx scripts/repository/workflows.ts ROOT`: GitHub runs only the workflows in the root folder of a repository. If
 * the plugin is in another folder (`REPOSITORY_FOLDER`), this program writes its workflows to `ROOT/.github/workflows`,
 * changed so that they work in the plugin's folder.
 *
 * Exit code 1: no folder was named, or the plugin is in the root folder, where its workflows run as they are.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { REPOSITORY_FOLDER } from '../../contract/repository.ts';

const WORKFLOWS = join(__dirname, '../../.github/workflows');
/** Keys whose values are paths below the root of the repository. */
const PATH_KEYS = ['path', 'paths', 'cache-dependency-path', 'go-version-file', 'subject-path', 'working-directory'];
/** The site on GitHub Pages belongs to the whole repository. */
const ONLY_IN_ROOT = ['site.yml'];

interface Workflow extends Record<string, unknown> {
  on: Record<string, { branches?: string[]; paths?: string[] } | null>;
}

/** The workflows of a repository whose root is the plugin's folder: their sources by the names of their files. */
export function workflowsInRoot(): Map<string, string> {
  const files = globSync('*.yml', { cwd: WORKFLOWS }).sort();
  return new Map(files.map((file) => [file, readFileSync(join(WORKFLOWS, file), 'utf8')]));
}

/**
 * The workflows of a repository that has the plugin in a folder, by the names of their files. The names begin with the
 * name of the folder, because the repository has other workflows.
 *
 * @param folder The plugin's folder in the repository, with a slash at its end.
 */
export function workflowsInFolder(folder: string): Map<string, string> {
  const sources = [...workflowsInRoot()].filter(([file]) => !ONLY_IN_ROOT.includes(file));
  return new Map(
    sources.map(([file, source]) => {
      const { name, on, ...rest } = moved(parse(source), folder) as Workflow;
      const defaults = { run: { 'working-directory': folder.slice(0, -1) } };
      const workflow = { name: `Grafana plugin: ${String(name)}`, on: limited(on, folder), defaults, ...rest };
      const header = `# Made by scripts/repository/workflows.ts from ${folder}.github/workflows/${file}.\n`;
      return [fileName(file, folder), header + stringify(workflow, { lineWidth: 0 })];
    })
  );
}

/** Pushes and pull requests that do not change the plugin do not start its workflows. */
function limited(on: Workflow['on'], folder: string): Workflow['on'] {
  const entries = Object.entries(on).map(([event, options]) => {
    const isLimited = event === 'pull_request' || (event === 'push' && options?.branches !== undefined);
    const paths = [`${folder}**`, `.github/workflows/${fileName('*.yml', folder)}`];
    return [event, isLimited ? { ...options, paths } : options];
  });
  return Object.fromEntries(entries);
}

function fileName(file: string, folder: string): string {
  return `${folder.replaceAll('/', '-')}${file}`;
}

/** Changes the paths in a part of a workflow. @param key The key of the value in its object. */
function moved(value: unknown, folder: string, key = ''): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => moved(item, folder, key));
  }
  if (typeof value === 'object' && value !== null) {
    const parts = { ...value, ...('cache' in value && value.cache === 'npm' && lockFile(value)) };
    return Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, moved(part, folder, key)]));
  }
  return typeof value === 'string' ? movedString(value, folder, PATH_KEYS.includes(key)) : value;
}

function movedString(value: string, folder: string, isPath: boolean): string {
  if (isPath) {
    return value.startsWith('~') ? value : `${folder}${value}`;
  }
  return value
    .replace(/(?<=hashFiles\(')/g, folder)
    .replace(/(?<=^\.\/\.github\/workflows\/)\w+\.yml$/, (file) => fileName(file, folder));
}

/** `setup-node` looks for the lock file in the root folder unless it is named. */
function lockFile(inputs: object): object {
  return 'cache-dependency-path' in inputs ? {} : { 'cache-dependency-path': 'package-lock.json' };
}

/** Writes {@link workflowsInFolder}. @param root Root folder of the repository. @returns Paths of the files. */
export function writeWorkflows(root: string, folder: string): string[] {
  const target = join(root, '.github/workflows');
  mkdirSync(target, { recursive: true });
  return [...workflowsInFolder(folder)].map(([file, source]) => {
    writeFileSync(join(target, file), source);
    return join(target, file);
  });
}

function main([root]: string[]): void {
  if (root === undefined || REPOSITORY_FOLDER === '') {
    const reason = root === undefined ? 'Name the root folder of the repository.' : 'The plugin is in the root folder.';
    console.error(`${reason} Nothing was written.`);
    process.exitCode = 1;
    return;
  }
  console.log(writeWorkflows(root, REPOSITORY_FOLDER).join('\n'));
}

if (require.main === module) {
  main(process.argv.slice(2));
}
