/** A real Micromegas on loopback, with an API key and issuers configured, in a folder of its own. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from './free-ports';

export interface MicromegasServer {
  /** `host:port` of Flight SQL. */
  flight: string;
  /** Base URL of OTLP ingestion. */
  ingestion: string;
  apiKey: string;
  stop(): Promise<void>;
}

export interface MicromegasOptions {
  /** Folder of the start script. */
  sources: string;
  /** PATH with cargo. */
  path: string;
  /** Whose tokens it accepts. */
  issuers: ReadonlyArray<{ issuer: string; audience: string }>;
}

/** The first build takes long; later starts take seconds. */
const BUILD_TIMEOUT_MS = 45 * 60_000;

/** True when the server was built before, so that a start takes seconds. */
export function isBuilt(): boolean {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return existsSync(join(cache, 'micromegas-server', 'target', 'debug', 'micromegas-server'));
}

/** Resolves when it listens; rejects with its last words when it ends before. */
export async function startMicromegas(options: MicromegasOptions): Promise<MicromegasServer> {
  // Short, because PostgreSQL puts a unix socket into it, and open to PostgreSQL's own user.
  const folder = mkdtempSync('/tmp/mm');
  chmodSync(folder, 0o755);
  const [flightPort, ingestionPort] = await freePorts(2);
  const apiKey = `mmk_${randomBytes(32).toString('base64url')}`;
  const child = spawn(join(options.sources, 'run'), [folder, String(flightPort), String(ingestionPort)], {
    env: {
      ...process.env,
      PATH: options.path,
      MICROMEGAS_API_KEYS: JSON.stringify([{ name: 'conformance-key', key: apiKey }]),
      MICROMEGAS_OIDC_CONFIG: JSON.stringify({ issuers: options.issuers }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  const words: string[] = [];
  const remember = (line: string) => void words.splice(0, words.length, ...words.slice(-20), line);
  createInterface({ input: child.stderr }).on('line', remember);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it does not start')), BUILD_TIMEOUT_MS);
      createInterface({ input: child.stdout }).on('line', (line) => {
        remember(line);
        if (line.startsWith('Flight SQL on ')) {
          clearTimeout(timer);
          resolve();
        }
      });
      child.once('error', reject);
      void closed.then(() => reject(new Error('it ended')));
    });
  } catch (reason) {
    await stop();
    throw new Error(`${String(reason)}: ${words.join('\n')}`, { cause: reason });
  }
  return {
    flight: `127.0.0.1:${flightPort}`,
    ingestion: `http://127.0.0.1:${ingestionPort}`,
    apiKey,
    stop,
  };
}
