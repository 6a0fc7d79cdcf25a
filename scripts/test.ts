/**
 * `npm test`: runs Jest (unit and integration tests) and Playwright (browser tests), and prints the totals of both.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
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

function jest(): Counts & { ok: boolean } {
  const ok = run('jest', ['--json', '--outputFile=test-results/jest.json', ...process.argv.slice(2)]);
  const report = readReport('test-results/jest.json');
  return {
    ok,
    passed: numberAt(report, 'numPassedTests'),
    failed: numberAt(report, 'numFailedTests') + numberAt(report, 'numRuntimeErrorTestSuites'),
    skipped: numberAt(report, 'numPendingTests') + numberAt(report, 'numTodoTests'),
  };
}

function playwright(): Counts & { ok: boolean } {
  const ok = run('playwright', ['test', '--project', 'grafana-12']);
  const report = readReport('test-results/e2e.json');
  return {
    ok,
    passed: numberAt(report, 'stats', 'expected') + numberAt(report, 'stats', 'flaky'),
    failed: numberAt(report, 'stats', 'unexpected'),
    skipped: numberAt(report, 'stats', 'skipped'),
  };
}

rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results', { recursive: true });
const results = [jest(), playwright()];
const total = results.reduce<Counts>(
  (sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }),
  NONE
);
const ok = results.every((result) => result.ok && result.passed > 0);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = ok && total.failed === 0 ? 0 : 1;
