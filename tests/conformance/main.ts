/**
 * `npm run conformance`: the built plugin against what it must agree with. Grafana's own modules in Grafana's place
 * (built with Go), a real Micromegas in the lakehouse's (built with cargo), and a real Keycloak in the issuer's (run with
 * Java). What is not installed is skipped.
 *
 * Exit code 0: every check passed. 1: one failed. Everything that was started is stopped, also on Ctrl-C.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoServices, type DemoServices } from '../support/demo-services';
import { startBuiltPlugin } from '../support/plugin';
import { secretWatch } from '../support/secret-watch';
import { checkAudit } from './audit';
import { checkAuditMatrix } from './audit-matrix';
import { checkCancellation } from './cancellation';
import { Checklist } from './checklist';
import { Cleanup } from './cleanup';
import { checkDashboards } from './shipped-queries';
import { checkDocumentation } from './documentation';
import { checkGoldenResults } from './golden-results';
import { buildGrafanaHost, type GrafanaHost } from './grafana-host';
import { checkGrafanaModules } from './grafana-modules';
import { checkHttp2 } from './h2spec';
import { checkKeycloak, checkKeycloakWithMicromegas, type KeycloakRealm } from './keycloak';
import { DownloadError, keycloakDistribution, KeycloakServer } from './keycloak-server';
import { isBuilt, startMicromegas } from './micromegas-server';
import { checkMutatedStreams } from './mutated-streams';
import { checkRealMicromegas, fillLake } from './real-micromegas';
import { checkSidecar } from './sidecar';
import { signIns } from './sources';
import { findTools, type Tool, type Tools } from './tools';
import { checkWhoAmI } from './who-am-i';

interface Run {
  list: Checklist;
  cleanup: Cleanup;
  demo: DemoServices;
  say: (line: string) => void;
}

async function withGrafanaModules({ list, cleanup, demo }: Run, tool: Tool): Promise<GrafanaHost | undefined> {
  if ('missing' in tool) {
    list.skip(`${tool.missing}: nothing was tried with Grafana's own modules`);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'mm'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  let host: GrafanaHost | undefined;
  const isReady = await list.check('grafana-host builds', async () => {
    host = await buildGrafanaHost(tool, folder);
  });
  if (!isReady || host === undefined) {
    return undefined;
  }
  const sources = signIns({ ...demo, host: demo.lakehouse });
  await checkGrafanaModules(list, host, sources);
  await checkGoldenResults(list, host);
  await checkSidecar(list, host, sources, cleanup);
  return host;
}

async function withFrameDecoder({ list, say }: Run, tool: Tool): Promise<void> {
  if ('missing' in tool) {
    list.skip(`${tool.missing}: no frames were tried with Grafana's decoder`);
    return;
  }
  await checkMutatedStreams(list, tool, say);
}

async function withKeycloak({ list, cleanup }: Run, tool: Tools['keycloak']): Promise<KeycloakRealm | undefined> {
  if ('missing' in tool) {
    list.skip(`${tool.missing}: nothing was tried with a real Keycloak`);
    return undefined;
  }
  let server: KeycloakServer;
  try {
    server = await KeycloakServer.start(await keycloakDistribution(tool.maven), (stop) => cleanup.add(stop));
  } catch (reason) {
    if (!(reason instanceof DownloadError)) {
      throw reason;
    }
    list.skip(`${reason.message}. Nothing was tried with a real Keycloak`);
    return undefined;
  }
  return checkKeycloak(list, server, cleanup);
}

interface RealMicromegasParts {
  host: GrafanaHost | undefined;
  keycloak: KeycloakRealm | undefined;
}

async function withRealMicromegas(run: Run, { micromegasServer: tool, path }: Tools, parts: RealMicromegasParts) {
  const { list, cleanup, demo, say } = run;
  const { host, keycloak } = parts;
  if ('missing' in tool) {
    list.skip(`${tool.missing}: nothing was tried with a real Micromegas`);
    return;
  }
  if (!isBuilt()) {
    say('A real Micromegas is built now, which takes about 20 minutes the first time.');
  }
  const server = await startMicromegas({
    sources: tool.sources,
    path,
    issuers: [{ issuer: demo.issuer, audience: demo.audience }, ...(keycloak === undefined ? [] : [keycloak])].map(
      ({ issuer, audience }) => ({ issuer, audience })
    ),
  });
  cleanup.add(server.stop);
  const plugin = await startBuiltPlugin();
  cleanup.add(async () => void (await plugin.shutdown()));
  const sources = signIns({ ...demo, apiKey: server.apiKey, host: server.flight });
  const lake = { plugin, sources, ingestion: server.ingestion };
  if (await fillLake(list, lake)) {
    await checkRealMicromegas(list, lake, host);
    await checkAudit(list, lake, demo.clientId);
    await checkAuditMatrix(list, lake, demo);
    await checkWhoAmI(list, lake, demo.clientId);
    await checkCancellation(list, lake);
    await checkDashboards(list, plugin, sources.apiKey);
    if (keycloak !== undefined) {
      await checkKeycloakWithMicromegas(list, plugin, server.flight, keycloak);
    }
    await checkDocumentation(list, plugin, sources.apiKey);
  }
}

async function main(): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const list = new Checklist(say);
  const cleanup = new Cleanup();
  let isInterrupted = false;
  const interrupted = (signal: NodeJS.Signals) => {
    // A terminal and npm's or tsx's wrapper both pass the signal on: the second one is no new wish.
    if (isInterrupted) {
      return;
    }
    isInterrupted = true;
    say(`${signal}: stopping.`);
    void cleanup.run().finally(() => process.exit(130));
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    const tools = findTools(process.env);
    const demo = await startDemoServices();
    cleanup.add(() => demo.stop());
    const run: Run = { list, cleanup, demo, say };
    await checkHttp2(list, cleanup, tools.h2spec);
    const host = await withGrafanaModules(run, tools.grafanaHost);
    await withFrameDecoder(run, tools.frameDecoder);
    const keycloak = await withKeycloak(run, tools.keycloak);
    await withRealMicromegas(run, tools, { host, keycloak });
    await list.check('no secret in anything that the proxy wrote or answered', () => {
      assert.ok(secretWatch.size.needles > 0 && secretWatch.size.heard > 0, 'nothing was watched');
      assert.deepEqual(secretWatch.findings(), []);
    });
  } catch (reason) {
    list.fail('the run', reason);
  } finally {
    await cleanup.run().catch((reason: unknown) => list.fail('stopping everything', reason));
  }
  say(list.summary());
  process.exitCode = list.failed === 0 ? 0 : 1;
}

void main();
