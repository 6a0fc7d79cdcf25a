/**
 * Converts saved settings to strings, numbers and switches. Provisioning files, API clients and old versions of the
 * plugin save values of other types. The backend and the settings page convert them in the same way.
 */
import { savedWord } from './choices';
import { type MicromegasSettings } from './settings';

/**
 * The trimmed string. Numbers become strings, because provisioning converts strings of digits to numbers. Other types
 * become an empty string.
 */
export function savedString(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** The words of YAML 1.1, which provisioning passes on as strings, and the digits 1 and 0. */
const ON = ['true', 'yes', 'on', '1'];
const OFF = ['false', 'no', 'off', '0'];

/** Undefined for a missing or empty value, and for one that means neither on nor off. */
function flag(value: unknown): boolean | undefined {
  const word = savedWord(value).toLowerCase();
  return ON.includes(word) ? true : OFF.includes(word) ? false : undefined;
}

const SWITCHES = [
  'secure',
  'authMethodChosen',
  'oauthPassThru',
  'oauthPassThruFallback',
  'enableUserAttribution',
  'suggestValues',
  'tlsSkipVerify',
  'tlsAuth',
  'tlsAuthWithCACert',
  'oauthTlsSkipVerify',
  'oauthTlsAuth',
  'oauthTlsAuthWithCACert',
  'enableSecureSocksProxy',
] as const satisfies ReadonlyArray<keyof MicromegasSettings>;

/** Names of the switches whose values mean neither on nor off. @param saved `jsonData`. */
export function unknownSwitches(saved: object): string[] {
  return SWITCHES.filter((name) => {
    const value: unknown = Reflect.get(saved, name);
    const isEmpty = value === undefined || value === null || value === '';
    return !isEmpty && flag(value) === undefined;
  });
}

/** Undefined when missing or empty. NaN for a value that is not a number, which the check of the field reports. */
function amount(value: unknown): number | undefined {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
    return undefined;
  }
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
}

/**
 * Entries of `[{"key": "value"}]` or of one object. Values of other types than string, number and boolean are dropped.
 */
function entries(value: unknown): Array<[string, string]> {
  const objects: unknown[] = Array.isArray(value) ? value : [value];
  return objects
    .flatMap((object) => (typeof object === 'object' && object !== null ? Object.entries(object) : []))
    .filter(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))
    .map(([key, item]): [string, string] => [key.trim(), String(item).trim()])
    .filter(([key, item]) => key !== '' || item !== '');
}

/** The string, or the strings of a list joined by the separator. */
function joinedStrings(value: unknown, separator: string): string {
  return Array.isArray(value) ? value.map(savedString).join(separator).trim() : savedString(value);
}

/**
 * The values of all settings except numbered ones such as `oauthParameterName1`. A missing setting has the same value
 * as an empty one.
 *
 * @param saved `jsonData`.
 */
export function readValues(saved: object) {
  const field = (name: keyof MicromegasSettings): unknown => Reflect.get(saved, name);
  return {
    host: savedString(field('host')),
    selectedAuthType: savedWord(field('selectedAuthType')),
    username: savedString(field('username')),
    oauthIssuer: savedString(field('oauthIssuer')),
    oauthClientId: savedString(field('oauthClientId')),
    oauthAudience: savedString(field('oauthAudience')),
    oauthScope: joinedStrings(field('oauthScope'), ' '),
    oauthProvider: savedWord(field('oauthProvider')),
    oauthClientProof: savedWord(field('oauthClientProof')),
    oauthSecretStyle: savedWord(field('oauthSecretStyle')),
    oauthSigningAlgorithm: savedString(field('oauthSigningAlgorithm')),
    oauthKeyId: savedString(field('oauthKeyId')),
    oauthCertificate: savedString(field('oauthCertificate')),
    oauthSecretFile: savedString(field('oauthSecretFile')),
    oauthAssertionFile: savedString(field('oauthAssertionFile')),
    oauthEndpointHosts: joinedStrings(field('oauthEndpointHosts'), ', '),
    oauthForwardedToken: savedWord(field('oauthForwardedToken')),
    freshnessNotices: savedWord(field('freshnessNotices')),
    shareResults: savedWord(field('shareResults')),
    serverName: savedString(field('serverName')),
    oauthServerName: savedString(field('oauthServerName')),
    oauthProxyUrl: savedString(field('oauthProxyUrl')),
    sourceUrl: savedString(field('sourceUrl')),
    oauthProxyUser: savedString(field('oauthProxyUser')),
    secureSocksProxyUsername: savedString(field('secureSocksProxyUsername')),
    token: savedString(field('token')),
    secure: flag(field('secure')),
    authMethodChosen: flag(field('authMethodChosen')),
    oauthPassThru: flag(field('oauthPassThru')),
    oauthPassThruFallback: flag(field('oauthPassThruFallback')),
    enableUserAttribution: flag(field('enableUserAttribution')),
    suggestValues: flag(field('suggestValues')),
    tlsSkipVerify: flag(field('tlsSkipVerify')),
    tlsAuth: flag(field('tlsAuth')),
    tlsAuthWithCACert: flag(field('tlsAuthWithCACert')),
    oauthTlsSkipVerify: flag(field('oauthTlsSkipVerify')),
    oauthTlsAuth: flag(field('oauthTlsAuth')),
    oauthTlsAuthWithCACert: flag(field('oauthTlsAuthWithCACert')),
    enableSecureSocksProxy: flag(field('enableSecureSocksProxy')),
    queryTimeoutSeconds: amount(field('queryTimeoutSeconds')),
    maxRows: amount(field('maxRows')),
    maxAnswerMegabytes: amount(field('maxAnswerMegabytes')),
    maxStatements: amount(field('maxStatements')),
    maxRangeHours: amount(field('maxRangeHours')),
    resultAgeSeconds: amount(field('resultAgeSeconds')),
    incrementalRefreshMinutes: amount(field('incrementalRefreshMinutes')),
    metadata: entries(field('metadata')),
  };
}

export type SavedValues = Readonly<ReturnType<typeof readValues>>;
