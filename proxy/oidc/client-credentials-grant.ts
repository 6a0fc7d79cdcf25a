/**
 * The OAuth 2.0 client credentials grant (RFC 6749, section 4.4) with a client secret.
 */
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrant,
  Configuration,
  customFetch,
  type CustomFetch,
} from 'openid-client';
import { ProxyError } from '../errors/proxy-error';
import { Secret } from '../logging/secret';
import { LIBRARY_TIMEOUT_SECONDS, type Provider } from './discovery';
import { type AnswerContext, tokenFailure } from './provider-answer';
import { ProviderError, proxyErrorIn } from './provider-error';
import { askProvider, type Fetch, jsonObject, jsonResponse, type ProviderAnswer } from './provider-http';
import { presentable } from './redact';
import { type GrantedToken, type TokenGrant } from './token-grant';
import { type ClientCredentials } from './client-credentials';

type SecretMethod = 'post' | 'basic';

export interface GrantDeps {
  fetch: Fetch;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The ways to send the secret that the provider lists, the preferred one first. None listed: both may work. */
function methodsOf(provider: Provider): SecretMethod[] {
  const listed: unknown = provider.metadata.token_endpoint_auth_methods_supported;
  if (!Array.isArray(listed)) {
    return ['post', 'basic'];
  }
  const methods: SecretMethod[] = [];
  if (listed.includes('client_secret_post')) {
    methods.push('post');
  }
  if (listed.includes('client_secret_basic')) {
    methods.push('basic');
  }
  return methods.length > 0 ? methods : ['post'];
}

function parametersOf({ audience, scope }: ClientCredentials): URLSearchParams {
  const parameters = new URLSearchParams();
  if (audience) {
    parameters.set('audience', audience);
  }
  if (scope) {
    parameters.set('scope', scope);
  }
  return parameters;
}

function lifetimeOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/** What a bearer token is made of (RFC 6750, section 2.1, generously): anything else could not travel in a header. */
const BEARER_TOKEN = /^[\x21-\x7e]+$/;

/**
 * The parts of a good answer that matter, in the form that openid-client insists on: providers spell `token_type` in
 * many ways and send numbers as text.
 */
function readGoodAnswer(answer: ProviderAnswer, context: AnswerContext): Record<string, unknown> {
  const body = jsonObject(answer.text);
  if (body === undefined) {
    throw new ProviderError('provider_bad_answer', { detail: 'The answer is not a JSON object.' });
  }
  if (typeof body.access_token === 'string' && body.access_token !== '') {
    if (!BEARER_TOKEN.test(body.access_token)) {
      throw new ProviderError('provider_bad_answer', {
        detail: 'Its access token holds spaces or other characters that no token has.',
      });
    }
    return { access_token: body.access_token, token_type: 'bearer', expires_in: lifetimeOf(body.expires_in) };
  }
  if (typeof body.error === 'string') {
    throw tokenFailure({ ...answer, status: 400 }, context);
  }
  const names = presentable(Object.keys(body).join(', '), context.secrets);
  throw new ProviderError('provider_bad_answer', {
    detail: names === '' ? 'The answer is empty.' : `The answer holds only: ${names}.`,
  });
}

/** A grant that sends the client secret as the provider wants it, and remembers what worked. */
export function createClientCredentialsGrant(credentials: ClientCredentials, deps: GrantDeps): TokenGrant {
  const secrets = credentials.proof.kind === 'secret' ? [credentials.proof.secret] : [];
  let proven: SecretMethod | undefined;

  async function request(provider: Provider, method: SecretMethod, signal: AbortSignal): Promise<GrantedToken> {
    let providerTimeMs: number | undefined;
    const fetchToken: CustomFetch = async (url, { method: verb, headers, body }) => {
      const form = new URLSearchParams(body instanceof URLSearchParams ? body : undefined);
      const answer = await askProvider(
        deps.fetch,
        url,
        { method: verb, headers, body: form },
        signal,
        'provider_bad_answer'
      );
      const context = { url, secrets, nowMs: deps.now() };
      if (answer.status < 200 || answer.status > 299) {
        throw tokenFailure(answer, context);
      }
      const date = Date.parse(answer.headers.get('date') ?? '');
      providerTimeMs = Number.isNaN(date) ? undefined : date;
      return jsonResponse(readGoodAnswer(answer, context));
    };
    const clientSecret = secrets[0]?.reveal() ?? '';
    const authentication = method === 'post' ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
    const config = new Configuration(provider.metadata, credentials.clientId, undefined, authentication);
    config[customFetch] = fetchToken;
    config.timeout = LIBRARY_TIMEOUT_SECONDS;
    if (provider.tokenEndpoint.startsWith('http:')) {
      allowInsecureRequests(config);
    }
    const answer = await clientCredentialsGrant(config, parametersOf(credentials));
    return { secret: new Secret(answer.access_token), expiresInSeconds: answer.expires_in, providerTimeMs };
  }

  async function attempt(provider: Provider, method: SecretMethod, signal: AbortSignal): Promise<GrantedToken> {
    try {
      const token = await request(provider, method, signal);
      proven = method;
      return token;
    } catch (reason) {
      // The cause of anything unforeseen stays out: it could hold the request.
      throw proxyErrorIn(reason) ?? new ProxyError('provider_bad_answer');
    }
  }

  return async (provider, signal) => {
    const methods = proven === undefined ? methodsOf(provider) : [proven];
    const [first = 'post', second] = methods;
    try {
      return await attempt(provider, first, signal);
    } catch (reason) {
      const isRefused = reason instanceof ProviderError && reason.providerCode === 'invalid_client';
      if (second === undefined || !isRefused) {
        throw withGrantHint(reason, provider);
      }
    }
    return attempt(provider, second, signal).catch((reason: unknown) => {
      throw withGrantHint(reason, provider);
    });
  };
}

/** Mentions that the provider does not list the grant, where that may be why it refused. */
function withGrantHint(reason: unknown, provider: Provider): unknown {
  const mayBeWhy =
    reason instanceof ProviderError &&
    !provider.listsClientCredentials &&
    (reason.code === 'provider_refused' || reason.code === 'provider_rejected_request');
  return mayBeWhy
    ? new ProviderError(reason.code, {
        detail: `${reason.detail ?? ''} Its discovery document does not list the client credentials grant.`.trim(),
        advice: reason.advice,
        retryAfterMs: reason.retryAfterMs,
        providerCode: reason.providerCode,
        cause: reason.cause,
      })
    : reason;
}
