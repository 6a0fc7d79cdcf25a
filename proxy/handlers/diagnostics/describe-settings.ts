/** Describes the saved settings of a data source without secrets. It also describes invalid settings. */
import { type DiagnosticProblem, type DiagnosticSettings } from '../../../contract/resources/diagnostics';
import { providerOf } from '../../../contract/settings/providers';
import { foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { authTypeOf } from '../../lakehouse/instances/read-auth';
import { oauthFields } from '../../lakehouse/instances/read-credentials';
import { type SavedDataSource } from '../../lakehouse/instances/saved-data-source';
import { readSavedFields, type SavedFields } from '../../lakehouse/instances/saved-fields';
import { SecretFields } from '../../lakehouse/instances/secret-fields';

/** The settings whose values are shown. They contain no secret if the user filled them in correctly. */
const SHOWN = [
  'host',
  'secure',
  'selectedAuthType',
  'authMethodChosen',
  'oauthIssuer',
  'oauthAudience',
  'oauthScope',
  'oauthProvider',
  'oauthClientProof',
  'oauthSecretStyle',
  'oauthSigningAlgorithm',
  'oauthEndpointHosts',
  'oauthPassThru',
  'oauthPassThruFallback',
  'oauthForwardedToken',
  'enableUserAttribution',
  'queryTimeoutSeconds',
  'maxRows',
  'maxAnswerMegabytes',
  'maxStatements',
  'maxRangeHours',
  'resultAgeSeconds',
  'shareResults',
  'incrementalRefreshMinutes',
  'suggestValues',
  'sourceUrl',
  'freshnessNotices',
  'tlsSkipVerify',
  'tlsAuth',
  'tlsAuthWithCACert',
  'serverName',
  'oauthTlsSkipVerify',
  'oauthTlsAuth',
  'oauthTlsAuthWithCACert',
  'oauthServerName',
  'oauthProxyUrl',
  'enableSecureSocksProxy',
] as const satisfies ReadonlyArray<keyof SavedFields>;

type ShownField = (typeof SHOWN)[number];

/** The shown settings that are addresses or hosts. */
const ADDRESSES: ReadonlySet<ShownField> = new Set([
  'host',
  'oauthIssuer',
  'oauthEndpointHosts',
  'oauthProxyUrl',
  'oauthServerName',
  'serverName',
  'sourceUrl',
]);

/**
 * Settings whose values are hidden: names of accounts, keys and files, the certificate, and the plain-text key that
 * very old versions saved.
 */
const HIDDEN = [
  'username',
  'oauthClientId',
  'oauthKeyId',
  'oauthCertificate',
  'oauthSecretFile',
  'oauthAssertionFile',
  'oauthProxyUser',
  'secureSocksProxyUsername',
  'token',
] as const satisfies ReadonlyArray<Exclude<keyof SavedFields, ShownField>>;

/** Maximum length of a shown value, in characters. */
const MAX_VALUE = 300;
/** Maximum length of a shown name of a secret, header or parameter, in characters. */
const MAX_NAME = 100;
/** Maximum number of names in each list. */
const MAX_NAMES = 100;
/**
 * Minimum length, in characters, of a stored secret that is searched for in the shown values. A shorter secret may
 * occur in these values by chance.
 */
const MIN_STORED = 4;
/**
 * Minimum length, in characters, of a hidden plain-text value that is searched for in the shown values. It is longer
 * than `MIN_STORED`, because a hidden value may be a common word, for example `grafana`.
 */
const MIN_PLAIN = 8;

/** Matches only the first scheme, because a password may also contain `://`. */
const SCHEME = /^\s*[a-z][a-z0-9+.-]*:\/\//i;

/** Removes user, password, query string and fragment from an address. It also works for invalid addresses. */
function withoutCredentials(value: string): string {
  const [scheme = ''] = SCHEME.exec(value) ?? [];
  const rest = value.slice(scheme.length);
  return `${scheme.trimStart()}${rest.slice(rest.lastIndexOf('@') + 1).split(/[?#]/, 1)[0]}`;
}

/**
 * Returns a function that replaces a string by `[secret]` if it contains one of the secrets. A user may have pasted a
 * secret into the wrong field.
 */
function hider(stored: readonly string[], plain: readonly string[]): (value: string) => string {
  const atLeast = (length: number, strings: readonly string[]) =>
    strings.map((value) => value.trim()).filter((value) => value.length >= length);
  const searched = [...atLeast(MIN_STORED, stored), ...atLeast(MIN_PLAIN, plain)];
  return (value) => (searched.some((secret) => value.includes(secret)) ? '[secret]' : value);
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== '';
}

/** The problems that `parse` finds in the settings. */
function problemsOf(parse: () => unknown): DiagnosticProblem[] {
  try {
    parse();
    return [];
  } catch (reason) {
    const error = ProxyError.from(reason);
    const { detail } = error.messages;
    const found = Array.isArray(detail) ? detail : [];
    return found.length === 0
      ? [{ code: error.code }]
      : found.map(({ code, field }) => ({ code, ...(field !== undefined && { field }) }));
  }
}

/** A number as JSON can represent it. */
function shownNumber(value: number): number | string {
  return Number.isNaN(value) ? '(not a number)' : Number.isFinite(value) ? value : String(value);
}

function valuesOf(saved: SavedFields, hide: (value: string) => string): DiagnosticSettings['values'] {
  const shown = SHOWN.flatMap((name): Array<[string, string | number | boolean]> => {
    const value = saved[name];
    if (value === undefined || value === '') {
      return [];
    }
    if (typeof value === 'string') {
      // The whole value is searched first: `withoutCredentials` may drop a part of a secret, and the rest of the secret
      // would not be found.
      const isAddress = ADDRESSES.has(name) || SCHEME.test(value);
      const clean = isAddress && hide(value) === value ? hide(withoutCredentials(value)) : hide(value);
      return [[name, foreignLine(clean, MAX_VALUE)]];
    }
    return [[name, typeof value === 'number' ? shownNumber(value) : value]];
  });
  return Object.fromEntries(shown);
}

/**
 * Describes the saved settings, even if they are invalid. Secrets are listed by name only.
 *
 * @param parse Validates the settings in the same way as a query does. Throws a ProxyError if they are invalid.
 */
export function describeSettings(source: SavedDataSource, parse: () => unknown): DiagnosticSettings {
  const stored = source.decryptedSecureJsonData;
  const secrets = Object.keys(stored)
    .filter((name) => stored[name] !== '')
    .map((name) => foreignLine(name, MAX_NAME))
    .slice(0, MAX_NAMES);
  const problems = problemsOf(parse);
  const none = { values: {}, hidden: [], secrets, headers: [], secretHeaders: [], parameters: [], problems };
  let saved: SavedFields;
  try {
    saved = readSavedFields(source.jsonData);
  } catch {
    return none;
  }
  const plain = [...saved.metadata.map(([, value]) => value), ...saved.oauthParameters.map(({ value }) => value)];
  const hide = hider(Object.values(stored), [...plain, saved.token]);
  const names = (all: readonly string[]) => all.slice(0, MAX_NAMES).map((name) => foreignLine(hide(name), MAX_NAME));
  const signIn = authTypeOf(saved, new SecretFields(stored));
  return {
    ...none,
    signIn,
    ...(signIn === 'oauth2' && { provider: providerOf(oauthFields(saved)) }),
    values: valuesOf(saved, hide),
    hidden: HIDDEN.filter((name) => isFilled(saved[name])),
    headers: names(saved.metadata.map(([name]) => name)),
    secretHeaders: names(saved.secureMetadata.map(({ name }) => name)),
    parameters: names(saved.oauthParameters.map(({ name }) => name)),
  };
}
