/**
 * The limits that the operator of the Grafana server sets for data sources, in Grafana's ini section
 * `[plugin.micromegas-micromegas-datasource]`. Grafana passes them to the process as `GF_PLUGIN_…` variables, which are
 * read once, at the start.
 *
 * A typo must not allow more than intended. An invalid entry allows nothing, `refuse_plaintext_tokens` is on if its
 * value is unknown, and a key that resembles a restriction stops all data sources. These mistakes are logged.
 */
import { message, type Message } from '../../../contract/messages/message';
import { type Environment } from '../../base/environment';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Logger } from '../../observe/logging/logger';
import { readAllowedFile, readAllowedFolders, versionOfAllowedFile } from './allowed-files';
import { readAllowedHosts } from './allowed-hosts';
import { keyOf, type MistypedKey, RESTRICTIONS, unreadKeys } from '../../base/operator-names';

/** The limits for data sources. They do not change while the process runs. */
export interface OperatorPolicy {
  /** @throws {ProxyError} `restriction_mistyped` if a key resembles a restriction. */
  checkKeys(): void;
  /** The restrictions that are in force, for admins. */
  readonly restrictions: Message;
  /** True when data sources may connect to this host. Setting `allowed_hosts`; unset: any host. */
  allowsHost(host: string, port: number): boolean;
  /**
   * The secret in a file, without white space around it. Allowed only for files in the folders of the setting
   * `allowed_file_folders`, and only if `allowed_hosts` is set, too.
   *
   * @throws {ProxyError} `file_not_allowed`, `file_hosts_unrestricted`, `file_unreadable`.
   */
  readFile(path: string): Promise<string>;
  /**
   * A string that changes when the file is written or replaced.
   *
   * @throws {ProxyError} For the same reasons as `readFile`.
   */
  fileVersion(path: string): Promise<string>;
  /** True when a token or key must not go to another machine in plaintext. Setting `refuse_plaintext_tokens`. */
  readonly rejectsPlaintextTokens: boolean;
}

const [HOSTS, FOLDERS, PLAINTEXT] = RESTRICTIONS;

const SWITCHES: Readonly<Record<string, boolean>> = {
  '': false,
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/**
 * The error if `allowed_hosts` is not set. Without this setting, an admin of data sources could get a token with the
 * file's secret, and send the token to a server of their own.
 */
function hostsUnrestricted(): ProxyError {
  return new ProxyError('file_hosts_unrestricted', {
    detail: 'allowed_file_folders of the plugin is set, but allowed_hosts is not.',
  });
}

/** Logs keys that have no effect. @returns The keys that resemble a restriction. */
function readKeys(env: Environment, logger: Pick<Logger, 'error' | 'warn'>): readonly MistypedKey[] {
  const { restrictions, settings, others } = unreadKeys(env);
  for (const { key, meant } of restrictions) {
    logger.error('A key of the plugin resembles a restriction. No data source works until it is corrected or removed', {
      key,
      meant,
    });
  }
  for (const { key, meant } of settings) {
    logger.warn('A key of the plugin is unknown and has no effect', { key, meant });
  }
  if (others.length > 0) {
    logger.warn('Some keys of the plugin are unknown and have no effect', { keys: others.join(', ') });
  }
  return restrictions;
}

function mistyped(keys: readonly MistypedKey[]): ProxyError {
  return new ProxyError('restriction_mistyped', {
    detail: keys.map(({ key, meant }) => message('restriction-mistyped', { key, meant })),
  });
}

/** The restrictions with their values, as the operator wrote them. */
function restrictionsOf(env: Environment, rejectsPlaintextTokens: boolean): Message {
  const inForce = RESTRICTIONS.flatMap((name) => {
    const value = env[name]?.trim() ?? '';
    return value === '' || (name === PLAINTEXT && !rejectsPlaintextTokens) ? [] : [`${keyOf(name)} = ${value}`];
  });
  return inForce.length === 0
    ? message('restrictions-none')
    : message('restrictions-in-force', { restrictions: inForce.join('; ') });
}

/**
 * Reads the limits, and logs mistakes in them.
 *
 * @param env Environment of the process. Grafana passes the keys of the plugin's section as `GF_PLUGIN_…`.
 */
export function createOperatorPolicy(env: Environment, logger: Pick<Logger, 'error' | 'warn'>): OperatorPolicy {
  const mistypedKeys = readKeys(env, logger);
  const hosts = readAllowedHosts(env[HOSTS]);
  for (const entry of hosts.unreadable) {
    logger.error('An entry of allowed_hosts is not a host, *.domain or host:port, and allows nothing', { entry });
  }
  const { folders, unreadable } = readAllowedFolders(env[FOLDERS]);
  for (const entry of unreadable) {
    logger.error('An entry of allowed_file_folders is not an absolute path, and allows nothing', { entry });
  }
  const areFilesOff = folders.length > 0 && !hosts.isRestricted;
  if (areFilesOff) {
    logger.error('Secrets from files are off: allowed_file_folders is set, but allowed_hosts is not', { folders });
  }
  const word = (env[PLAINTEXT] ?? '').trim().toLowerCase();
  const isKnownWord = Object.hasOwn(SWITCHES, word);
  const onFile = (path: string, use: typeof readAllowedFile) =>
    areFilesOff ? Promise.reject(hostsUnrestricted()) : use(path, folders);
  if (!isKnownWord) {
    logger.error('refuse_plaintext_tokens is neither true nor false, and is read as true', { value: word });
  }
  const rejectsPlaintextTokens = isKnownWord ? SWITCHES[word] === true : true;
  return {
    checkKeys: () => {
      if (mistypedKeys.length > 0) {
        throw mistyped(mistypedKeys);
      }
    },
    restrictions: restrictionsOf(env, rejectsPlaintextTokens),
    allowsHost: (host, port) => hosts.allows(host, port),
    readFile: (path) => onFile(path, readAllowedFile),
    fileVersion: (path) => onFile(path, versionOfAllowedFile),
    rejectsPlaintextTokens,
  };
}
