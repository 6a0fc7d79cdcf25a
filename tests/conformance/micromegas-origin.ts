/** Finds the Micromegas server for a conformance run: one that already runs, a container image, or a start script. */
import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Tool } from './decisions';

/** A client of an identity provider. The server accepts the tokens of the client. */
export interface OAuthClient {
  issuer: string;
  clientId: string;
  clientSecret: string;
  audience: string;
}

/** A server that was started and configured before the run. */
export interface RunningServer {
  kind: 'running';
  /** `host:port` of Flight SQL, without TLS. */
  flight: string;
  /** Base URL of OTLP ingestion. */
  ingestion: string;
  apiKey: string;
  /** Undefined: the run has no tokens for this server. */
  oauth: OAuthClient | undefined;
}

export type MicromegasOrigin =
  | RunningServer
  | { kind: 'image'; docker: string; image: string }
  /**
   * `path` is the PATH for the script, with the folder of `cargo`. Cargo builds the server if there is no binary for
   * this machine.
   */
  | { kind: 'script'; script: string; path: string };

/** docker-compose.yml publishes ingestion on this port. */
const INGESTION_PORT = 9000;

type Find = (program: string) => string | undefined;

/** @param shared Folder that holds `micromegas-server/run`. */
export function micromegasOrigin(env: NodeJS.ProcessEnv, shared: string, find: Find): Tool<MicromegasOrigin> {
  if (env.MICROMEGAS_ADDRESS) {
    return runningServer(env.MICROMEGAS_ADDRESS, env);
  }
  if (env.MICROMEGAS_IMAGE) {
    const docker = find('docker');
    return docker === undefined
      ? { missing: 'MICROMEGAS_IMAGE is set, but Docker is not installed' }
      : { kind: 'image', docker, image: env.MICROMEGAS_IMAGE };
  }
  return startScript(env, join(shared, 'micromegas-server', 'run'), find);
}

function runningServer(flight: string, env: NodeJS.ProcessEnv): Tool<RunningServer> {
  const host = /^(\[[\da-f:.]+\]|[\w.-]+):\d+$/i.exec(flight)?.[1];
  if (host === undefined) {
    return { missing: `MICROMEGAS_ADDRESS is "${flight}" and not host:port` };
  }
  if (!env.MICROMEGAS_API_KEY) {
    return { missing: 'MICROMEGAS_ADDRESS is set, but not MICROMEGAS_API_KEY' };
  }
  return {
    kind: 'running',
    flight,
    ingestion: env.MICROMEGAS_INGESTION_URL || `http://${host}:${INGESTION_PORT}`,
    apiKey: env.MICROMEGAS_API_KEY,
    oauth: env.MICROMEGAS_OAUTH_ISSUER
      ? {
          issuer: env.MICROMEGAS_OAUTH_ISSUER,
          clientId: env.MICROMEGAS_OAUTH_CLIENT_ID ?? '',
          clientSecret: env.MICROMEGAS_OAUTH_CLIENT_SECRET ?? '',
          audience: env.MICROMEGAS_OAUTH_AUDIENCE ?? '',
        }
      : undefined,
  };
}

function startScript(env: NodeJS.ProcessEnv, script: string, find: Find): Tool<MicromegasOrigin> {
  if (!existsSync(script)) {
    return { missing: `neither MICROMEGAS_ADDRESS nor MICROMEGAS_IMAGE is set, and there is no ${script}` };
  }
  if (platform() !== 'linux') {
    return { missing: `${script} runs on Linux only` };
  }
  const cargo = find('cargo');
  if (cargo === undefined) {
    return { missing: 'cargo is not installed' };
  }
  // If the script runs as root, it installs PostgreSQL itself.
  if (!existsSync('/usr/lib/postgresql') && process.getuid?.() !== 0) {
    return { missing: 'PostgreSQL is not installed' };
  }
  return { kind: 'script', script, path: [env.PATH ?? '', dirname(cargo)].join(delimiter) };
}
