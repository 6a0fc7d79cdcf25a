/**
 * Checks the `authorization` header with Micromegas's rules.
 *
 * For a sign-in with an API key, everything after `Bearer ` must be equal to the key. A token must be a JWT that is
 * signed with RS256 by a key of its issuer. The token must have `iss`, `sub`, `aud` and `exp`. `groups` is optional and
 * must be a string or a list of strings. `exp` is checked without leeway, and `nbf` is ignored. The issuer must be
 * equal to the configured one and to the one in the discovery document, character by character. Discovery must not
 * redirect. The keys of an issuer are cached for an hour.
 */
import { type Metadata } from '@grpc/grpc-js';
import { compactVerify, createLocalJWKSet, decodeJwt, type JSONWebKeySet, type JWTPayload } from 'jose';
import { invalidToken } from './error-messages';

export interface Caller {
  kind: 'none' | 'api_key' | 'oidc';
  /** Name of the key, or the token's `sub`. */
  subject: string;
  email?: string;
}

export interface SignInOptions {
  apiKeys: ReadonlyArray<{ name: string; key: string }>;
  issuers: ReadonlyArray<{ issuer: string; audience: string }>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Fetches documents of an issuer. Default: over HTTP, without following redirects. */
  fetchJson?: (url: string) => Promise<unknown>;
}

/** Time for which the keys of an issuer are cached. */
const JWKS_LIFETIME_MS = 3_600_000;
/** Time after which a verified token is verified again. */
const TOKEN_LIFETIME_MS = 300_000;
/** A verified token is verified again this long before it expires. */
const TOKEN_MARGIN_MS = 30_000;
const EMAIL_CLAIMS = [
  'verified_primary_email',
  'email',
  'https://micromegas.io/email',
  'preferred_username',
  'upn',
  'unique_name',
];

interface KnownToken {
  caller: Caller;
  /** Milliseconds since 1970. After this time, the token is checked again. */
  trustedUntilMs: number;
}

/** Identifies the caller by the metadata of a request. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #keySets = new Map<string, { keys: ReturnType<typeof createLocalJWKSet>; fetchedAtMs: number }>();
  readonly #known = new Map<string, KnownToken>();
  readonly #revoked = new Set<string>();
  #revokedBeforeMs = 0;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /**
   * The caller of a request.
   *
   * @throws {LakeError} Unauthenticated, with the same message for all causes.
   */
  async check(metadata: Metadata): Promise<Caller> {
    const { apiKeys, issuers } = this.#options;
    if (apiKeys.length === 0 && issuers.length === 0) {
      return { kind: 'none', subject: 'unknown' };
    }
    const header = metadata.get('authorization')[0]?.toString() ?? '';
    if (!header.startsWith('Bearer ')) {
      throw invalidToken();
    }
    const credential = header.slice('Bearer '.length);
    const key = apiKeys.find((each) => each.key === credential);
    return key === undefined ? this.#checkToken(credential) : { kind: 'api_key', subject: key.name };
  }

  /** Rejects every token issued so far. */
  revokeTokens(): void {
    for (const token of this.#known.keys()) {
      this.#revoked.add(token);
    }
    this.#known.clear();
    this.#revokedBeforeMs = this.#options.now();
  }

  async #checkToken(token: string): Promise<Caller> {
    const remembered = this.#known.get(token);
    if (remembered !== undefined && this.#options.now() < remembered.trustedUntilMs) {
      return remembered.caller;
    }
    try {
      const claims = await this.#verify(token);
      const caller: Caller = { kind: 'oidc', subject: claims.sub ?? '', ...emailOf(claims) };
      const expiresMs = (claims.exp ?? 0) * 1000;
      this.#known.set(token, {
        caller,
        trustedUntilMs: Math.min(this.#options.now() + TOKEN_LIFETIME_MS, expiresMs - TOKEN_MARGIN_MS),
      });
      return caller;
    } catch {
      // Like the real server, the demo does not send the cause to the client.
      throw invalidToken();
    }
  }

  async #verify(token: string): Promise<JWTPayload> {
    const claims = decodeJwt(token);
    const audiences = [claims.aud ?? []].flat();
    const accepted = this.#options.issuers.some(
      (each) => each.issuer === claims.iss && audiences.includes(each.audience)
    );
    if (!accepted || claims.iss === undefined || claims.sub === undefined || claims.exp === undefined) {
      throw new Error('a claim is missing or not accepted');
    }
    if (claims.groups !== undefined && typeof claims.groups !== 'string' && !isListOfStrings(claims.groups)) {
      throw new Error('groups cannot be read');
    }
    await compactVerify(token, await this.#keysOf(claims.iss), { algorithms: ['RS256'] });
    if (claims.exp * 1000 <= this.#options.now()) {
      throw new Error('expired');
    }
    if (this.#revoked.has(token) || (claims.iat ?? 0) < Math.floor(this.#revokedBeforeMs / 1000)) {
      throw new Error('revoked');
    }
    return claims;
  }

  async #keysOf(issuer: string): Promise<ReturnType<typeof createLocalJWKSet>> {
    const cached = this.#keySets.get(issuer);
    if (cached !== undefined && this.#options.now() - cached.fetchedAtMs < JWKS_LIFETIME_MS) {
      return cached.keys;
    }
    const fetchDocument = this.#options.fetchJson ?? fetchJson;
    const discovery = (await fetchDocument(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)) as {
      issuer?: string;
      jwks_uri?: string;
    };
    if (discovery.issuer !== issuer || discovery.jwks_uri === undefined) {
      throw new Error('discovery names another issuer');
    }
    const { keys } = (await fetchDocument(discovery.jwks_uri)) as JSONWebKeySet;
    const keySet = createLocalJWKSet({ keys: keys.filter((key) => key.kty === 'RSA') });
    this.#keySets.set(issuer, { keys: keySet, fetchedAtMs: this.#options.now() });
    return keySet;
  }
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error' });
  if (!response.ok) {
    throw new Error(`${url} responded with HTTP ${response.status}`);
  }
  return response.json();
}

function emailOf(claims: JWTPayload): { email?: string } {
  const email = EMAIL_CLAIMS.map((name) => claims[name]).find((value) => typeof value === 'string');
  return typeof email === 'string' ? { email } : {};
}
