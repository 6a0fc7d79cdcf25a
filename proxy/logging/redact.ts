/**
 * Removes what must not be shown from text that an identity provider or a Flight server wrote. Both echo requests, so their
 * words may hold the client secret, an API key or a token.
 */
import { foreignText } from '../errors/foreign-text';
import { type Secret } from './secret';

const REMOVED = '[removed]';
/** Longest text of a provider that is passed on, in code points. */
const MAX_CHARACTERS = 500;

/** Three or more base64url parts, the first one JSON: a JWT, or the beginning of one. */
const JWT = /\beyJ[\w-]*(?:\.[\w-]*)*/g;
/** A long run of letters and digits: an opaque token, an assertion, base64 credentials. UUIDs and hosts are shorter. */
const OPAQUE = /(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{40,}/gi;

/** Encoded as openid-client does it for the Authorization header: all but letters and digits, where others leave more. */
export function formEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[-_.!~*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Shortest piece of an encoding that stands for the secret and not for some other text. */
const MIN_ENCODED_CHARACTERS = 8;

/**
 * The secret in base64 and hexadecimal, as a part of whatever is encoded: it may begin at each of three places in a group
 * of three bytes. Characters that also depend on the bytes around it are left out.
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

/** All forms in which a request carries the secret, and those in which an answer may quote it. */
function spellings(secret: string): string[] {
  const encoded = [
    new URLSearchParams({ s: secret }).toString().slice(2),
    encodeURIComponent(secret),
    formEncoded(secret),
  ];
  const inLowerCase = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const inHtml = secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  const all = [secret, ...encoded, ...inLowerCase, JSON.stringify(secret).slice(1, -1), inHtml, ...encodings(secret)];
  return [...new Set(all)].filter((spelling) => spelling !== '');
}

/** The text without the secrets in any spelling, and without JWTs. */
export function withoutSecrets(text: string, secrets: readonly Secret[]): string {
  // Longest first: a spelling may hold another one.
  const all = secrets.flatMap((secret) => spellings(secret.reveal())).sort((a, b) => b.length - a.length);
  const clean = all.reduce((rest, spelling) => rest.replaceAll(spelling, REMOVED), text);
  return clean.replace(JWT, REMOVED);
}

/** The text without the secrets in any spelling, and without anything that looks like a token. */
export function redact(text: string, secrets: readonly Secret[]): string {
  return withoutSecrets(text, secrets).replace(OPAQUE, REMOVED);
}

/** One line of at most 500 characters, safe to show. Secrets go first: cutting could leave half of one. */
export function presentable(text: string, secrets: readonly Secret[]): string {
  return foreignText(redact(text, secrets).replace(/\s+/g, ' ').trim(), MAX_CHARACTERS);
}
