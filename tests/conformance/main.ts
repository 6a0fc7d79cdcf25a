/**
 * `npm run conformance [-- PART...]`: runs the built plugin with h2spec, Grafana's own modules, oidc-provider, a real
 * Keycloak and a real Micromegas.
 *
 * Exit code 0: no check failed. 1: a check failed. 2: the command line or CONFORMANCE_SKIP names an unknown part.
 */
import assert from 'node:assert/strict';
import { startDemoServices } from '../support/demo-services';
import { secretWatch } from '../support/secret-watch';
import { Checklist, Cleanup } from './checklist';
import { type Decision } from './decisions';
import { decide, type Part } from './parts';
import { runParts } from './run-parts';
import { stopOnSignals } from './stop-on-signals';
import { findTools, missingTools, type Tools } from './tools';

/** Parts that start a plugin whose log and responses are searched for secrets. */
const WATCHED: readonly Part[] = ['grafana', 'oidc-provider', 'keycloak', 'micromegas'];

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function run(tools: Tools, decisions: Record<Part, Decision>): Promise<void> {
  const list = new Checklist(say);
  const cleanup = new Cleanup();
  stopOnSignals(cleanup, say);
  try {
    const demo = await startDemoServices();
    cleanup.add(() => demo.stop());
    await runParts({ tools, decisions, list, cleanup, demo, say });
    if (WATCHED.some((part) => decisions[part].kind === 'run')) {
      await list.check('secrets: none in the log and the responses of the plugin', () => {
        assert.ok(secretWatch.size.needles > 0 && secretWatch.size.recorded > 0, 'There was nothing to search.');
        assert.deepEqual(secretWatch.findings(), []);
      });
    }
  } catch (reason) {
    list.fail('the run', reason);
  } finally {
    await cleanup.run().catch((reason: unknown) => list.fail('cleanup', reason));
  }
  say(list.summary());
  process.exitCode = list.hasFailed ? 1 : 0;
}

function main(): void {
  const tools = findTools(process.env);
  const { CI: ci, CONFORMANCE_SKIP: skip } = process.env;
  let decisions: Record<Part, Decision>;
  try {
    decisions = decide({ only: process.argv.slice(2), skip, ci }, missingTools(tools));
  } catch (reason) {
    process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
    process.exitCode = 2;
    return;
  }
  void run(tools, decisions);
}

main();
