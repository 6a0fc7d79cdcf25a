/** The proxy as a sidecar, with Grafana's modules told where it listens: what docker-compose.yml sets up. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DIST } from '../support/plugin';
import { type Checklist } from './checklist';
import { type Cleanup } from './cleanup';
import { type GrafanaHost } from './grafana-host';
import { type SignIns } from './sources';

export interface Sidecar {
  /** As its log says it: a path, or `host:port`. */
  address: string;
  isRunning(): boolean;
  /** Ends it by SIGTERM. @returns Its exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when the sidecar listens; rejects with its log when it ends before. */
export function startSidecar(listenAt: string): Promise<Sidecar> {
  const child = spawn(process.execPath, [join(DIST, 'proxy.cjs'), '--serve', listenAt], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const sidecar = (address: string): Sidecar => ({
    address,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: () => stopChild(child, closed),
  });
  return new Promise((resolve, reject) => {
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const address = listeningAddress(line);
      if (address !== undefined) {
        resolve(sidecar(address));
      }
    });
    child.once('error', reject);
    void closed.then(() => reject(new Error(`The sidecar ended: ${log.join('\n')}`)));
  });
}

function listeningAddress(line: string): string | undefined {
  const entry: Record<string, unknown> = line.startsWith('{') ? JSON.parse(line) : {};
  return entry['@message'] === 'The proxy listens' ? String(entry.address) : undefined;
}

async function stopChild(child: ChildProcess, closed: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  return closed;
}

export async function checkSidecar(
  list: Checklist,
  host: GrafanaHost,
  sources: SignIns,
  cleanup: Cleanup
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mm'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'proxy.sock');

  await list.check('sidecar: a Grafana uses it over a unix socket, and a second one after it', async () => {
    const sidecar = await startSidecar(`unix:${socket}`);
    cleanup.add(async () => void (await sidecar.stop()));
    assert.equal(statSync(socket).mode & 0o777, 0o660);
    const through = host.withPluginEnv({ GF_PLUGIN_PROXY_SOCKET: socket });
    const { ok, message } = await through.health(sources.apiKey);
    assert.ok(ok, message);
    assert.ok(sidecar.isRunning(), 'it ended with the first Grafana');
    const frame = await through.onlyFrame(sources.oauth, { query: 'SELECT count(*) AS n FROM log_entries' });
    assert.ok(Number(frame.column('n')[0]) > 0);
    assert.equal(await sidecar.stop(), 0);
    assert.ok(!existsSync(socket), 'the socket is still there');
  });
  await list.check('sidecar: a Grafana uses it over loopback TCP', async () => {
    const sidecar = await startSidecar('127.0.0.1:0');
    cleanup.add(async () => void (await sidecar.stop()));
    const { ok, message } = await host
      .withPluginEnv({ GF_PLUGIN_PROXY_ADDRESS: sidecar.address })
      .health(sources.apiKey);
    assert.ok(ok, message);
    assert.equal(await sidecar.stop(), 0);
  });
  await list.check('sidecar: without a sidecar, Grafana is told so', async () => {
    const { code } = await host.withPluginEnv({ GF_PLUGIN_PROXY_SOCKET: join(folder, 'none.sock') }).run('metrics');
    assert.equal(code, 1);
  });
}
