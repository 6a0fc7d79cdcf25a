/**
 * What this machine offers for a conformance run: Go, cargo, and the folder with the counterparts that are built by them.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ROOT } from '../support/plugin';

export interface Tools {
  /** Path of the program and of the sources, or why there is none. */
  grafanaHost: Tool;
  micromegasServer: Tool;
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

/** @param env `SHARED_DIR` names the folder of the counterparts, by default `shared` beside the project. */
export function findTools(env: NodeJS.ProcessEnv): Tools {
  const shared = env.SHARED_DIR ? resolve(env.SHARED_DIR) : resolve(ROOT, '..', 'shared');
  const extra = ['/usr/local/go/bin', join(homedir(), '.cargo', 'bin')];
  const folders = [...(env.PATH ?? '').split(delimiter), ...extra].filter((folder) => folder !== '');
  const server = tool('cargo', folders, join(shared, 'micromegas-server'));
  return {
    grafanaHost: tool('go', folders, join(shared, 'grafana-host')),
    micromegasServer:
      platform() === 'linux' ? withPostgres(server) : { missing: 'a real Micromegas is started on Linux only' },
    path: folders.join(delimiter),
  };
}
