/**
 * Starts a Micromegas on loopback with a new lake, an API key and issuers, from a container image or by a start script.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../support/eventually';
import { type MicromegasOrigin } from './micromegas-origin';
import { connects, freePorts, runProgram } from './processes';

/** Name of the API key. Audit records show it as the user or the service account. */
export const API_KEY_NAME = 'conformance-key';

export interface MicromegasServer {
  /** `host:port` of Flight SQL. */
  flight: string;
  /** Base URL of OTLP ingestion. */
  ingestion: string;
  apiKey: string;
  stop(): Promise<void>;
}

export interface ServerOptions {
  apiKey: string;
  /** Issuers whose tokens the server accepts. */
  issuers: ReadonlyArray<{ issuer: string; audience: string }>;
}

type StartedServer = Omit<MicromegasServer, 'apiKey'>;

/** A server that a script started. */
export interface OpenMicromegas extends StartedServer {
  /** Folder of the object store. */
  objects: string;
}

type Image = Extract<MicromegasOrigin, { kind: 'image' }>;
type Script = Extract<MicromegasOrigin, { kind: 'script' }>;

/** Resolves when the server listens or is about to listen. Rejects with the last output if the server did not start. */
export async function startMicromegas(
  origin: Image | Script,
  issuers: ServerOptions['issuers']
): Promise<MicromegasServer> {
  const options = { apiKey: `mmk_${randomBytes(32).toString('base64url')}`, issuers };
  const started =
    origin.kind === 'image' ? await startImage(origin, options) : await startScript(origin, authentication(options));
  return { ...started, apiKey: options.apiKey };
}

/** Starts a server without a sign-in, where every caller is an administrator of the lakehouse. */
export function startOpenMicromegas(origin: Script): Promise<OpenMicromegas> {
  return startScript(origin, {});
}

function authentication({ apiKey, issuers }: ServerOptions): Record<string, string> {
  return {
    MICROMEGAS_API_KEYS: JSON.stringify([{ name: API_KEY_NAME, key: apiKey }]),
    MICROMEGAS_OIDC_CONFIG: JSON.stringify({ issuers }),
  };
}

/**
 * Without a built server, the script compiles one, which takes 20 minutes on two cores. Later starts take seconds.
 */
const SCRIPT_TIMEOUT_MS = 45 * 60_000;
const LOG_LINES = 20;

async function startScript({ script, path }: Script, variables: Record<string, string>): Promise<OpenMicromegas> {
  // The path is short, because PostgreSQL creates a unix socket in the folder. PostgreSQL's own user needs access.
  const folder = mkdtempSync('/tmp/mm');
  chmodSync(folder, 0o755);
  const [flightPort, ingestionPort] = await freePorts(2);
  const child = spawn(script, [folder, String(flightPort), String(ingestionPort)], {
    env: { ...process.env, PATH: path, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await closed;
    rmSync(folder, { recursive: true, force: true });
  };
  const log: string[] = [];
  const remember = (line: string) => void log.splice(0, log.length, ...log.slice(1 - LOG_LINES), line);
  createInterface({ input: child.stderr }).on('line', remember);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The server did not start in time.')), SCRIPT_TIMEOUT_MS);
      createInterface({ input: child.stdout }).on('line', (line) => {
        remember(line);
        if (line.startsWith('Flight SQL on ')) {
          clearTimeout(timer);
          resolve();
        }
      });
      child.once('error', reject);
      void closed.then(() => reject(new Error('The server ended.')));
    });
  } catch (reason) {
    await stop();
    throw new Error(`${String(reason)} ${log.join('\n')}`, { cause: reason });
  }
  return {
    flight: `127.0.0.1:${flightPort}`,
    ingestion: `http://127.0.0.1:${ingestionPort}`,
    objects: join(folder, 'objects'),
    stop,
  };
}

const POSTGRES_IMAGE = 'postgres:16';
/** The server in the image has no option for another port. */
const FLIGHT_PORT = 50051;
/** Timeout of a Docker command, which may download an image. */
const DOCKER_TIMEOUT_MS = 10 * 60_000;
/** Timeout of each wait: until PostgreSQL accepts connections, and until the server listens. */
const READY_WITHIN_MS = 120_000;

/**
 * Containers use the host's network, because the server must reach issuers that listen on loopback only.
 *
 * The API key is in a variable and in a table: versions before 0.33 read the variable, 0.33 and later the table. Every
 * version creates its tables before it listens for Flight SQL.
 */
async function startImage({ docker, image }: Image, options: ServerOptions): Promise<StartedServer> {
  const [postgresPort, ingestionPort] = await freePorts(2);
  const run = randomBytes(4).toString('hex');
  const [postgres, server] = [`conformance-postgres-${run}`, `conformance-micromegas-${run}`];
  const ingestion = `http://127.0.0.1:${ingestionPort}`;
  const stop = async () => void (await runProgram(docker, ['rm', '-f', '-v', server, postgres], DOCKER_LIMIT));
  const env = {
    ...authentication(options),
    MICROMEGAS_SQL_CONNECTION_STRING: `postgres://micromegas:micromegas@127.0.0.1:${postgresPort}/micromegas`,
    MICROMEGAS_OBJECT_STORE_URI: 'file:///data',
    // The server sends its telemetry, with the audit of its queries, to itself.
    MICROMEGAS_TELEMETRY_URL: ingestion,
    MICROMEGAS_FLUSH_PERIOD: '2',
    MICROMEGAS_ENABLE_CPU_TRACING: 'true',
  };
  const psql = ['psql', '-h', '127.0.0.1', '-p', String(postgresPort), '-U', 'micromegas', '-v', 'ON_ERROR_STOP=1'];
  const sql = (statement: string) => runDocker(docker, ['exec', postgres, ...psql, '-c', statement]);
  try {
    await startContainer(docker, postgres, { POSTGRES_USER: 'micromegas', POSTGRES_PASSWORD: 'micromegas' }, [
      POSTGRES_IMAGE,
      ...['-c', 'listen_addresses=127.0.0.1', '-c', `port=${postgresPort}`],
    ]);
    await eventually('PostgreSQL', READY_WITHIN_MS, () => sql('SELECT 1'));
    await startContainer(docker, server, env, [
      image,
      ...['--roles', 'ingestion,flightsql,maintenance', '--disable-ingestion-auth'],
      ...['--listen-endpoint-http', `127.0.0.1:${ingestionPort}`],
    ]);
    await eventually('The Flight SQL port', READY_WITHIN_MS, () => connects(FLIGHT_PORT));
    await sql(insertApiKey(options.apiKey));
  } catch (reason) {
    const { stdout, stderr } = await runProgram(docker, ['logs', '--tail', String(LOG_LINES), server], DOCKER_LIMIT);
    await stop();
    throw new Error(`${String(reason)} ${stdout}${stderr}`, { cause: reason });
  }
  return { flight: `127.0.0.1:${FLIGHT_PORT}`, ingestion, stop };
}

const DOCKER_LIMIT = { timeoutMs: DOCKER_TIMEOUT_MS };

/** @param image Image and the arguments of its entry point. */
function startContainer(docker: string, name: string, env: Record<string, string>, image: readonly string[]) {
  const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  return runDocker(docker, ['run', '-d', '--network', 'host', '--name', name, ...variables, ...image]);
}

/** @returns Standard output. @throws {Error} with the messages of a command that fails. */
async function runDocker(docker: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(docker, args, DOCKER_LIMIT);
  if (code !== 0) {
    throw new Error(`docker ${args[0]}: ${stderr}${stdout}`);
  }
  return stdout;
}

/**
 * SQL that inserts the SHA-256 of an API key, if the server has the table. Callers with this key may query on behalf of
 * users.
 */
function insertApiKey(key: string): string {
  return [
    "DO $$ BEGIN IF to_regclass('analytics_api_keys') IS NOT NULL THEN",
    'INSERT INTO analytics_api_keys (key_id, key_hash, name, created_at, created_by)',
    `VALUES (gen_random_uuid(), sha256('${key}'), '${API_KEY_NAME}', now(), 'conformance');`,
    'END IF; END $$',
  ].join(' ');
}
