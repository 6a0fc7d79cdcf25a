/**
 * `npm run package:check [-- PART...]`: runs the packages of `npm run package` in the environments where Grafana runs.
 *
 * Exit code 0: no check failed. 1: a check failed. 2: the command line or PACKAGE_CHECK_SKIP names an unknown part.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checklist, Cleanup } from '../conformance/checklist';
import { type Decision } from '../conformance/decisions';
import { stopOnSignals } from '../conformance/stop-on-signals';
import { decide, type Part } from './parts';
import { Packages } from './packages';
import { runParts } from './run-parts';
import { findTools, type Tools } from './tools';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function run(tools: Tools, decisions: ReadonlyMap<Part, Decision>, cleanup: Cleanup): Promise<void> {
  const list = new Checklist(say);
  try {
    await runParts({ tools, decisions, list, cleanup, say });
  } catch (reason) {
    list.fail('the run', reason);
  } finally {
    await cleanup.run().catch((reason: unknown) => list.fail('cleanup', reason));
  }
  say(list.summary());
  process.exitCode = list.hasFailed ? 1 : 0;
}

async function main(): Promise<void> {
  const cleanup = new Cleanup();
  stopOnSignals(cleanup, say);
  const scratch = mkdtempSync(join(tmpdir(), 'packages-'));
  cleanup.add(() => rmSync(scratch, { recursive: true, force: true }));
  // Grafana's user must be able to enter the folder.
  chmodSync(scratch, 0o755);
  const { CI: ci, PACKAGE_CHECK_SKIP: skip } = process.env;
  let tools: Awaited<ReturnType<typeof findTools>>;
  let decisions: ReadonlyMap<Part, Decision>;
  try {
    tools = await findTools(process.env, new Packages(process.env, scratch), scratch);
    decisions = decide({ only: process.argv.slice(2), skip, ci }, tools.missing);
  } catch (reason) {
    await cleanup.run();
    process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    process.exitCode = 2;
    return;
  }
  await run(tools, decisions, cleanup);
}

void main();
