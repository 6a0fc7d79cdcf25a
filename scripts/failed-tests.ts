/**
 * `tsx scripts/failed-tests.ts`: lists the failed tests in the Jest and Playwright reports of `test-results/`, with the
 * first lines of their errors. `.ci/run` calls it after a failure, so that the end of the log shows the reason, even if
 * the log is truncated. A report that cannot be read, for example because its tool was killed, is listed too.
 */
import { globSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';

/** Lines of an error to print. */
const ERROR_LINES = 6;

interface FailedTest {
  name: string;
  error: string;
}

const jestReport = v.object({
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      message: v.string(),
      assertionResults: v.array(
        v.object({ fullName: v.string(), status: v.string(), failureMessages: v.nullish(v.array(v.string()), []) })
      ),
    })
  ),
});

interface PlaywrightSuite {
  specs: Array<{
    title: string;
    file: string;
    ok: boolean;
    tests: Array<{ results: Array<{ error?: { message?: string | undefined } | undefined }> }>;
  }>;
  suites?: PlaywrightSuite[] | undefined;
}

const playwrightSuite: v.GenericSchema<PlaywrightSuite> = v.object({
  specs: v.array(
    v.object({
      title: v.string(),
      file: v.string(),
      ok: v.boolean(),
      tests: v.array(
        v.object({
          results: v.array(v.object({ error: v.optional(v.object({ message: v.optional(v.string()) })) })),
        })
      ),
    })
  ),
  suites: v.optional(v.array(v.lazy(() => playwrightSuite))),
});

const playwrightReport = v.object({
  suites: v.array(playwrightSuite),
  errors: v.optional(v.array(v.object({ message: v.optional(v.string()) })), []),
});

function jestFailures({ testResults }: v.InferOutput<typeof jestReport>): FailedTest[] {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed');
      return failed.length === 0
        ? [{ name, error: message }]
        : failed.map((test) => ({ name: `${name}: ${test.fullName}`, error: test.failureMessages.join('\n') }));
    });
}

function suiteFailures({ specs, suites = [] }: PlaywrightSuite): FailedTest[] {
  const failed = specs.filter(({ ok }) => !ok);
  return [
    ...failed.map(({ file, title, tests }) => ({
      name: `${file}: ${title}`,
      error: tests.flatMap(({ results }) => results.map(({ error }) => error?.message ?? '')).join('\n'),
    })),
    ...suites.flatMap(suiteFailures),
  ];
}

function failuresOf(report: unknown): FailedTest[] {
  const jest = v.safeParse(jestReport, report);
  if (jest.success) {
    return jestFailures(jest.output);
  }
  const { suites, errors } = v.parse(playwrightReport, report);
  return [
    ...errors.map(({ message = '' }) => ({ name: 'Playwright', error: message })),
    ...suites.flatMap(suiteFailures),
  ];
}

function describe({ name, error }: FailedTest): string[] {
  const lines = stripVTControlCharacters(error).trim().split('\n').slice(0, ERROR_LINES);
  return [`failed: ${name}`, ...lines.map((line) => `    ${line}`)];
}

/** Lines about the failed tests in the reports. */
export function failedTests(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
      return failuresOf(report).flatMap(describe);
    } catch (reason) {
      return [`cannot be read: ${path} (${String(reason)})`];
    }
  });
}

if (require.main === module) {
  process.stdout.write(
    failedTests(globSync('test-results/*.json'))
      .map((line) => `${line}\n`)
      .join('')
  );
}
