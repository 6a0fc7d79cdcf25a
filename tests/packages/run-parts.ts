/** Runs the selected parts of the package checks, with the demo's lakehouse on loopback. */
import { type Checklist, type Cleanup } from '../conformance/checklist';
import { type Decision, toolMissing } from '../conformance/decisions';
import { buildGrafanaHost } from '../conformance/grafana-host';
import { keySources, oauthSources } from '../conformance/sources';
import { startDemoServices } from '../support/demo-services';
import { type Run } from './calls';
import {
  checkAlpine,
  checkArm64,
  checkDistroless,
  checkGlibc,
  checkReadOnly,
  checkRestricted,
  type Environment,
} from './environments';
import { checkOldNode, checkReplace, checkRuntime, measureStartUp, type OnThisMachine } from './native';
import { findOldNode } from './old-node';
import { checkFiles } from './files';
import { type Part, PARTS, RUN } from './parts';
import { Systems } from './systems';
import { type Tools } from './tools';

export interface RunPartsOptions {
  tools: Tools;
  decisions: ReadonlyMap<Part, Decision>;
  list: Checklist;
  cleanup: Cleanup;
  /** Prints a line that is not the outcome of a check. */
  say: (line: string) => void;
}

const ENVIRONMENTS: Readonly<Partial<Record<Part, (environment: Environment) => Promise<void>>>> = {
  alpine: checkAlpine,
  glibc: checkGlibc,
  distroless: checkDistroless,
  'read-only': checkReadOnly,
  restricted: checkRestricted,
  arm64: checkArm64,
};

const ON_THIS_MACHINE: Readonly<Partial<Record<Part, (here: OnThisMachine) => Promise<void>>>> = {
  'old-node': withOldNode,
  runtime: checkRuntime,
  replace: checkReplace,
  'start-up': measureStartUp,
};

async function withOldNode(here: OnThisMachine): Promise<void> {
  const found = await findOldNode(process.env);
  if ('missing' in found) {
    here.run.list.decided('old-node', toolMissing(RUN, 'old-node', found.missing, process.env.CI));
  } else {
    await checkOldNode(here, found.path);
  }
}

/** Runs the parts one after the other. A part that cannot be set up fails, and the next part runs. */
export async function runParts({ tools, decisions, list, cleanup, say }: RunPartsOptions): Promise<void> {
  const { packages, grafanaHost, debian, scratch } = tools;
  const selected = PARTS.filter((part) => list.decided(part, decisions.get(part) ?? { kind: 'run' }));
  if (selected.includes('files')) {
    await checkFiles(list, packages, say);
  }
  const started = selected.filter((part) => part !== 'files');
  if (started.length === 0 || 'missing' in grafanaHost) {
    return;
  }
  const demo = await startDemoServices();
  cleanup.add(() => demo.stop());
  const sources = {
    ...keySources('demo', demo.lakehouse, demo.apiKey),
    ...oauthSources('demo', demo.lakehouse, demo),
  };
  const run: Run = { list, program: await buildGrafanaHost(grafanaHost), sources, say };
  const systems = 'missing' in debian ? undefined : new Systems(debian, scratch);
  for (const part of started) {
    try {
      const plugin = await packages.unpack(part === 'arm64' ? 'linux_arm64' : 'linux_amd64');
      const here = { run, scratch, plugin };
      if (systems !== undefined) {
        await ENVIRONMENTS[part]?.({ ...here, systems });
      }
      await ON_THIS_MACHINE[part]?.(here);
    } catch (reason) {
      list.fail(part, reason);
    }
  }
}
