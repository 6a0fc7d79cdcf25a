/**
 * `npm run test:grafana:local`: runs the tests with the Grafana of `../shared/grafana/run`, without containers. The
 * arguments go to Playwright. `SHARED_DIR` replaces the folder `../shared`.
 *
 * Grafana runs on a free port, with the plugin in `dist/`, the data sources and rules of `provisioning/`, and a new
 * database. After the tests, Grafana is stopped and its database is removed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../conformance/processes';
import { startDemoServices } from '../support/demo-services';
import { eventually } from '../support/eventually';
import { toEnvironment } from './services';

const ROOT = join(__dirname, '../..');
const START_SCRIPT = join(process.env.SHARED_DIR ?? join(ROOT, '../shared'), 'grafana/run');
const PROVISIONED_FILES = ['datasources/micromegas.yaml', 'alerting/micromegas.yaml'];
/** The first start of the script unpacks Grafana. */
const READY_WITHIN_MS = 5 * 60_000;
/** Lines of Grafana's log to print if it does not start, or if a test fails. */
const LOG_LINES = 50;

/** The processes to stop when a signal arrives. */
const children = new Set<ChildProcess>();

function start(...[command, args, options]: Parameters<typeof spawn>): { child: ChildProcess; ended: Promise<number> } {
  const child = spawn(command, args, options);
  children.add(child);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
  return { child, ended };
}

interface LocalGrafana {
  url: string;
  version: string;
  /** The last lines of Grafana's log. */
  log(): string;
  stop(): Promise<void>;
}

/** Resolves when Grafana responds. @param env Environment of Grafana and the plugin. */
async function startGrafana(env: NodeJS.ProcessEnv): Promise<LocalGrafana> {
  const folder = mkdtempSync(join(tmpdir(), 'grafana-'));
  for (const file of PROVISIONED_FILES) {
    const copy = join(folder, 'provisioning', file);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(ROOT, 'provisioning', file), copy);
  }
  const [port] = await freePorts(1);
  const output = join(folder, 'output');
  const file = openSync(output, 'w');
  const { child, ended } = start(START_SCRIPT, [folder, join(ROOT, 'dist'), String(port)], {
    env: { ...env, NODE: process.execPath },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  const log = () => readFileSync(output, 'utf8').split('\n').slice(-LOG_LINES).join('\n');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const responses = eventually('Grafana', READY_WITHIN_MS, async () => {
    const response = await fetch(`${url}/api/health`);
    return response.ok ? ((await response.json()) as { version: string }) : undefined;
  });
  let version: string;
  try {
    ({ version } = await Promise.race([
      responses,
      ended.then((code) => Promise.reject<never>(new Error(`Grafana exited with ${code}.`))),
    ]));
  } catch (reason) {
    console.error(log());
    await stop();
    throw reason;
  }
  return { url, version, log, stop };
}

/** @returns The exit status of the tests. */
async function runTests(env: NodeJS.ProcessEnv): Promise<number> {
  const grafana = await startGrafana(env);
  try {
    const { ended } = start('npm', ['run', 'test:grafana', '--', ...process.argv.slice(2)], {
      cwd: ROOT,
      env: { ...env, GRAFANA_URL: grafana.url, GRAFANA_VERSION: grafana.version },
      stdio: 'inherit',
    });
    const status = await ended;
    if (status !== 0) {
      console.error(grafana.log());
    }
    return status;
  } finally {
    await grafana.stop();
  }
}

async function main(): Promise<void> {
  if (!existsSync(START_SCRIPT)) {
    throw new Error(`There is no ${START_SCRIPT}. SHARED_DIR names the folder that has grafana/run.`);
  }
  const services = await startDemoServices();
  try {
    process.exitCode = await runTests({ ...process.env, ...toEnvironment(services) });
  } finally {
    await services.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => children.forEach((child) => child.kill('SIGTERM')));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
