/** Runs the selected parts of a conformance run with the servers that they need. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type DemoServices } from '../support/demo-services';
import { startBuiltPlugin } from '../support/plugin';
import { checkAdministrators } from './administrators';
import { checkAudit } from './audit';
import { checkAuditMatrix } from './audit-matrix';
import { checkBuilderConditions } from './builder-conditions';
import { checkCancellation } from './cancellation';
import { type Checklist, type Cleanup } from './checklist';
import { checkGoldenResults } from './golden-results';
import { checkComposedFrames } from './composed-frames';
import { buildGrafanaHost, GrafanaHost } from './grafana-host';
import { checkGrafanaModules } from './grafana-modules';
import { checkHttp2 } from './h2spec';
import { checkKeycloak, checkKeycloakWithMicromegas, issuersOf, type KeycloakRealm } from './keycloak';
import { DownloadError, keycloakDistribution, KeycloakServer } from './keycloak-server';
import { type RunningServer } from './micromegas-origin';
import { startMicromegas, startOpenMicromegas } from './micromegas-server';
import { checkMutatedStreams } from './mutated-streams';
import { checkOidcProvider } from './oidc-provider';
import { InstallError } from './oidc-provider-server';
import { type Decision, type Tool } from './decisions';
import { missingTool, type Part } from './parts';
import { type GoModule, runGo, runProgram } from './processes';
import { checkLookups } from './lookups';
import { checkReadingStatements } from './reading-statements';
import { checkRealMicromegas, fillLake, type OwnLake, type RealLake } from './real-micromegas';
import { checkGrouping } from './grouping';
import { checkMacros } from './macros';
import { checkCorpus, checkDashboards, checkDocumentation, checkPluginDashboards } from './shipped-queries';
import { checkSidecar } from './sidecar';
import { keySources, oauthSources } from './sources';
import { type Tools } from './tools';
import { checkWhoAmI } from './who-am-i';

export interface Run {
  tools: Tools;
  decisions: Record<Part, Decision>;
  list: Checklist;
  cleanup: Cleanup;
  demo: DemoServices;
  /** Prints a line that is not the outcome of a check. */
  say: (line: string) => void;
}

const GOFMT_TIMEOUT_MS = 60_000;

/** Results of earlier parts that later parts use. Undefined: the earlier part did not run, or its setup failed. */
interface Earlier {
  /** Path of grafana-host. */
  program?: string;
  host?: GrafanaHost;
  realm?: KeycloakRealm;
}

async function buildHost({ list }: Run, module: GoModule): Promise<string | undefined> {
  let program: string | undefined;
  await list.check('grafana-host: the program builds', async () => {
    program = await buildGrafanaHost(module);
  });
  await list.check('grafana-host: go vet and gofmt find nothing', async () => {
    await runGo(module, ['vet', '.']);
    const gofmt = join((await runGo(module, ['env', 'GOROOT'])).trim(), 'bin', 'gofmt');
    const { stdout, stderr } = await runProgram(gofmt, ['-l', module.sources], { timeoutMs: GOFMT_TIMEOUT_MS });
    assert.equal(`${stdout}${stderr}`, '');
  });
  return program;
}

async function withGrafanaModules({ list, cleanup, demo }: Run, program: string): Promise<GrafanaHost | undefined> {
  let host: GrafanaHost | undefined;
  await list.check('grafana: handshake', async () => {
    host = await GrafanaHost.start(program);
    cleanup.add(host.end.bind(host));
  });
  if (host === undefined) {
    return undefined;
  }
  const sources = {
    ...keySources('demo', demo.lakehouse, demo.apiKey),
    ...oauthSources('demo', demo.lakehouse, demo),
  };
  await checkGrafanaModules(list, program, host, sources);
  await checkGoldenResults(list, host);
  await checkComposedFrames(list, host, sources.apiKey);
  await checkSidecar(list, program, sources, cleanup);
  return host;
}

async function withKeycloak({ list, cleanup }: Run, { maven }: { maven: string }): Promise<KeycloakRealm | undefined> {
  try {
    const home = await keycloakDistribution(maven);
    const server = await KeycloakServer.start(home, (stop) => cleanup.add(stop));
    return await checkKeycloak(list, server, cleanup);
  } catch (reason) {
    if (!(reason instanceof DownloadError)) {
      throw reason;
    }
    list.decided('keycloak', missingTool('keycloak', reason.message, process.env.CI));
    return undefined;
  }
}

async function withOidcProvider({ list, cleanup }: Run, { npm }: { npm: string }): Promise<void> {
  try {
    await checkOidcProvider(list, cleanup, npm);
  } catch (reason) {
    if (!(reason instanceof InstallError)) {
      throw reason;
    }
    list.decided('oidc-provider', missingTool('oidc-provider', reason.message, process.env.CI));
  }
}

/** Sends telemetry, and runs the checks that work with any server. @returns False if the telemetry does not appear. */
async function withLake({ list }: Run, lake: RealLake, { host }: Earlier): Promise<boolean> {
  if (!(await fillLake(list, lake))) {
    return false;
  }
  await checkRealMicromegas(list, lake, host);
  await checkLookups(list, lake);
  await checkDashboards(list, lake.plugin, lake.sources.apiKey);
  await checkPluginDashboards(list, lake.plugin, lake.sources.apiKey);
  await checkDocumentation(list, lake.plugin, lake.sources.apiKey);
  await checkCorpus(list, lake.plugin, lake.sources.apiKey);
  await checkMacros(list, lake.plugin, lake.sources.apiKey);
  await checkBuilderConditions(list, lake.plugin, lake.sources.apiKey);
  await checkGrouping(list, lake.plugin, lake.sources.apiKey);
  return true;
}

async function withRunningMicromegas(run: Run, server: RunningServer, earlier: Earlier): Promise<void> {
  const plugin = await startBuiltPlugin();
  run.cleanup.add(async () => void (await plugin.shutdown()));
  const { flight, ingestion, apiKey, oauth } = server;
  const sources = {
    ...keySources('lake', flight, apiKey),
    ...(oauth !== undefined && oauthSources('lake', flight, oauth)),
  };
  await withLake(run, { plugin, sources, ingestion }, earlier);
  for (const name of ['audit records', 'who am I', 'cancellation']) {
    run.list.skip(`micromegas, ${name}`, 'these checks read the audit log, and the run did not configure this server');
  }
  run.list.skip('micromegas, keycloak', "the server does not trust the run's Keycloak");
}

async function withMicromegas(run: Run, origin: Exclude<Tools['micromegas'], { missing: string }>, earlier: Earlier) {
  if (origin.kind === 'running') {
    return withRunningMicromegas(run, origin, earlier);
  }
  const { list, cleanup, demo } = run;
  const { realm } = earlier;
  const server = await startMicromegas(origin, [
    { issuer: demo.issuer, audience: demo.audience },
    ...(realm === undefined ? [] : issuersOf(realm)),
  ]);
  cleanup.add(server.stop);
  const plugin = await startBuiltPlugin();
  cleanup.add(async () => void (await plugin.shutdown()));
  const sources = {
    ...keySources('lake', server.flight, server.apiKey),
    ...oauthSources('lake', server.flight, demo),
  };
  const lake: OwnLake = { plugin, sources, ingestion: server.ingestion };
  if (await withLake(run, lake, earlier)) {
    await checkAudit(list, lake, demo.clientId);
    await checkAuditMatrix(list, lake, demo);
    await checkWhoAmI(list, lake, demo.clientId);
    await checkCancellation(list, lake);
    if (origin.kind === 'script') {
      const open = await startOpenMicromegas(origin);
      cleanup.add(open.stop);
      await checkReadingStatements(list, plugin, open, run.say);
      await checkAdministrators(list, plugin, lake.sources.apiKey, open.flight);
    } else {
      list.skip('micromegas, administrators', 'they need a server without a sign-in, which only a script starts');
      list.skip('micromegas, reading statements', 'they need the files of a server, which only a script starts');
    }
    if (realm === undefined) {
      list.skip('micromegas, keycloak', 'the part keycloak did not run');
    } else {
      await checkKeycloakWithMicromegas(list, plugin, server.flight, realm);
    }
  }
}

/** Runs the parts one after the other. A part that cannot be set up fails, and the next part runs. */
export async function runParts(run: Run): Promise<void> {
  const { list, cleanup, tools, decisions, say } = run;
  const part = async <T extends object>(name: Part, tool: Tool<T>, use: (tool: T) => Promise<void>): Promise<void> => {
    if (!list.decided(name, decisions[name]) || 'missing' in tool) {
      return;
    }
    try {
      await use(tool);
    } catch (reason) {
      list.fail(name, reason);
    }
  };
  const earlier: Earlier = {};
  await part('h2spec', tools.h2spec, (module) => checkHttp2(list, cleanup, module));
  await part('grafana', tools.grafana, async (module) => {
    earlier.program = await buildHost(run, module);
    earlier.host = earlier.program === undefined ? undefined : await withGrafanaModules(run, earlier.program);
  });
  await part('mutations', tools.mutations, async (module) => {
    const program = earlier.program ?? (await buildHost(run, module));
    await (program === undefined ? undefined : checkMutatedStreams(list, program, say));
  });
  await part('oidc-provider', tools['oidc-provider'], (tool) => withOidcProvider(run, tool));
  await part('keycloak', tools.keycloak, async (tool) => {
    earlier.realm = await withKeycloak(run, tool);
  });
  await part('micromegas', tools.micromegas, (origin) => withMicromegas(run, origin, earlier));
}
