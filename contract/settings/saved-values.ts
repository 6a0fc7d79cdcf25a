/**
 * Converts saved settings to strings, numbers and switches. Provisioning files, API clients and old versions of the
 * plugin save values of other types. The backend and the settings page convert them in the same way.
 */
import { savedSwitch, savedWord } from './saved-word';
import { type MicromegasSettings } from './settings';

/**
 * The trimmed string. Numbers become strings, because provisioning converts strings of digits to numbers. Other types
 * become an empty string.
 */
export function savedString(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** Name of a setting that is on or off. */
export type SwitchName = {
  [Name in keyof MicromegasSettings]-?: NonNullable<MicromegasSettings[Name]> extends boolean ? Name : never;
}[keyof MicromegasSettings];

/**
 * The effect of a value that means neither on nor off. `reject`: queries fail, because the setting protects
 * credentials, data or identities. `ignore`: the default is used, with a warning.
 */
const UNKNOWN_VALUES: Readonly<Record<SwitchName, 'reject' | 'ignore'>> = {
  secure: 'reject',
  authMethodChosen: 'ignore',
  oauthPassThru: 'reject',
  oauthPassThruFallback: 'reject',
  enableUserAttribution: 'reject',
  suggestValues: 'ignore',
  tlsSkipVerify: 'reject',
  tlsAuth: 'reject',
  tlsAuthWithCACert: 'reject',
  oauthTlsSkipVerify: 'reject',
  oauthTlsAuth: 'reject',
  oauthTlsAuthWithCACert: 'reject',
  enableSecureSocksProxy: 'reject',
};
const SWITCH_NAMES = Object.keys(UNKNOWN_VALUES) as SwitchName[];

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** True if the switch has a value that means neither on nor off. @param saved `jsonData`. */
export function isUnknownSwitch(saved: object, name: SwitchName): boolean {
  const value: unknown = Reflect.get(saved, name);
  return !isMissing(value) && savedSwitch(value) === undefined;
}

/** Names of the switches whose values mean neither on nor off. @param saved `jsonData`. */
export function unknownSwitches(saved: object): SwitchName[] {
  return SWITCH_NAMES.filter((name) => isUnknownSwitch(saved, name));
}

/** True if an unknown value of the switch is ignored with a warning. False: the settings are rejected. */
export function ignoresUnknownValue(name: SwitchName): boolean {
  return UNKNOWN_VALUES[name] === 'ignore';
}

/** The values of all switches. */
function switches(saved: object): Partial<Record<SwitchName, boolean>> {
  return Object.fromEntries(SWITCH_NAMES.map((name) => [name, savedSwitch(Reflect.get(saved, name))]));
}

/** Undefined if the value is missing or empty. NaN if the value is not a number; the check of the field reports NaN. */
function amount(value: unknown): number | undefined {
  if (isMissing(value)) {
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
 * The values of all settings except numbered settings such as `oauthParameterName1`. A missing and an empty setting
 * have the same value.
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
    ...switches(saved),
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
