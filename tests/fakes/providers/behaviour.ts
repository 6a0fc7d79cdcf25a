/** The switches of a simulator: what the provider, or its administrator, does differently. All off: it works. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Reply } from './rules';

/** Faults of the provider as a web server. */
export type Fault = 'down' | 'slow' | 'htmlError' | 'redirect' | 'badJson';

export interface Behaviour {
  /** At the token endpoint. `slow`: it takes the request and says nothing until `release`. */
  fault?: Fault;
  /** At discovery. */
  discovery?: 400 | 404 | 'redirect' | 'issuerOverHttp' | 'otherIssuer' | 'issuerTemplate' | 'noTokenEndpoint';
  /** The token endpoint is on another host than discovery. */
  isTokenHostOther: boolean;
  /** So many token requests are answered with "too many" first. */
  rateLimitedTimes: number;
  retryAfterSeconds: number;
  /** Added to the provider's clock, in seconds. */
  clockAheadSeconds: number;
  /** Leave out `expires_in` from answers. */
  noExpiresIn: boolean;
  tokens: TokenTraits;
}

/** How access tokens differ from what the provider's rules say. */
export interface TokenTraits {
  lifeSeconds?: number;
  isOpaque: boolean;
  algorithm: 'RS256' | 'PS256' | 'HS256';
  /** Claims that are left out. */
  without: string[];
  /** `aud` as a list, with another one before it. */
  isAudienceList: boolean;
  /** `iss` differs from the discovery document's by the slash at the end. */
  hasOtherSlash: boolean;
  /** Claims that are added or replaced. */
  claims: Record<string, unknown>;
  /** Signs with the key of this name; the key set lists it as well. */
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

/** Where a redirect points to: somewhere that credentials must not follow. */
export const REDIRECT: Reply = { status: 302, body: '', headers: { location: '/elsewhere' } };

/** Sends a reply. @param dateMs The provider's clock for the header `Date`; undefined: the answer has none. */
export function send(response: ServerResponse<IncomingMessage>, reply: Reply, dateMs: number | undefined): void {
  const isText = typeof reply.body === 'string';
  response.sendDate = false;
  response.writeHead(reply.status, {
    ...(dateMs === undefined ? {} : { date: new Date(dateMs).toUTCString() }),
    'content-type': isText ? 'text/plain' : 'application/json',
    'cache-control': 'no-store',
    ...reply.headers,
  });
  response.end(isText ? reply.body : JSON.stringify(reply.body));
}
