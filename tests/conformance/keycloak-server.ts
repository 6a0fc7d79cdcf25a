/**
 * A real Keycloak on loopback, in development mode, with a new database.
 *
 * Maven downloads the distribution once, into a cache folder.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { cacheFolder, freePorts, runProgram } from './processes';

const VERSION = '26.5.6';
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** The first start compiles Keycloak's configuration and takes longer than later starts. */
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_LINES = 20;

/** Thrown if Maven cannot download the distribution, for example without a network. */
export class DownloadError extends Error {}

/** @returns Home folder of the distribution. @throws {DownloadError} when Maven cannot fetch it. */
export async function keycloakDistribution(maven: string): Promise<string> {
  const cache = cacheFolder('keycloak');
  const home = join(cache, `keycloak-${VERSION}`);
  if (existsSync(home)) {
    return home;
  }
  // The folder is renamed when it is complete, so that an interrupted download is not mistaken for a distribution.
  // Maven runs in this folder, because it writes marker files into its working directory.
  const folder = mkdtempSync(join(cache, 'download-'));
  try {
    const args = ['-q', '-B', 'dependency:unpack', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`];
    const { code, stdout, stderr } = await runProgram(maven, args, { cwd: folder, timeoutMs: DOWNLOAD_TIMEOUT_MS });
    if (code !== 0) {
      throw new DownloadError(`Maven could not download ${ARTIFACT}: ${stdout}${stderr}`);
    }
    renameSync(join(folder, `keycloak-${VERSION}`), home);
    return home;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export class KeycloakServer {
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kc'));
  readonly #log: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  private constructor(
    /** Home folder of the distribution. */
    readonly home: string,
    port: number,
    /** Password of the administrator `admin` in the realm `master`. */
    readonly adminPassword: string
  ) {
    this.#port = port;
  }

  /**
   * Resolves when Keycloak responds to requests.
   * @param onStop Called before the start with a function that stops Keycloak.
   */
  static async start(home: string, onStop: (stop: () => Promise<void>) => void): Promise<KeycloakServer> {
    const [port] = await freePorts(1);
    const server = new KeycloakServer(home, port, randomBytes(16).toString('base64url'));
    onStop(() => server.stop());
    await server.resume();
    return server;
  }

  /** Base URL, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts Keycloak. The address and the database are the same as before `pause`. */
  async resume(): Promise<void> {
    const options = ['--http-host=127.0.0.1', `--http-port=${this.#port}`, `-Dkc.db-url-path=${this.#folder}`];
    const child = spawn('sh', [join(this.home, 'bin', 'kc.sh'), 'start-dev', ...options], {
      cwd: this.#folder,
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
        KC_BOOTSTRAP_ADMIN_PASSWORD: this.adminPassword,
        // With this option, Java optimizes less code, and starts in half the time. A short run gains nothing from
        // optimized code.
        JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Creates a process group, because the script starts Java as a child process if it must build Keycloak first.
      detached: true,
    });
    this.#child = child;
    let isRunning = true;
    this.#ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    void this.#ended.then(() => (isRunning = false));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => this.#remember(chunk));
    }
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const responses = eventually('Keycloak', START_TIMEOUT_MS, async () => {
      if (!isRunning) {
        return 'ended';
      }
      return (await fetch(`${this.url}/realms/master`)).ok ? 'ready' : undefined;
    });
    if ((await Promise.race([responses, failed])) === 'ended') {
      throw new Error(`Keycloak ended during its start: ${this.#log.join('')}`);
    }
  }

  /** Ends the process and keeps the database. */
  async pause(): Promise<void> {
    const timer = setTimeout(() => this.#signal('SIGKILL'), STOP_TIMEOUT_MS);
    this.#signal('SIGTERM');
    await this.#ended;
    clearTimeout(timer);
    this.#child = undefined;
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid !== undefined && this.#child?.exitCode === null) {
      process.kill(-pid, signal);
    }
  }

  #remember(chunk: string): void {
    this.#log.push(chunk);
    this.#log.splice(0, this.#log.length - LOG_LINES);
  }
}
