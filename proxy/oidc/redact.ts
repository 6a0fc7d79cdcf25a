/**
 * Removes what must not be shown from text that an identity provider wrote. Providers echo requests, so their words may
 * hold the client secret or a token.
 */
import { foreignText } from '../errors/foreign-text';
import { type Secret } from '../logging/secret';

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

/** All forms in which a request carries the secret, and those in which an answer may quote it. */
function spellings(secret: string): string[] {
  const encoded = [
    new URLSearchParams({ s: secret }).toString().slice(2),
    encodeURIComponent(secret),
    formEncoded(secret),
  ];
  const inLowerCase = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const inHtml = secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
  const all = [secret, ...encoded, ...inLowerCase, JSON.stringify(secret).slice(1, -1), inHtml];
  return [...new Set(all)].filter((spelling) => spelling !== '');
}

/** The text without the secrets in any spelling, and without anything that looks like a token. */
export function redact(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    for (const spelling of spellings(secret.reveal())) {
      clean = clean.replaceAll(spelling, REMOVED);
    }
  }
  return clean.replace(JWT, REMOVED).replace(OPAQUE, REMOVED);
}

/** One line of at most 500 characters, safe to show. Secrets go first: cutting could leave half of one. */
export function presentable(text: string, secrets: readonly Secret[]): string {
  return foreignText(redact(text, secrets).replace(/\s+/g, ' ').trim(), MAX_CHARACTERS);
}
