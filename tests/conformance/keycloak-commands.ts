/**
 * Runs the commands of docs/admin/sign-in/keycloak.md, to check that they work.
 *
 * A comment `<!-- conformance: NAME -->` above a code block of the page gives the block its name.
 */
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from '../support/plugin';
import { type KeycloakServer } from './keycloak-server';
import { runProgram } from './processes';

const PAGE = 'docs/admin/sign-in/keycloak.md';
const BLOCK = /^<!-- conformance: ([a-z-]+) -->\n+```sh\n([\s\S]*?)^```$/gm;
const TIMEOUT_MS = 120_000;

export type BlockName = 'log-in' | 'client' | 'audience' | 'signed-jwt' | 'secret-jwt' | 'new-key' | 'activate-key';

/** The blocks of the page by name. @throws {Error} when a name occurs twice. */
function readBlocks(): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  for (const [, name, script] of readFileSync(join(ROOT, PAGE), 'utf8').matchAll(BLOCK)) {
    if (blocks.has(name)) {
      throw new Error(`${PAGE} has two blocks named ${name}.`);
    }
    blocks.set(name, script);
  }
  return blocks;
}

/** Shell variables that the page's commands use. */
export interface PageVariables {
  REALM: string;
  CLIENT_ID: string;
  AUDIENCE: string;
  /** Id of a key provider. */
  KEY?: string;
}

export class KeycloakCommands {
  readonly #server: KeycloakServer;
  readonly #folder: string;
  readonly #blocks = readBlocks();

  /** @param folder Working directory of the commands, and home folder in which `kcadm.sh` keeps its session. */
  constructor(server: KeycloakServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** Runs blocks one after the other in one shell. @returns The lines that they print. */
  async run(names: readonly BlockName[], variables: PageVariables): Promise<string[]> {
    const script = names.map((name) => {
      const block = this.#blocks.get(name);
      if (block === undefined) {
        throw new Error(`${PAGE} has no block named ${name}.`);
      }
      return block;
    });
    const { code, stdout, stderr } = await runProgram('sh', ['-e', '-u', '-c', script.join('\n')], {
      cwd: this.#folder,
      env: {
        ...process.env,
        ...variables,
        PATH: `${join(this.#server.home, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
        KEYCLOAK: this.#server.url,
        ADMIN: 'admin',
        // kcadm.sh reads the password from this variable and shows no prompt.
        KC_CLI_PASSWORD: this.#server.adminPassword,
        // Each command is a Java program that runs for a second, which is too short to gain from optimized code.
        KC_OPTS: `-Duser.home=${this.#folder} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
      },
      timeoutMs: TIMEOUT_MS,
    });
    if (code !== 0) {
      throw new Error(`${PAGE}, ${names.join(' and ')}: exit code ${code}. ${stderr}${stdout}`);
    }
    return stdout.trim().split('\n');
  }
}
