/** Reads a request to a token endpoint: RFC 6749, sections 2.3.1 and 4.4, and RFC 7523, section 2.2. */
import { type IncomingMessage } from 'node:http';

export interface TokenRequest {
  /** Path with query string. */
  url: string;
  form: URLSearchParams;
  /** The client's id and credentials, not yet verified. */
  client: ClaimedClient;
}

export interface ClaimedClient {
  id: string | undefined;
  /** The kind of credentials. `none`: the request has no credentials. */
  by: 'post' | 'basic' | 'assertion' | 'none';
  secret?: string;
  assertion?: string;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Clients form-encode id and secret before they join them. Some servers decode neither. */
function basicClient(header: string, decodesBasic: boolean): ClaimedClient {
  const [id = '', ...rest] = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8').split(':');
  const decode = (value: string) => (decodesBasic ? decodeURIComponent(value.replace(/\+/g, ' ')) : value);
  return { id: decode(id), by: 'basic', secret: decode(rest.join(':')) };
}

function claimedClient(header: string | undefined, form: URLSearchParams, decodesBasic: boolean): ClaimedClient {
  if (header?.startsWith('Basic ') === true) {
    return basicClient(header, decodesBasic);
  }
  const id = form.get('client_id') ?? undefined;
  const assertion = form.get('client_assertion');
  if (assertion !== null && form.get('client_assertion_type') === ASSERTION_TYPE) {
    return { id, by: 'assertion', assertion };
  }
  const secret = form.get('client_secret');
  return secret === null ? { id, by: 'none' } : { id, by: 'post', secret };
}

/** The body of a request as a string. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** @returns Undefined if the body is not form-encoded. */
export async function readTokenRequest(
  request: IncomingMessage,
  decodesBasic: boolean
): Promise<TokenRequest | undefined> {
  const body = await readBody(request);
  if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) {
    return undefined;
  }
  const form = new URLSearchParams(body);
  return { url: request.url ?? '', form, client: claimedClient(request.headers.authorization, form, decodesBasic) };
}
