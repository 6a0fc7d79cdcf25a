import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { failedTests } from './failed-tests';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'failed-tests-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, content: string): string {
  const target = join(folder, path);
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, content);
  return target;
}

it('lists the failed tests of Jest and Playwright, and each report that cannot be read', () => {
  const failedTest = { fullName: 'adds', status: 'failed', failureMessages: ['\u001b[31mone\u001b[0m\ntwo'] };
  const passedTest = { fullName: 'subtracts', status: 'passed' };
  const results = [{ name: 'a.test.ts', status: 'failed', message: '', assertionResults: [failedTest, passedTest] }];
  const jest = JSON.stringify({ testResults: results });
  const spec = {
    title: 'opens',
    file: 'b.spec.ts',
    ok: false,
    tests: [{ results: [{ error: { message: 'three' } }] }],
  };
  const reports = [
    write('truncated.json', jest.slice(0, 40)),
    write('jest.json', jest),
    write('other.json', '{}'),
    write('playwright.json', JSON.stringify({ suites: [{ specs: [spec] }] })),
  ];
  const listed = failedTests(reports);
  expect(listed.map((line) => line.replace(/^(cannot be read: \S+).*/, '$1').replace(`${folder}/`, ''))).toEqual([
    'cannot be read: truncated.json',
    'failed: a.test.ts: adds',
    '    one',
    '    two',
    'cannot be read: other.json',
    'failed: b.spec.ts: opens',
    '    three',
  ]);
});

it('lists no failed tests of an earlier run, because .ci/run deletes old reports', () => {
  cpSync(join(__dirname, '../.ci/run'), join(folder, '.ci/run'));
  write('test-results/unit.json', '{}');
  chmodSync(write('bin/npm', '#!/bin/sh\nexit 1\n'), 0o755);
  chmodSync(write('bin/npx', '#!/bin/sh\necho called > npx-was-called\n'), 0o755);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { env, encoding: 'utf8' });
  expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringMatching(/^Failed: npm ci/m) });
  expect(readdirSync(folder).sort()).toEqual(['.ci', 'bin', 'npx-was-called']);
});
