/**
 * Runs the commands that do not serve Grafana's calls: help, version, check, report, and `pointer`, which tells Grafana
 * the address of a sidecar.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PLUGIN_VERSION } from '../base/version';
import { checkSidecar } from './check-sidecar';
import { GrafanaWatch, type ParentSource, parentId } from './grafana-watch';
import {
  type Command,
  handshakeLine,
  formatListenAddress,
  parseListenAddress,
  type RenamedSetting,
} from './start-mode';

const HELP = `The backend of the Micromegas data source ${PLUGIN_VERSION}. Grafana starts it without options.

  --serve [ADDRESS]  run as a sidecar, which listens at ADDRESS
  --check [ADDRESS]  ask the sidecar at ADDRESS whether it responds: exit code 0 if it does, 1 if not
  --migration-report URL [--json]
                     report what changes for the Grafana at URL when this plugin takes the place of the Go plugin
  --version          print the version of the plugin
  --help             print this text

ADDRESS is unix:/path/to/socket or host:port, by default the value of GF_PLUGIN_PROXY_LISTEN.
`;

/** Milliseconds between checks of the sidecar whose address Grafana has. */
const CHECK_EVERY_MS = 60_000;

/** The parts of `process` of Node.js that are used here. */
export type CommandProcess = ParentSource & {
  stdout: Pick<NodeJS.WriteStream, 'write'>;
  stderr: Pick<NodeJS.WriteStream, 'write'>;
  exitCode?: NodeJS.Process['exitCode'];
};

/**
 * Resolves when the command has ended. For `migration-report`, resolves when the report has started.
 *
 * @param folder The folder of the plugin.
 */
export async function runCommand(command: Command, process: CommandProcess, folder: string): Promise<void> {
  const fail = (sentence: string): void => {
    process.stderr.write(`${sentence}\n`);
    process.exitCode = 1;
  };
  switch (command.kind) {
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      process.stdout.write(`${PLUGIN_VERSION}\n`);
      return;
    case 'rejected':
      return fail(command.sentence);
    case 'check': {
      const problem = await checkSidecar(command.address);
      if (problem !== undefined) {
        return fail(problem);
      }
      process.stdout.write(`The sidecar at ${formatListenAddress(command.address)} responds.\n`);
      return;
    }
    case 'migration-report':
      // The report is a separate program, which reads the command line.
      createRequire(join(folder, 'proxy.cjs'))('./migration-report.cjs');
      return;
    case 'pointer':
      if (command.renamed !== undefined) {
        process.stderr.write(renamedLine(command.renamed));
      }
      return pointToSidecar(command, process);
  }
}

/** A line for Grafana's log. Grafana reads the level from the brackets. */
function logLine(level: 'INFO' | 'WARN' | 'ERROR', sentences: string): string {
  return `[${level}] Micromegas data source: ${sentences}\n`;
}

function renamedLine({ formerKey, key }: RenamedSetting): string {
  return logLine('WARN', `the setting ${formerKey} is now named ${key}. Rename it in the configuration of Grafana.`);
}

/**
 * Tells Grafana the address of the sidecar, and waits until Grafana has stopped. Meanwhile, reports in Grafana's log
 * whether the sidecar responds. Grafana treats the exit of this process as the exit of the plugin, and kills this
 * process when Grafana stops.
 */
async function pointToSidecar(
  { network, address }: Extract<Command, { kind: 'pointer' }>,
  process: CommandProcess
): Promise<void> {
  const listensAt = parseListenAddress(network === 'unix' ? `unix:${address}` : address);
  let isDown: boolean | undefined;
  const check = async () => {
    const problem = listensAt === undefined ? `"${address}" is not an address.` : await checkSidecar(listensAt);
    if (problem !== undefined) {
      process.stderr.write(logLine('ERROR', `the sidecar is down, and all queries fail. ${problem}`));
    } else if (isDown !== false) {
      process.stderr.write(logLine('INFO', `the sidecar at ${address} is used, and responds.`));
    }
    isDown = problem !== undefined;
  };
  // The timer also keeps the process alive.
  const checks = setInterval(() => void check(), CHECK_EVERY_MS);
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const watch = new GrafanaWatch({ parentId: parentId(process), onGone: () => resolve() });
  process.stdout.write(handshakeLine(network, address));
  void check();
  await gone;
  watch.stop();
  clearInterval(checks);
}
