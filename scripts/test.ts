/**
 * `npm test`: runs Jest (unit and integration tests) and Playwright (browser tests), and prints the totals of both. No
 * test runs twice.
 *
 * Arguments select the test files of both tools: the path of a file must match one of the arguments. With
 * `ALL_TESTS=1`, as in `.ci/run`, it also runs the browser tests with the tag `@full`, and the integration tests use
 * more random SQL, time zones and days.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of one run, and whether its exit code was 0. */
interface Result extends Counts {
  ok: boolean;
}

const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs a tool in this terminal. @returns True if its exit code is 0. */
function run(command: string, args: string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) {
    throw error;
  }
  return status === 0;
}

function readReport(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function numberAt(report: unknown, ...path: string[]): number {
  const value = path.reduce<unknown>(
    (at, key) =>
      at !== null && typeof at === 'object' ? Object.entries(at).find(([name]) => name === key)?.[1] : undefined,
    report
  );
  return typeof value === 'number' ? value : 0;
}

function jestCounts(report: unknown): Counts {
  return {
    passed: numberAt(report, 'numPassedTests'),
    failed: numberAt(report, 'numFailedTests') + numberAt(report, 'numRuntimeErrorTestSuites'),
    skipped: numberAt(report, 'numPendingTests') + numberAt(report, 'numTodoTests'),
  };
}

/**
 * @param selection Arguments of the command line: regular expressions for paths. If there is a selection, the run
 *   passes even if no test matches.
 */
function jest(name: string, projects: string[], workers: string, selection: string[]): Result {
  const outputFile = `test-results/${name}.json`;
  const only = selection.length > 0 ? ['--passWithNoTests', '--', ...selection] : [];
  const options = [`--maxWorkers=${workers}`, '--json', `--outputFile=${outputFile}`, ...only];
  const ok = run('jest', ['--selectProjects', ...projects, ...options]);
  return { ok, ...jestCounts(readReport(outputFile)) };
}

/** @param selection As for `jest`. */
function playwright(selection: string[]): Result {
  const tags = process.env.ALL_TESTS === '1' ? [] : ['--grep-invert', '@full'];
  const only = selection.length > 0 ? ['--pass-with-no-tests', ...selection] : [];
  const ok = run('playwright', ['test', '--project', 'grafana-12', ...tags, ...only]);
  const report = readReport('test-results/e2e.json');
  return {
    ok,
    passed: numberAt(report, 'stats', 'expected'),
    failed: numberAt(report, 'stats', 'unexpected'),
    skipped: numberAt(report, 'stats', 'skipped'),
  };
}

rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results', { recursive: true });
const selection = process.argv.slice(2);
const results = [
  jest('unit', ['frontend', 'frontend-without-dom', 'backend'], '100%', selection),
  jest('integration', ['integration'], '100%', selection),
  jest('integration-serial', ['integration-serial'], '1', selection),
  playwright(selection),
];
const total = results.reduce<Counts>(
  (sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }),
  NONE
);
const ok = results.every((result) => result.ok && (result.passed > 0 || selection.length > 0));
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = ok && total.failed === 0 && total.passed > 0 ? 0 : 1;
