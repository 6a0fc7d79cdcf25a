/**
 * The saved fields as text, numbers and switches, whatever type a provisioning file, an API client or an old version
 * gave them. Nothing is judged here; `settings.ts` does that.
 */
import { z } from 'zod';
import { ProxyError } from '../errors/proxy-error';

/** Trimmed; empty for anything that is no text. Provisioning turns texts of digits into numbers. */
const text = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''));

/** Undefined for anything that is no clear yes or no. */
const flag = z.unknown().transform((value): boolean | undefined => {
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
});

/** Undefined when missing or empty; NaN for what is no number, so that the check of the field finds it. */
const amount = z.unknown().transform((value): number | undefined => {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
    return undefined;
  }
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
});

/** Entries of `[{"key": "value"}]`, or of one object with all of them. Values that are no text or number are left out. */
const entries = z.unknown().transform((value): Array<[string, string]> => {
  const objects: unknown[] = Array.isArray(value) ? value : [value];
  return objects
    .flatMap((object) => (typeof object === 'object' && object !== null ? Object.entries(object) : []))
    .filter(([, item]) => ['string', 'number', 'boolean'].includes(typeof item))
    .map(([key, item]): [string, string] => [key.trim(), String(item).trim()])
    .filter(([key, item]) => key !== '' || item !== '');
});

const savedFields = z.object({
  host: text,
  selectedAuthType: text,
  username: text,
  oauthIssuer: text,
  oauthClientId: text,
  oauthAudience: text,
  oauthScope: text,
  oauthProvider: text,
  oauthClientProof: text,
  oauthSecretStyle: text,
  oauthSigningAlgorithm: text,
  oauthKeyId: text,
  oauthCertificate: text,
  oauthSecretFile: text,
  oauthAssertionFile: text,
  oauthForwardedToken: text,
  serverName: text,
  oauthServerName: text,
  oauthProxyUrl: text,
  oauthProxyUser: text,
  secureSocksProxyUsername: text,
  token: text,
  secure: flag,
  oauthPassThru: flag,
  oauthPassThruFallback: flag,
  enableUserAttribution: flag,
  tlsSkipVerify: flag,
  tlsAuth: flag,
  tlsAuthWithCACert: flag,
  oauthTlsSkipVerify: flag,
  oauthTlsAuth: flag,
  oauthTlsAuthWithCACert: flag,
  enableSecureSocksProxy: flag,
  queryTimeoutSeconds: amount,
  maxRows: amount,
  maxAnswerMegabytes: amount,
  metadata: entries,
});

/** An item of a list that is saved as numbered fields, `…Name1`, `…Value1`, as Grafana saves HTTP headers. */
export interface NumberedField {
  readonly number: number;
  readonly name: string;
  /** Empty when it is secret or missing. */
  readonly value: string;
}

export type SavedFields = Readonly<z.output<typeof savedFields>> & {
  readonly secureMetadata: readonly NumberedField[];
  readonly oauthParameters: readonly NumberedField[];
};

function parseJson(bytes: Uint8Array): unknown {
  const json = Buffer.from(bytes).toString('utf8').trim();
  try {
    return json === '' ? {} : (JSON.parse(json) ?? {});
  } catch {
    return undefined;
  }
}

/** The items of a numbered list in their order. Gaps are nothing special: forms leave them when an item is removed. */
function numbered(saved: object, prefix: string): NumberedField[] {
  return Object.keys(saved)
    .flatMap((key) => (key.startsWith(`${prefix}Name`) ? (/^\d+$/.exec(key.slice(prefix.length + 4))?.[0] ?? []) : []))
    .map((digits) => ({
      number: Number(digits),
      name: text.parse(Reflect.get(saved, `${prefix}Name${digits}`)),
      value: text.parse(Reflect.get(saved, `${prefix}Value${digits}`)),
    }))
    .filter(({ name, value }) => name !== '' || value !== '')
    .sort((a, b) => a.number - b.number);
}

/**
 * Reads `jsonData`.
 *
 * @throws {ProxyError} `settings_invalid` when it is no JSON object.
 */
export function readSavedFields(jsonData: Uint8Array): SavedFields {
  const saved = parseJson(jsonData);
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    throw new ProxyError('settings_invalid', { detail: 'The saved settings are no JSON object.' });
  }
  // Every field accepts anything, but a missing key only when it is there as undefined.
  const everyField = Object.fromEntries(Object.keys(savedFields.shape).map((name) => [name, Reflect.get(saved, name)]));
  return {
    ...savedFields.parse(everyField),
    secureMetadata: numbered(saved, 'secureMetadata'),
    oauthParameters: numbered(saved, 'oauthParameter'),
  };
}
