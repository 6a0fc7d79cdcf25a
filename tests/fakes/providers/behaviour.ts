/**
 * The behaviour of a simulated identity provider. Tests change it to cause faults. With `workingBehaviour()`, there are
 * no faults.
 */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Reply } from './rules';

/** Faults of the provider's web server. */
export type Fault = 'down' | 'slow' | 'htmlError' | 'redirect' | 'badJson';

export interface Behaviour {
  /** Fault of the token endpoint. `slow`: the endpoint does not respond before `release` is called. */
  fault?: Fault;
  /** Fault of the discovery document. */
  discovery?:
    | 400
    | 404
    | 'redirect'
    | 'issuerOverHttp'
    | 'tokenEndpointOverHttp'
    | 'issuerAtOtherPort'
    | 'httpsRequired'
    | 'noSuchPath'
    | 'otherIssuer'
    | 'issuerTemplate'
    | 'noTokenEndpoint';
  /** True: the host of the token endpoint differs from the host of the discovery document. */
  isTokenHostOther: boolean;
  /** Number of token requests that fail with the rate limit error. Later token requests succeed. */
  rateLimitedTimes: number;
  retryAfterSeconds: number;
  /** Offset of the provider's clock, in seconds. */
  clockAheadSeconds: number;
  /** True: responses do not contain `expires_in`. */
  noExpiresIn: boolean;
  tokens: TokenTraits;
}

/** Changes to the access tokens that the provider usually issues. */
export interface TokenTraits {
  lifeSeconds?: number;
  isOpaque: boolean;
  algorithm: 'RS256' | 'PS256' | 'HS256';
  /** Names of claims to omit. */
  without: string[];
  /** True: `aud` is a list whose first entry is another audience. */
  isAudienceList: boolean;
  /** True: `iss` differs from the issuer in the discovery document by a trailing slash. */
  hasOtherSlash: boolean;
  /** Claims to add or to replace. */
  claims: Record<string, unknown>;
  /** Name of the signing key. The key set contains only this key. */
  keyName: string;
}

export function workingBehaviour(): Behaviour {
  return {
    isTokenHostOther: false,
    rateLimitedTimes: 0,
    retryAfterSeconds: 30,
    clockAheadSeconds: 0,
    noExpiresIn: false,
    tokens: {
      isOpaque: false,
      algorithm: 'RS256',
      without: [],
      isAudienceList: false,
      hasOtherSlash: false,
      claims: {},
      keyName: 'provider-1',
    },
  };
}

export const HTML_ERROR: Reply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><head><title>Bad gateway</title></head><body>nginx</body></html>',
};

export const DOWN: Reply = { status: 503, body: 'upstream connect error', headers: { 'content-type': 'text/plain' } };

export const BAD_JSON: Reply = {
  status: 200,
  body: '{"access_token": "eyJ',
  headers: { 'content-type': 'application/json' },
};

/** A redirect to a path that must not receive credentials. */
export const REDIRECT: Reply = { status: 302, body: '', headers: { location: '/elsewhere' } };

/** Sends a reply. @param dateMs Time in the header `Date`, milliseconds since 1970. Undefined: no such header. */
export function send(response: ServerResponse<IncomingMessage>, reply: Reply, dateMs: number | undefined): void {
  const isString = typeof reply.body === 'string';
  response.sendDate = false;
  response.writeHead(reply.status, {
    ...(dateMs === undefined ? {} : { date: new Date(dateMs).toUTCString() }),
    'content-type': isString ? 'text/plain' : 'application/json',
    'cache-control': 'no-store',
    ...reply.headers,
  });
  response.end(isString ? reply.body : JSON.stringify(reply.body));
}
