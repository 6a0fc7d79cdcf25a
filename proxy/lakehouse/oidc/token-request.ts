/**
 * One request to a token endpoint, for any grant, and the token in its response.
 */
import {
  allowInsecureRequests,
  type ClientAuth,
  Configuration,
  customFetch,
  type CustomFetch,
  genericGrantRequest,
} from 'openid-client';
import { type Message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { responseTime } from '../network/response-time';
import { type AuthenticationInUse } from './client-credentials';
import { LIBRARY_TIMEOUT_SECONDS, type Provider } from './discovery';
import { foreignFailure, type ResponseContext, tokenFailure } from './provider-failure';
import { ProviderError, proxyErrorIn } from './provider-error';
import { askProvider, jsonObject, jsonResponse, type BufferedResponse, type ProviderFetch } from './provider-http';
import { type GrantedToken } from './token-grant';

/** One request to a token endpoint. The last three fields are for reports and errors, and are not sent. */
export interface TokenRequest {
  /** URL of the request. Default: the provider's token endpoint. */
  endpoint?: string;
  /** `grant_type` of the form. */
  grantType: string;
  clientId: string;
  /** The form without `grant_type` and client authentication. */
  parameters: URLSearchParams;
  authenticate: ClientAuth;
  /** The field of the response with the token for Micromegas. */
  tokenField: 'access_token' | 'id_token';
  /** The method of client authentication, for the report of Save & test. */
  authenticationDescription: Message;
  /** Secrets to remove from a response. */
  secrets: readonly Secret[];
  /** The method of client authentication. Advice names only the fields of this method. */
  authentication: AuthenticationInUse;
}

/** The route to the provider, and the clock. */
export interface TokenRequestDeps {
  fetch: ProviderFetch;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Printable ASCII without the space. RFC 6750, section 2.1, allows fewer characters in a bearer token. */
const BEARER_TOKEN = /^[\x21-\x7e]+$/;

/** Fields of a response that messages may name: RFC 6749, section 5.1, OpenID Connect Core, section 3.1.3.3. */
const KNOWN_FIELDS = ['access_token', 'id_token', 'refresh_token', 'token_type', 'expires_in', 'scope'];

function lifetimeOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/**
 * Converts a successful response to the format that openid-client requires. Providers spell `token_type` in many ways
 * and send numbers as strings, and Google returns only an ID token.
 */
function readTokenResponse(
  response: BufferedResponse,
  field: TokenRequest['tokenField'],
  context: ResponseContext
): Record<string, unknown> {
  const body = jsonObject(response.body);
  if (body === undefined) {
    throw foreignFailure(response, { ...context, mayBeIssuer: false });
  }
  const token = body[field];
  if (typeof token === 'string' && token !== '') {
    if (!BEARER_TOKEN.test(token)) {
      throw new ProviderError('provider_bad_answer', {
        detail: 'The access token contains spaces or other characters that a token must not have.',
      });
    }
    return { access_token: token, token_type: 'bearer', expires_in: lifetimeOf(body.expires_in) };
  }
  if (typeof body.error === 'string') {
    throw tokenFailure({ ...response, status: 400 }, context);
  }
  const others = KNOWN_FIELDS.filter((name) => Object.hasOwn(body, name));
  const only = others.length === 0 ? '' : `, only ${others.join(', ')}`;
  throw new ProviderError('provider_bad_answer', { detail: `The response contains no ${field}${only}.` });
}

/**
 * Requests a token.
 *
 * @throws {ProxyError} with a `provider_…` code, or an error of `deps.fetch` about the route to the provider.
 */
export async function requestToken(
  provider: Provider,
  request: TokenRequest,
  { fetch, now }: TokenRequestDeps,
  signal: AbortSignal
): Promise<GrantedToken> {
  const { endpoint = provider.tokenEndpoint, authenticationDescription, secrets, authentication } = request;
  let providerTimeMs: number | undefined;
  const fetchToken: CustomFetch = async (url, { method, headers, body }) => {
    const form = body instanceof URLSearchParams ? body.toString() : '';
    const response = await askProvider(fetch, url, { method, headers, body: form }, signal, 'provider_bad_answer');
    const context = { url, secrets, nowMs: now(), authentication };
    if (response.status < 200 || response.status > 299) {
      throw tokenFailure(response, context);
    }
    providerTimeMs = responseTime(response.headers);
    return jsonResponse(readTokenResponse(response, request.tokenField, context));
  };
  const metadata = { ...provider.metadata, token_endpoint: endpoint };
  const config = new Configuration(metadata, request.clientId, undefined, request.authenticate);
  config[customFetch] = fetchToken;
  config.timeout = LIBRARY_TIMEOUT_SECONDS;
  if (endpoint.startsWith('http:')) {
    allowInsecureRequests(config);
  }
  try {
    const response = await genericGrantRequest(config, request.grantType, request.parameters);
    const secret = new Secret(response.access_token);
    return { secret, expiresInSeconds: response.expires_in, providerTimeMs, requestedWith: authenticationDescription };
  } catch (reason) {
    // The cause of an unexpected error is left out, because it could contain the request.
    throw proxyErrorIn(reason) ?? new ProxyError('provider_bad_answer');
  }
}
