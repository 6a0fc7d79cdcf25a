/**
 * Removes what must not be shown from text that an identity provider wrote. Providers echo requests, so their words may
 * hold the client secret or a token.
 */
import { type Secret } from '../logging/secret';

const REMOVED = '[removed]';
/** Longest text of a provider that is passed on, in characters. */
const MAX_CHARACTERS = 500;

/** Three or more base64url parts, the first one JSON: a JWT, or the beginning of one. */
const JWT = /\beyJ[\w-]*(?:\.[\w-]*)*/g;
/** A long run of letters and digits: an opaque token, an assertion, base64 credentials. UUIDs and hosts are shorter. */
const OPAQUE = /(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=-]{40,}/gi;

/** All forms in which a request carries the secret. */
function spellings(secret: string): string[] {
  const formEncoded = new URLSearchParams({ s: secret }).toString().slice(2);
  return [...new Set([secret, formEncoded, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])].filter(
    (spelling) => spelling !== ''
  );
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
  const line = redact(text, secrets).replace(/\s+/g, ' ').trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
}
