/**
 * Removes secrets from messages of an identity provider or a Flight server. Both may quote requests, so their messages
 * may contain the client secret, an API key or a token.
 */
import { foreignString } from '../../base/errors/foreign-string';
import { type Secret } from './secret';
import { countLetters, withoutTraces } from './secret-traces';

const REMOVED = '[removed]';
/**
 * Stands for `REMOVED` during the search. A secret such as `move` would be found in `REMOVED`, but is not in the
 * placeholder.
 */
const PLACEHOLDER = '\uffff';
/** Maximum length of a string from a provider, in code points. */
const MAX_CHARACTERS = 500;
/**
 * The search for changed copies of secrets reads at most this many characters, so that a secret at the end of the shown
 * characters is found whole.
 */
const MAX_COMPARED_CHARACTERS = 40 * MAX_CHARACTERS;
/** Shorter secrets, such as `signed`, occur by chance in unrelated strings. */
const MIN_SECRET_CHARACTERS = 8;
/** Minimum number of letters and digits in a spelling that is searched for in other cases and with other separators. */
const MIN_LETTERS = 5;

/** A JWT, or the beginning of one: parts in base64url. The first part is JSON. */
const JWT = /\beyJ[\w-]*(?:\.[\w-]*)*/g;
/** A long run of letters and digits: an opaque token, an assertion, base64 credentials. UUIDs are shorter. */
const OPAQUE = /(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{40,}/gi;

/** Encodes everything but letters and digits, as openid-client does for the Authorization header. */
export function formEncoded(value: string): string {
  return encodeURIComponent(value)
    .replaceAll('%20', '+')
    .replace(/[-_.!~*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Minimum length of a removed piece of an encoded secret. A shorter piece may be part of unrelated strings. */
const MIN_ENCODED_CHARACTERS = 8;

/**
 * The secret in base64 and hexadecimal, as a part of a longer encoded string. In base64 there are three encodings,
 * because the secret may start at any position in a group of three bytes. Characters that also depend on the bytes
 * around the secret are dropped.
 */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const pieces = [0, 1, 2].flatMap((before) => {
    const first = Math.ceil((before * 4) / 3);
    const end = Math.floor(((before + bytes.length) * 4) / 3);
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    return (['base64', 'base64url'] as const).map((encoding) => shifted.toString(encoding).slice(first, end));
  });
  const hex = bytes.toString('hex');
  return [...pieces, hex, hex.toUpperCase()].filter(({ length }) => length >= MIN_ENCODED_CHARACTERS);
}

/** The secret in all encodings that a request may contain or a response may quote. */
function spellings(secret: string): string[] {
  const encoded = [
    new URLSearchParams({ s: secret }).toString().slice(2),
    encodeURIComponent(secret),
    formEncoded(secret),
  ];
  const inLowerCase = encoded.map((value) => value.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const inHtml = secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  const inBytes = [secret, formEncoded(secret)].flatMap(encodings);
  const all = [secret, ...encoded, ...inLowerCase, JSON.stringify(secret).slice(1, -1), inHtml, ...inBytes];
  return [...new Set(all)].filter((spelling) => spelling !== '');
}

/** Removes the secrets, in any encoding, and JWTs. */
export function withoutSecrets(message: string, secrets: readonly Secret[]): string {
  // The longest encoding comes first, because one encoding may contain another.
  const all = secrets.flatMap((secret) => spellings(secret.reveal())).sort((a, b) => b.length - a.length);
  const clean = all.reduce((rest, spelling) => rest.replaceAll(spelling, PLACEHOLDER), message);
  return clean.replace(JWT, PLACEHOLDER).replaceAll(PLACEHOLDER, REMOVED);
}

/** Removes the secrets, in any encoding, and strings that look like a token. */
export function redact(message: string, secrets: readonly Secret[]): string {
  return withoutSecrets(message, secrets).replace(OPAQUE, REMOVED);
}

/**
 * True if a secret is too short to be removed from a string of a provider without a hint at the secret. Such a string
 * must not be shown.
 */
export function isTooShortToRemove(secrets: readonly Secret[]): boolean {
  const values = secrets.map((secret) => secret.reveal()).filter((value) => value !== '');
  return values.some((value) => Array.from(value).length < MIN_SECRET_CHARACTERS || countLetters(value) < MIN_LETTERS);
}

/**
 * One line of at most 500 characters, safe to show unless `isTooShortToRemove(secrets)`. Secrets are removed before the
 * string is truncated, because truncation could split a secret. Whole secrets in any encoding are removed, even if they
 * are in another case, have other separators or are reversed. Parts of secrets stay, because the marker in their place
 * would confirm a guess.
 */
export function presentable(message: string, secrets: readonly Secret[]): string {
  return withoutCopies(redact(message, secrets), secrets);
}

/** The result of `presentable` for an address: a path looks like a token, but none of its parts between slashes may. */
export function presentableUrl(url: string, secrets: readonly Secret[]): string {
  const parts = withoutSecrets(url, secrets).split('/');
  return withoutCopies(parts.map((part) => part.replace(OPAQUE, REMOVED)).join('/'), secrets);
}

/** One line without changed copies of secrets, truncated. */
function withoutCopies(message: string, secrets: readonly Secret[]): string {
  const line = foreignString(message.replace(/\s+/g, ' ').trim(), MAX_COMPARED_CHARACTERS);
  const searched = secrets
    .flatMap((secret) => spellings(secret.reveal()))
    .filter((spelling) => countLetters(spelling) >= MIN_LETTERS);
  return foreignString(withoutTraces(line, searched, REMOVED), MAX_CHARACTERS);
}
