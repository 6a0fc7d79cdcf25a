/**
 * What this machine offers for a conformance run: Go, cargo, and the folder with the counterparts that are built by them;
 * Java and Maven for Keycloak.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ROOT } from '../support/plugin';

export interface Tools {
  /** Path of the program and of the sources, or why there is none. */
  grafanaHost: Tool;
  /** The sources are the project's own. */
  frameDecoder: Tool;
  h2spec: Tool;
  micromegasServer: Tool;
  /** Path of Maven, by which Keycloak is fetched, or why Keycloak cannot run. */
  keycloak: { maven: string } | { missing: string };
  /** PATH with the folders of both compilers. */
  path: string;
}

export type Tool = { program: string; sources: string } | { missing: string };

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find(program: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function tool(program: string, folders: readonly string[], sources: string): Tool {
  const found = find(program, folders);
  if (found === undefined) {
    return { missing: `${program} is not installed` };
  }
  return existsSync(sources) ? { program: found, sources } : { missing: `there is no ${sources}` };
}

/** The server keeps its catalogue in PostgreSQL, which its start script installs where it may. */
function withPostgres(server: Tool): Tool {
  const installed = existsSync('/usr/lib/postgresql') || process.getuid?.() === 0;
  return 'missing' in server || installed ? server : { missing: 'PostgreSQL is not installed' };
}

/** Keycloak 26 needs this version or a newer one. */
const JAVA_VERSION = 17;

/** @returns Major version, 0 where it cannot be told. */
function javaVersion(java: string): number {
  // `openjdk version "17.0.15" 2025-04-15`, on standard error.
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}

function keycloakTool(folders: readonly string[]): Tools['keycloak'] {
  const [java, maven, openssl] = ['java', 'mvn', 'openssl'].map((program) => find(program, folders));
  if (java === undefined || javaVersion(java) < JAVA_VERSION) {
    return { missing: `Java ${JAVA_VERSION} or newer is not installed` };
  }
  if (maven === undefined) {
    return { missing: 'Maven (mvn) is not installed' };
  }
  return openssl === undefined ? { missing: 'openssl is not installed' } : { maven };
}

/** @param env `SHARED_DIR` names the folder of the counterparts, by default `shared` beside the project. */
export function findTools(env: NodeJS.ProcessEnv): Tools {
  const shared = env.SHARED_DIR ? resolve(env.SHARED_DIR) : resolve(ROOT, '..', 'shared');
  const extra = ['/usr/local/go/bin', join(homedir(), '.cargo', 'bin')];
  const folders = [...(env.PATH ?? '').split(delimiter), ...extra].filter((folder) => folder !== '');
  const server = tool('cargo', folders, join(shared, 'micromegas-server'));
  return {
    grafanaHost: tool('go', folders, join(shared, 'grafana-host')),
    frameDecoder: tool('go', folders, join(__dirname, 'frame-decoder')),
    h2spec: tool('go', folders, join(__dirname, 'h2spec')),
    micromegasServer:
      platform() === 'linux' ? withPostgres(server) : { missing: 'a real Micromegas is started on Linux only' },
    keycloak: keycloakTool(folders),
    path: folders.join(delimiter),
  };
}
