/** Checks the backend as a sidecar. It serves Grafana over a TCP port or, as in docker-compose.yml, a unix socket. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DIST } from '../support/plugin';
import { type Checklist, type Cleanup } from './checklist';
import { GrafanaHost } from './grafana-host';
import { type SignIns } from './sources';

export interface Sidecar {
  /** Path of a unix socket, or `host:port`. */
  address: string;
  isRunning(): boolean;
  /** Sends SIGTERM. @returns The exit code; null when a signal ended the process. */
  stop(): Promise<number | null>;
}

/**
 * Resolves when the sidecar listens. Rejects with the sidecar's log if the sidecar ends before that.
 *
 * @param listenAt Value of `--serve`.
 */
export function startSidecar(listenAt: string): Promise<Sidecar> {
  const child = spawn(process.execPath, [join(DIST, 'proxy.cjs'), '--serve', listenAt], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const sidecar = (address: string): Sidecar => ({
    address,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: () => {
      child.kill('SIGTERM');
      return closed;
    },
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
  return entry['@message'] === 'The backend of the plugin listens' ? String(entry.address) : undefined;
}

/** @param program Path of grafana-host. */
export async function checkSidecar(
  list: Checklist,
  program: string,
  sources: SignIns,
  cleanup: Cleanup
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mm'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'proxy.sock');
  const start = async (listenAt: string): Promise<Sidecar> => {
    const sidecar = await startSidecar(listenAt);
    cleanup.add(async () => void (await sidecar.stop()));
    return sidecar;
  };

  await list.check('sidecar: two Grafana servers use the sidecar over a unix socket, one after the other', async () => {
    const sidecar = await start(`unix:${socket}`);
    assert.equal(statSync(socket).mode & 0o777, 0o660);
    const env = { GF_PLUGIN_BACKEND_SOCKET: socket };
    await GrafanaHost.use(program, { env }, async (host) => {
      const { ok, message } = await host.health(sources.apiKey);
      assert.ok(ok, message);
    });
    assert.ok(sidecar.isRunning(), 'The sidecar ended when the first Grafana server ended.');
    await GrafanaHost.use(program, { env }, async (host) => {
      const frame = await host.onlyFrame(sources.oauth, { query: 'SELECT count(*) AS n FROM log_entries' });
      assert.ok(Number(frame.column('n')[0]) > 0);
    });
    assert.equal(await sidecar.stop(), 0);
    assert.ok(!existsSync(socket), 'The socket still exists.');
  });
  await list.check('sidecar: a Grafana server uses the sidecar over loopback TCP', async () => {
    const sidecar = await start('127.0.0.1:0');
    await GrafanaHost.use(program, { env: { GF_PLUGIN_BACKEND_ADDRESS: sidecar.address } }, async (host) => {
      const { ok, message } = await host.health(sources.apiKey);
      assert.ok(ok, message);
    });
    assert.equal(await sidecar.stop(), 0);
  });
  await list.check('sidecar: calls fail while no sidecar listens', () =>
    GrafanaHost.use(program, { env: { GF_PLUGIN_BACKEND_SOCKET: join(folder, 'none.sock') } }, (host) =>
      assert.rejects(host.metrics(), /none\.sock/)
    )
  );
}
