/** The built backend with an open inspector of Node.js. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlugin, type PluginProcess } from '../demo/plugin-host/plugin-process';

interface InspectorResponse {
  id: number;
  result?: unknown;
  error?: { message: string };
}

/** A connection to the inspector of a Node.js process. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (response: InspectorResponse) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const response: InspectorResponse = JSON.parse(String(data));
      this.#waiting.get(response.id)?.(response);
      this.#waiting.delete(response.id);
    });
  }

  static async open(address: string): Promise<Inspector> {
    const socket = new WebSocket(address);
    await new Promise((settle, reject) => {
      socket.addEventListener('open', settle);
      socket.addEventListener('error', () => reject(new Error(`No inspector at ${address}.`)));
    });
    return new Inspector(socket);
  }

  /** @throws {Error} If the inspector rejects the call. */
  async call<Result>(method: string, params: object = {}): Promise<Result> {
    this.#calls += 1;
    const id = this.#calls;
    const response = await new Promise<InspectorResponse>((settle) => {
      this.#waiting.set(id, settle);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    if (response.error !== undefined) {
      throw new Error(`${method}: ${response.error.message}`);
    }
    return response.result as Result;
  }

  /** Bytes of the heap in use after a garbage collection. */
  async usedHeapBytes(): Promise<number> {
    // A second collection also frees what finalizers and weak references held.
    await this.call('HeapProfiler.collectGarbage');
    await this.call('HeapProfiler.collectGarbage');
    const { usedSize } = await this.call<{ usedSize: number }>('Runtime.getHeapUsage');
    return usedSize;
  }

  close(): void {
    this.#socket.close();
  }
}

/** @param script The script of the backend, `proxy.cjs`. */
export async function startInspected(script: string): Promise<{ plugin: PluginProcess; inspector: Inspector }> {
  const folder = mkdtempSync(join(tmpdir(), 'inspected-'));
  try {
    const executable = join(folder, 'start.sh');
    writeFileSync(executable, `#!/bin/sh\nexec '${process.execPath}' --inspect=127.0.0.1:0 '${script}'\n`);
    chmodSync(executable, 0o755);
    const address = Promise.withResolvers<string>();
    const plugin = await startPlugin({
      executable,
      onLog({ raw }) {
        const [found] = /ws:\S+/.exec(raw) ?? [];
        if (found !== undefined) {
          address.resolve(found);
        }
      },
    });
    return { plugin, inspector: await Inspector.open(await address.promise) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
