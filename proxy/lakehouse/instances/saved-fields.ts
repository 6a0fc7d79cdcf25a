/**
 * Converts saved fields to strings, numbers and switches. Provisioning files, API clients and old versions of the
 * plugin save values of other types. `settings.ts` checks the values.
 */
import { savedWord } from '../../../contract/settings/choices';
import { type MicromegasSettings } from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MisspelledName, misspelledNames } from './misspelled-names';

/**
 * The trimmed string. Numbers become strings, because provisioning converts strings of digits to numbers. Other types
 * become an empty string.
 */
function string(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** Undefined for a value that means neither true nor false. */
function flag(value: unknown): boolean | undefined {
  switch (typeof value === 'string' ? value.trim().toLowerCase() : value) {
    case true:
    case 'true':
    case 1:
    case '1':
      return true;
    case false:
    case 'false':
    case 0:
    case '0':
      return false;
    default:
      return undefined;
  }
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

/** The string, or the strings of a list joined by spaces. */
function joinedStrings(value: unknown): string {
  return Array.isArray(value) ? value.map(string).join(' ').trim() : string(value);
}

/** A missing field has the same value as an empty one. */
function readFields(saved: object) {
  const field = (name: keyof MicromegasSettings): unknown => Reflect.get(saved, name);
  return {
    host: string(field('host')),
    selectedAuthType: savedWord(field('selectedAuthType')),
    username: string(field('username')),
    oauthIssuer: string(field('oauthIssuer')),
    oauthClientId: string(field('oauthClientId')),
    oauthAudience: string(field('oauthAudience')),
    oauthScope: string(field('oauthScope')),
    oauthProvider: savedWord(field('oauthProvider')),
    oauthClientProof: savedWord(field('oauthClientProof')),
    oauthSecretStyle: savedWord(field('oauthSecretStyle')),
    oauthSigningAlgorithm: string(field('oauthSigningAlgorithm')),
    oauthKeyId: string(field('oauthKeyId')),
    oauthCertificate: string(field('oauthCertificate')),
    oauthSecretFile: string(field('oauthSecretFile')),
    oauthAssertionFile: string(field('oauthAssertionFile')),
    oauthEndpointHosts: joinedStrings(field('oauthEndpointHosts')),
    oauthForwardedToken: savedWord(field('oauthForwardedToken')),
    freshnessNotices: savedWord(field('freshnessNotices')),
    shareResults: savedWord(field('shareResults')),
    serverName: string(field('serverName')),
    oauthServerName: string(field('oauthServerName')),
    oauthProxyUrl: string(field('oauthProxyUrl')),
    sourceUrl: string(field('sourceUrl')),
    oauthProxyUser: string(field('oauthProxyUser')),
    secureSocksProxyUsername: string(field('secureSocksProxyUsername')),
    token: string(field('token')),
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

/** An item of a list in numbered fields (`…Name1`, `…Value1`), the format in which Grafana saves HTTP headers. */
export interface NumberedField {
  readonly number: number;
  readonly name: string;
  /** Empty when the value is secret or missing. */
  readonly value: string;
}

export type SavedFields = Readonly<ReturnType<typeof readFields>> & {
  readonly secureMetadata: readonly NumberedField[];
  readonly oauthParameters: readonly NumberedField[];
  readonly misspelled: readonly MisspelledName[];
};

function parseJson(bytes: Uint8Array): unknown {
  const json = Buffer.from(bytes).toString('utf8').trim();
  try {
    return json === '' ? {} : (JSON.parse(json) ?? {});
  } catch {
    return undefined;
  }
}

/**
 * The items of a numbered list in order. The numbers may have gaps, because settings forms do not renumber the items
 * after one is removed.
 */
function numbered(saved: object, prefix: string): NumberedField[] {
  return Object.keys(saved)
    .flatMap((key) => (key.startsWith(`${prefix}Name`) ? (/^\d+$/.exec(key.slice(prefix.length + 4))?.[0] ?? []) : []))
    .map((digits) => ({
      number: Number(digits),
      name: string(Reflect.get(saved, `${prefix}Name${digits}`)),
      value: string(Reflect.get(saved, `${prefix}Value${digits}`)),
    }))
    .filter(({ name, value }) => name !== '' || value !== '')
    .sort((a, b) => a.number - b.number);
}

/**
 * Reads `jsonData`, which may be empty or `null`.
 *
 * @throws {ProxyError} `settings_invalid` for anything else that is not a JSON object.
 */
export function readSavedFields(jsonData: Uint8Array): SavedFields {
  const saved = parseJson(jsonData);
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    throw new ProxyError('settings_invalid', { detail: 'The saved settings are not a JSON object.' });
  }
  const fields = readFields(saved);
  return {
    ...fields,
    misspelled: misspelledNames(saved, Object.keys(fields)),
    secureMetadata: numbered(saved, 'secureMetadata'),
    oauthParameters: numbered(saved, 'oauthParameter'),
  };
}
