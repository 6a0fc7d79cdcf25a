/**
 * `npm run check:deploy`: checks the files for deployment with the tools that read them. It starts no container and no
 * cluster.
 *
 * A check whose tool is missing is skipped with the reason. With CI=true, such a check fails.
 *
 * Exit code 0: every check passed or was skipped. 1: a check failed.
 */
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWorkflows } from '../repository/workflows';
import { goProblems, hadolint, kubernetesSchemas, MissingToolError, problemsOf } from './tools';

const ROOT = join(__dirname, '../..');

/** Files of the project. @throws {Error} if no file matches: a check of no files would always pass. */
function files(pattern: string): string[] {
  const found = globSync(pattern, { cwd: ROOT }).sort();
  if (found.length === 0) {
    throw new Error(`There is no file ${pattern}.`);
  }
  return found;
}

/** Disables the optional helpers shellcheck and pyflakes, so that the result does not depend on the machine. */
function workflowProblems(workflows: string[]): string | undefined {
  return goProblems('actionlint', ['-shellcheck=', '-pyflakes=', ...workflows]);
}

function workflowsInFolderProblems(): string | undefined {
  const root = mkdtempSync(join(tmpdir(), 'workflows-'));
  try {
    return workflowProblems(writeWorkflows(root, 'grafana/'));
  } finally {
    rmSync(root, { recursive: true });
  }
}

const COMPOSE_TESTS = ['docker-compose.yml', 'tests/grafana/docker-compose.yml'];

/** Each check returns the messages of its tool if the tool found a problem. */
const CHECKS: Record<string, () => string | undefined> = {
  'Kubernetes manifests match the schemas of Kubernetes': () =>
    goProblems('kubeconform', [
      '-strict',
      '-schema-location',
      kubernetesSchemas(),
      ...files('deploy/kubernetes/*.yaml'),
    ]),
  'docker-compose.yml follows the Compose specification': () => goProblems('compose', ['docker-compose.yml']),
  'docker-compose.yml with the changes for tests follows the Compose specification': () =>
    goProblems('compose', COMPOSE_TESTS),
  'Dockerfiles have no finding of hadolint': () => problemsOf(hadolint(), files('docker/*.Dockerfile')),
  'Terraform files are formatted HCL': () =>
    goProblems('hclfmt', ['-check', '-require-no-change', ...files('deploy/terraform/*.tf')]),
  'Workflows have no finding of actionlint': () => workflowProblems(files('.github/workflows/*.yml')),
  'Workflows for a folder of a repository have no finding of actionlint': workflowsInFolderProblems,
};

function main(): void {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const report = (result: keyof typeof counts, message: string) => {
    counts[result]++;
    console.log(`${result.padEnd(7)} ${message}`);
  };
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      const problems = check();
      report(problems === undefined ? 'passed' : 'failed', problems === undefined ? name : `${name}\n${problems}`);
    } catch (reason) {
      const isSkipped = reason instanceof MissingToolError && process.env.CI !== 'true';
      report(isSkipped ? 'skipped' : 'failed', `${name}: ${reason instanceof Error ? reason.message : String(reason)}`);
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

main();
