/** Starts the Grafana of `../shared/grafana/run`, with the plugin in `dist/` and a new database, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../conformance/processes';
import { eventually } from '../support/eventually';

const ROOT = join(__dirname, '../..');
/** The script that starts Grafana. `SHARED_DIR` replaces the folder `../shared`. */
export const START_SCRIPT = join(process.env.SHARED_DIR ?? join(ROOT, '../shared'), 'grafana/run');
/** The first start of the script unpacks Grafana. */
const READY_WITHIN_MS = 5 * 60_000;
/** Lines of Grafana's log to print if it does not start, or if a test fails. */
const LOG_LINES = 50;

/** The processes to stop when a signal arrives. */
export const children = new Set<ChildProcess>();

export function start(...[command, args, options]: Parameters<typeof spawn>): {
  child: ChildProcess;
  ended: Promise<number>;
} {
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

export interface LocalGrafana {
  url: string;
  version: string;
  /** The last lines of Grafana's log. */
  log(): string;
  stop(): Promise<void>;
}

/** @property provisioned Files of `provisioning/`. @property settings Sections that are added to `grafana.ini`. */
interface LocalGrafanaOptions {
  env?: NodeJS.ProcessEnv;
  provisioned?: readonly string[];
  settings?: string;
}

/** Resolves when Grafana responds. @param options `env` is the environment of Grafana. */
export async function startGrafana(options: LocalGrafanaOptions): Promise<LocalGrafana> {
  const { env = process.env, provisioned = [], settings = '' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'grafana-'));
  writeFileSync(join(folder, 'extra.ini'), settings);
  for (const file of provisioned) {
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
