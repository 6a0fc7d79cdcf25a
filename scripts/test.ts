/**
 * `npm test`: runs Jest (unit and integration tests) and Playwright (browser tests), and prints the totals of both.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of one run, and whether its exit code was 0. */
interface Result extends Counts {
  ok: boolean;
  /** Files with a test that failed in the first run and passed in the second. */
  flaky: string[];
}

/** More failed files than this are not run again. */
const MAX_FLAKY = 3;

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

function failedFiles(report: unknown): string[] {
  const results: unknown =
    report !== null && typeof report === 'object' && 'testResults' in report ? report.testResults : [];
  return (Array.isArray(results) ? (results as Array<{ name: string; status: string }>) : []).flatMap(
    ({ name, status }) => (status === 'failed' ? [relative('.', name)] : [])
  );
}

function jestCounts(report: unknown): Counts {
  return {
    passed: numberAt(report, 'numPassedTests'),
    failed: numberAt(report, 'numFailedTests') + numberAt(report, 'numRuntimeErrorTestSuites'),
    skipped: numberAt(report, 'numPendingTests') + numberAt(report, 'numTodoTests'),
  };
}

/**
 * Unit tests use all cores. Integration tests start processes of their own, so they use half of the cores.
 *
 * @param selection Arguments of the command line, such as a path. A selection may leave no test in one of the runs.
 */
function jest(name: string, projects: string[], workers: string, selection: string[]): Result {
  const outputFile = `test-results/${name}.json`;
  const only = selection.length > 0 ? ['--passWithNoTests', '--', ...selection] : [];
  const options = [`--maxWorkers=${workers}`, '--json', `--outputFile=${outputFile}`, ...only];
  const ok = run('jest', ['--selectProjects', ...projects, ...options]);
  const report = readReport(outputFile);
  const first = { ok, flaky: [], ...jestCounts(report) };
  const failed = failedFiles(report);
  return ok || process.env.CI === undefined || failed.length === 0 || failed.length > MAX_FLAKY
    ? first
    : jestAgain(name, projects, failed, first);
}

/**
 * In CI, runs a few failed files once more, one after the other: a machine with other work may be slower than a server of a test
 * expects. The summary names them.
 */
function jestAgain(name: string, projects: string[], files: string[], first: Result): Result {
  process.stdout.write(`\nRunning again: ${files.join(', ')}\n`);
  const outputFile = `test-results/${name}-again.json`;
  const options = ['--runInBand', '--json', `--outputFile=${outputFile}`, '--runTestsByPath', ...files];
  const ok = run('jest', ['--selectProjects', ...projects, ...options]);
  const { failed } = jestCounts(readReport(outputFile));
  return ok && failed === 0
    ? { ok, passed: first.passed + first.failed, failed: 0, skipped: first.skipped, flaky: files }
    : first;
}

function playwright(): Result {
  const ok = run('playwright', ['test', '--project', 'grafana-12']);
  const report = readReport('test-results/e2e.json');
  return {
    ok,
    passed: numberAt(report, 'stats', 'expected') + numberAt(report, 'stats', 'flaky'),
    failed: numberAt(report, 'stats', 'unexpected'),
    skipped: numberAt(report, 'stats', 'skipped'),
    flaky: numberAt(report, 'stats', 'flaky') > 0 ? ['tests/e2e'] : [],
  };
}

rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results', { recursive: true });
const selection = process.argv.slice(2);
const unit = jest('unit', ['browser-half', 'node-half'], '100%', selection);
const integration = jest('integration', ['integration'], '50%', selection);
const results = [unit, integration, playwright()];
const total = results.reduce<Counts>(
  (sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }),
  NONE
);
const ok = results.every((result) => result.ok && (result.passed > 0 || selection.length > 0));
const flaky = results.flatMap((result) => result.flaky);
if (flaky.length > 0) {
  process.stdout.write(`\nPassed only when they ran again: ${flaky.join(', ')}\n`);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = ok && total.failed === 0 && total.passed > 0 ? 0 : 1;
