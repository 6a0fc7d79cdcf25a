/**
 * The names of the operator's settings in the environment, and names that resemble them. Grafana passes each key of
 * `[plugin.micromegas-micromegas-datasource]` as `GF_PLUGIN_<KEY>`. So a mistyped key arrives under its mistyped name.
 */
import { type Environment } from './environment';
import { isWithin } from './edit-distance';

/** Prefix of the variables that Grafana makes from keys of the section of the plugin. */
const PREFIX = 'GF_PLUGIN_';

/** The settings that limit what data sources may do. A name that resembles one of them is an error. */
export const RESTRICTIONS = [
  'GF_PLUGIN_ALLOWED_HOSTS',
  'GF_PLUGIN_ALLOWED_FILE_FOLDERS',
  'GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS',
] as const;

/** Value of `backend_restrictions`: the sidecar has restrictions of its own. */
const OF_SIDECAR = 'sidecar';

/**
 * The restrictions of this process that a sidecar at `backend_socket` or `backend_address` would not apply, as keys of
 * grafana.ini. Empty if `backend_restrictions` says that the sidecar has its own. The launcher has the same rule.
 */
export function restrictionsNotInSidecar(env: Environment): string[] {
  return env.GF_PLUGIN_BACKEND_RESTRICTIONS === OF_SIDECAR
    ? []
    : [
        ...RESTRICTIONS.filter((name) => (env[name] ?? '') !== '').map(keyOf),
        ...unreadKeys(env).restrictions.map(({ key }) => key),
      ];
}

/** The environment variables with the plugin's settings. */
export const PLUGIN_SETTINGS: readonly string[] = [
  ...RESTRICTIONS,
  'GF_PLUGIN_BACKEND_ADDRESS',
  'GF_PLUGIN_BACKEND_RESTRICTIONS',
  'GF_PLUGIN_BACKEND_SOCKET',
  'GF_PLUGIN_DRAIN_SECONDS',
  'GF_PLUGIN_LOG_LEVEL',
  'GF_PLUGIN_MEMORY_BUDGET_MB',
  'GF_PLUGIN_NODE',
  'GF_PLUGIN_PROXY_ADDRESS',
  'GF_PLUGIN_PROXY_ALLOW_REMOTE',
  'GF_PLUGIN_PROXY_HANDOVER',
  'GF_PLUGIN_PROXY_LISTEN',
  'GF_PLUGIN_PROXY_SOCKET',
  'GF_PLUGIN_PROXY_SOCKET_MODE',
  'GF_PLUGIN_SLOW_QUERY_SECONDS',
];

/** Variables that Grafana itself sets. */
export const SET_BY_GRAFANA: readonly string[] = [
  'GF_PLUGIN_VERSION',
  'GF_PLUGIN_APP_CLIENT_ID',
  'GF_PLUGIN_APP_CLIENT_SECRET',
  'GF_PLUGIN_APP_PRIVATE_KEY',
];

/** Words of names that mean a restriction, although more than two characters differ. */
const RESTRICTION_WORDS: ReadonlyArray<{ words: RegExp; meant: string }> = [
  { words: /allow.*host|host.*allow/, meant: 'allowed_hosts' },
  { words: /plain_?text/, meant: 'refuse_plaintext_tokens' },
];

/** The key in grafana.ini for a variable, or the variable without its prefix. */
export function keyOf(variable: string): string {
  return variable.slice(PREFIX.length).toLowerCase();
}

/** A key of the section that the plugin does not read, and the key that was probably meant. */
export interface MistypedKey {
  readonly key: string;
  readonly meant: string;
}

/** Keys that the plugin does not read. */
export interface UnreadKeys {
  /** Keys that resemble a restriction. */
  readonly restrictions: readonly MistypedKey[];
  /** Keys that resemble another setting. */
  readonly settings: readonly MistypedKey[];
  readonly others: readonly string[];
}

/** Keys with more characters than this are not compared. */
const MAX_KEY_LENGTH = 60;

/** In the names of settings with at least this many characters, two characters may be wrong; in shorter ones, one. */
const LONG = 12;

const plain = (key: string) => key.replace(/[^a-z0-9]/g, '');

function isAlmost(key: string, known: string): boolean {
  return key.length <= MAX_KEY_LENGTH && isWithin(plain(key), plain(known), known.length < LONG ? 1 : 2);
}

function restrictionMeantBy(key: string): string | undefined {
  const almost = RESTRICTIONS.map(keyOf).find((known) => isAlmost(key, known));
  return almost ?? RESTRICTION_WORDS.find(({ words }) => words.test(key))?.meant;
}

/** The variables named `GF_PLUGIN_…` that neither Grafana sets nor the plugin reads, as keys of grafana.ini. */
export function unreadKeys(env: Environment): UnreadKeys {
  const restrictions: MistypedKey[] = [];
  const settings: MistypedKey[] = [];
  const others: string[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || PLUGIN_SETTINGS.includes(name) || SET_BY_GRAFANA.includes(name)) {
      continue;
    }
    const key = keyOf(name);
    const restriction = restrictionMeantBy(key);
    const setting = PLUGIN_SETTINGS.map(keyOf).find((known) => isAlmost(key, known));
    if (restriction !== undefined) {
      restrictions.push({ key, meant: restriction });
    } else if (setting !== undefined) {
      settings.push({ key, meant: setting });
    } else {
      others.push(key);
    }
  }
  return { restrictions, settings, others };
}
