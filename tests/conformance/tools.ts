/** Finds the programs, folders and servers that the parts of a conformance run need. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ROOT } from '../support/plugin';
import { micromegasOrigin, type MicromegasOrigin } from './micromegas-origin';
import { type Tool } from './decisions';
import { type Part, PARTS } from './parts';
import { type GoModule } from './processes';

export interface Tools extends Record<Part, Tool<object>> {
  h2spec: Tool<GoModule>;
  grafana: Tool<GoModule>;
  mutations: Tool<GoModule>;
  /** Path of npm, which installs oidc-provider. */
  'oidc-provider': Tool<{ npm: string }>;
  /** Path of Maven, which downloads Keycloak. */
  keycloak: Tool<{ maven: string }>;
  micromegas: Tool<MicromegasOrigin>;
}

/** Oldest version of Java that Keycloak 26 supports. */
const JAVA_VERSION = 17;

/** @param env `SHARED_DIR` names the folder that holds `micromegas-server`, by default `shared` beside the project. */
export function findTools(env: NodeJS.ProcessEnv): Tools {
  const extra = ['/usr/local/go/bin', join(homedir(), '.cargo', 'bin')];
  const folders = [...(env.PATH ?? '').split(delimiter), ...extra].filter((folder) => folder !== '');
  const find = (program: string) => folders.map((folder) => join(folder, program)).find(isExecutable);
  const npm = find('npm');
  const shared = env.SHARED_DIR ? resolve(env.SHARED_DIR) : resolve(ROOT, '..', 'shared');
  return {
    h2spec: goModule(find('go'), 'h2spec'),
    grafana: goModule(find('go'), 'grafana-host'),
    mutations: goModule(find('go'), 'grafana-host'),
    'oidc-provider': npm === undefined ? { missing: 'npm is not installed' } : { npm },
    keycloak: keycloakTool(find),
    micromegas: micromegasOrigin(env, shared, find),
  };
}

/** For each part that cannot run, the reason. */
export function missingTools(tools: Tools): Partial<Record<Part, string>> {
  const missing: Partial<Record<Part, string>> = {};
  for (const part of PARTS) {
    const tool: Tool<object> = tools[part];
    if ('missing' in tool && typeof tool.missing === 'string') {
      missing[part] = tool.missing;
    }
  }
  return missing;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function goModule(go: string | undefined, folder: string): Tool<GoModule> {
  return go === undefined ? { missing: 'Go is not installed' } : { go, sources: join(__dirname, folder) };
}

function keycloakTool(find: (program: string) => string | undefined): Tools['keycloak'] {
  const [java, maven, openssl] = ['java', 'mvn', 'openssl'].map(find);
  if (java === undefined || javaVersion(java) < JAVA_VERSION) {
    return { missing: `Java ${JAVA_VERSION} or newer is not installed` };
  }
  if (maven === undefined) {
    return { missing: 'Maven (mvn) is not installed' };
  }
  return openssl === undefined ? { missing: 'openssl is not installed' } : { maven };
}

/** @returns The major version; 0 when the output has none. */
function javaVersion(java: string): number {
  // `openjdk version "17.0.15" 2025-04-15`, on standard error.
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
}
