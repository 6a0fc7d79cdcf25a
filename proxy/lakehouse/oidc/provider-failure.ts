/**
 * Reads error responses of an identity provider: the fields of RFC 6749, section 5.2, or Okta's own fields.
 *
 * For a response of the token endpoint, the first fact that applies determines the code of the failure: a redirect, a
 * response of something else than the provider, a rate limit, a status of 500 or more, a wrong clock, a hint for the
 * error, the status and the field `error`. Hints explain why a working provider rejects a request, so they are not used
 * for a status of 500 or more, except for a rate limit. Hints match the fields as the provider sent them. Messages and
 * the log contain the fields truncated and without secrets. For responses without these fields, messages contain only
 * status, content type, the headers that name the sender, the requested URL and the target of a redirect, because
 * another server may have sent the response.
 */
import { message, type Message } from '../../../contract/messages/message';
import { type ErrorCode } from '../../base/errors/catalogue';
import { type Secret } from '../../observe/logging/secret';
import { responseEvidence } from '../network/response-origin';
import { responseTime } from '../network/response-time';
import { type AuthenticationInUse, type AuthenticationKind } from './client-credentials';
import { clockAhead, clockMessage } from './provider-clock';
import { ProviderError } from './provider-error';
import { checkCredentials, compareMethod } from './hints/hint';
import { type Hint, hintFor } from './provider-hints';
import { type BufferedResponse, jsonObject, shownUrl } from './provider-http';
import { isTooShortToRemove, presentable, presentableUrl } from '../../observe/logging/redact';
import { withoutSlash } from './shared-audiences';

/** The client is unknown, or its authentication failed. */
const REJECTIONS = new Set(['invalid_client', 'invalid_grant', 'deleted_client']);
/** The client is known, but is not allowed to get this token. */
const NOT_GRANTED = new Set(['unauthorized_client', 'unsupported_grant_type', 'disabled_client']);
/** Errors for a rejected assertion. The key or a time of the assertion may be wrong. */
const ASSERTION_REJECTIONS = new Set([
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'access_denied',
  'invalid_request',
]);
/** Methods with an assertion that the backend signs. The times in the assertion come from the backend's clock. */
const OWN_ASSERTIONS: ReadonlySet<AuthenticationKind> = new Set<AuthenticationKind>([
  'private-key',
  'secret-jwt',
  'google-key',
]);
/** The provider limits the rate of requests. */
const LIMITS = new Set(['too_many_requests', 'slow_down', 'rate_limit_exceeded', 'E0000047']);
/**
 * Error names of the standards and of providers. The code of the failure depends on these names, so they are never
 * redacted, even if a short secret such as `client` occurs in one.
 */
const KNOWN_NAMES = new Set([
  ...REJECTIONS,
  ...NOT_GRANTED,
  ...ASSERTION_REJECTIONS,
  ...LIMITS,
  'invalid_scope',
  'invalid_target',
  'invalid_resource',
  'server_error',
  'temporarily_unavailable',
]);

/** Hints read at most this many characters of an error or a description. */
const MAX_COMPARED_CHARACTERS = 2_000;

/** The OAuth error in a response. */
interface OAuthError {
  /** As the provider sent them. They may contain secrets, so they are only compared, and never shown or logged. */
  readonly raw: { readonly error: string; readonly description?: string };
  /** What may be shown and logged. Undefined: nothing, because a secret is too short to be removed. */
  readonly error?: string;
  readonly description?: string;
  /** True if the provider's error or description is not shown because of a short secret. */
  readonly isHidden: boolean;
}

/** The origin of a response, and the secrets to remove from it. */
export interface ResponseContext {
  url: string;
  secrets: readonly Secret[];
  /** The current time in milliseconds since 1970, for headers with times and for the check of the clock. */
  nowMs: number;
  /** The method of client authentication. Undefined for requests without client authentication. */
  authentication?: AuthenticationInUse;
}

/** Fields of an error: first the fields of the standard, then Okta's fields. */
const ERROR_FIELDS = [
  ['error', 'error_description'],
  ['errorCode', 'errorSummary'],
] as const;

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The first line of a message of Entra ID, which adds lines with trace ids. Other messages are not changed. */
function firstLineOfEntra(description: string): string {
  return /AADSTS\d/.test(description) ? (description.split(/\r?\n|\\r\\n/)[0] ?? description) : description;
}

/** One line of limited length, for hints. */
function comparable(words: string): string {
  return words.slice(0, MAX_COMPARED_CHARACTERS).replace(/\s+/g, ' ').trim();
}

/** The OAuth error in a response, or undefined. */
function oauthErrorOf({ body: content }: BufferedResponse, secrets: readonly Secret[]): OAuthError | undefined {
  const body = jsonObject(content) ?? {};
  const fields = ERROR_FIELDS.find(([name]) => stringOf(body[name]) !== undefined);
  const error = fields && stringOf(body[fields[0]]);
  if (fields === undefined || error === undefined) {
    return undefined;
  }
  const words = stringOf(body[fields[1]]);
  const description = words && firstLineOfEntra(words);
  const isKnown = KNOWN_NAMES.has(error);
  const canRemove = !isTooShortToRemove(secrets);
  return {
    raw: { error: comparable(error), ...(description && { description: comparable(description) }) },
    ...(isKnown ? { error } : canRemove && { error: presentable(error, secrets) }),
    ...(canRemove && description && { description: presentable(description, secrets) }),
    isHidden: !canRemove && (!isKnown || description !== undefined),
  };
}

/**
 * Status, content type and sender, for example `HTTP 502, text/html, Server: nginx`. Without the sender if a secret is
 * too short to be removed.
 */
function evidenceIn({ status, headers }: BufferedResponse, secrets: readonly Secret[]): string {
  const shown = isTooShortToRemove(secrets)
    ? new Headers({ 'content-type': headers.get('content-type') ?? '' })
    : headers;
  return presentable(responseEvidence(status, shown).join(', '), secrets);
}

/**
 * Delay in milliseconds that a response requires. It comes from `Retry-After` (seconds or a date), or else from a reset
 * header: `X-RateLimit-Reset` of Auth0 or `X-Rate-Limit-Reset` of Okta, the end of a rate limit in seconds since 1970.
 * Auth0 and Okta send this header with every response, so it is used only if the rate limit is the reason for the
 * error.
 */
function retryAfterMs(headers: Headers, nowMs: number, isLimited: boolean): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  const resetHeader = isLimited ? (headers.get('x-ratelimit-reset') ?? headers.get('x-rate-limit-reset')) : null;
  const waitsMs = [
    /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs,
    Number(resetHeader ?? Number.NaN) * 1000 - nowMs,
  ];
  const waitMs = waitsMs.find(Number.isFinite);
  return waitMs !== undefined && waitMs > 0 ? waitMs : undefined;
}

/** The provider's error. If `isWhole` is true, with the description. */
function providerMessage(
  response: BufferedResponse,
  oauthError: OAuthError | undefined,
  secrets: readonly Secret[],
  isWhole: boolean
): Message {
  if (oauthError === undefined) {
    return message('provider-said-nothing', { form: evidenceIn(response, secrets) });
  }
  const { error, description } = oauthError;
  if (error === undefined) {
    return message('provider-error-hidden', { status: response.status });
  }
  const shown = description === undefined || !isWhole ? error : `${error}: ${description}`;
  return message('provider-said', { words: shown, status: response.status });
}

/**
 * Messages with the OAuth error. If a hint explains the error, the provider's description of the error is in `more`. If
 * no hint explains it, the description is in `detail`, because it is the best evidence.
 */
function providerMessages(
  response: BufferedResponse,
  oauthError: OAuthError | undefined,
  secrets: readonly Secret[],
  isExplained: boolean
) {
  const whole = providerMessage(response, oauthError, secrets, true);
  const hidden = oauthError?.isHidden ? [message('provider-description-hidden')] : [];
  return isExplained && oauthError?.description !== undefined
    ? { detail: [providerMessage(response, oauthError, secrets, false)], more: [whole] }
    : { detail: [whole], more: hidden };
}

/** The target of a redirect. Undefined for a response that is no redirect or has no valid target. */
function redirectTarget({ status, headers }: BufferedResponse, url: string): URL | undefined {
  const location = status >= 300 && status < 400 ? headers.get('location') : null;
  return location === null || !URL.canParse(location, url) ? undefined : new URL(location, url);
}

function redirectMessage(target: URL, { url, secrets }: ResponseContext): Message {
  const from = shownUrl(url);
  return isTooShortToRemove(secrets)
    ? message('redirects', { url: from })
    : message('redirects-to', { url: from, target: presentableUrl(shownUrl(target.href), secrets) });
}

/**
 * True for a redirect to the same path, except for a slash at its end. The provider or its own proxy sends such a
 * redirect to another address of the provider, for example with `https:`. A redirect to a sign-in page has another
 * path.
 */
function keepsPath(target: URL, url: string): boolean {
  return withoutSlash(target.pathname) === withoutSlash(new URL(url).pathname);
}

/** Statuses that only something between the backend and the provider sends. */
const BETWEEN = new Set([407, 511]);

/**
 * True if the response to a token request is probably not from the provider: errors of a provider are JSON with
 * `error` (RFC 6749, section 5.2); some are objects. Some providers send 401 without a body.
 */
function isForeign({ status, body }: BufferedResponse, oauthError: OAuthError | undefined): boolean {
  if (BETWEEN.has(status)) {
    return true;
  }
  const hasOwnError = Object.hasOwn(jsonObject(body) ?? {}, 'error');
  return (
    oauthError === undefined &&
    !hasOwnError &&
    status !== 429 &&
    status < 500 &&
    !(status === 401 && body.trim() === '')
  );
}

/**
 * The failure for a response that something else than the provider sent: a proxy, gateway, firewall or another web
 * server. It says nothing about the credentials.
 */
export function foreignFailure(
  response: BufferedResponse,
  context: ResponseContext & { mayBeIssuer: boolean }
): ProviderError {
  const { status, headers } = response;
  const { url, secrets, mayBeIssuer } = context;
  const target = redirectTarget(response, url);
  const { host } = new URL(url);
  const wantsSignIn = status === 407 || headers.has('proxy-authenticate');
  return new ProviderError('provider_intercepted', {
    detail: [
      message('between-answered', { url: shownUrl(url), evidence: evidenceIn(response, secrets) }),
      ...(target === undefined ? [] : [redirectMessage(target, context)]),
      ...(status >= 200 && status < 300 ? [message('between-not-json')] : []),
    ],
    advice: [
      wantsSignIn ? message('between-wants-sign-in') : message('between-let-pass', { address: host }),
      ...(mayBeIssuer ? [message('between-or-issuer', { address: host })] : []),
    ],
    more: mayBeIssuer ? [] : [message('between-not-checked')],
    retryAfterMs: retryAfterMs(headers, context.nowMs, false),
    httpStatus: status,
  });
}

function tokenErrorCode(status: number, error: string | undefined): ErrorCode {
  if (error !== undefined && NOT_GRANTED.has(error)) {
    return 'provider_not_granted';
  }
  if (status === 401 || (error !== undefined && REJECTIONS.has(error))) {
    return 'provider_refused';
  }
  if (error === 'access_denied') {
    return 'provider_not_granted';
  }
  return error === undefined ? 'provider_bad_answer' : 'provider_rejected_request';
}

function isLimit(status: number, error: string | undefined): boolean {
  return status === 429 || (error !== undefined && LIMITS.has(error));
}

/**
 * Milliseconds by which the provider's clock is ahead. 0 if this cannot be the reason for the error. It can be the
 * reason only if the backend signed an assertion: a client secret contains no time, and another machine wrote the times
 * in an assertion from a file.
 */
function blamedClock(response: BufferedResponse, error: string | undefined, context: ResponseContext): number {
  return context.authentication !== undefined &&
    OWN_ASSERTIONS.has(context.authentication.kind) &&
    error !== undefined &&
    ASSERTION_REJECTIONS.has(error)
    ? clockAhead(responseTime(response.headers), context.nowMs)
    : 0;
}

/**
 * Advice for an unknown error. Undefined: the advice of the error catalogue applies. A client without the grant gets
 * `unauthorized_client` (RFC 6749, section 5.2), so after `invalid_client`, another method is the more likely cause.
 */
function defaultAdvice(
  code: ErrorCode,
  error: string | undefined,
  authentication: AuthenticationInUse | undefined
): Hint | undefined {
  if (code !== 'provider_refused' || authentication === undefined) {
    return undefined;
  }
  const others = [compareMethod(authentication), message('allow-client-credentials')];
  const [second, third] = error === 'invalid_client' ? others : others.reverse();
  return { advice: [checkCredentials(authentication), second], more: [third], isAboutMethod: false };
}

/** Methods whose secret may come from a provisioning file. */
const STORED_SECRETS: ReadonlySet<AuthenticationKind> = new Set<AuthenticationKind>(['secret', 'secret-jwt']);

/** Advice, most certain cause first: a mistake in the secret or in the assertion, then the hint or the default. */
function adviceFor(
  code: ErrorCode,
  error: string | undefined,
  hint: Hint | undefined,
  authentication: AuthenticationInUse | undefined
): { advice: readonly Message[] | undefined; more: readonly Message[] } {
  const { advice, more = [] } = (hint?.advice === undefined ? defaultAdvice(code, error, authentication) : hint) ?? {};
  if (code !== 'provider_refused' || authentication === undefined) {
    return { advice, more };
  }
  const { kind, mistake } = authentication;
  const others = [...more, ...(STORED_SECRETS.has(kind) ? [message('double-dollars')] : [])];
  return mistake === undefined ? { advice, more: others } : { advice: [mistake], more: [...(advice ?? []), ...others] };
}

/** The failure for a response of the token endpoint that contains no token. */
export function tokenFailure(response: BufferedResponse, context: ResponseContext): ProviderError {
  const { status } = response;
  const target = redirectTarget(response, context.url);
  if (target !== undefined && keepsPath(target, context.url)) {
    return new ProviderError('provider_bad_answer', { detail: [redirectMessage(target, context)], httpStatus: status });
  }
  const oauthError = oauthErrorOf(response, context.secrets);
  if (isForeign(response, oauthError)) {
    return foreignFailure(response, { ...context, mayBeIssuer: false });
  }
  const isLimited = isLimit(status, oauthError?.raw.error);
  const isDown = status >= 500 && !isLimited;
  const hint = isDown
    ? undefined
    : hintFor({ ...oauthError?.raw, url: context.url, authentication: context.authentication });
  const details = {
    ...providerMessages(response, oauthError, context.secrets, hint?.advice !== undefined),
    retryAfterMs: retryAfterMs(response.headers, context.nowMs, isLimited),
    providerCode: oauthError?.error,
    httpStatus: status,
    isAboutMethod: hint?.isAboutMethod,
  };
  if (isLimited) {
    return new ProviderError('provider_rate_limited', { ...details, advice: hint?.advice });
  }
  if (isDown) {
    return new ProviderError('provider_down', details);
  }
  const aheadMs = blamedClock(response, oauthError?.raw.error, context);
  if (aheadMs !== 0) {
    return new ProviderError('provider_clock', {
      ...details,
      detail: [clockMessage('provider', aheadMs)],
      more: [providerMessage(response, oauthError, context.secrets, true)],
    });
  }
  const code = hint?.code ?? tokenErrorCode(status, oauthError?.raw.error);
  const { advice, more } = adviceFor(code, oauthError?.raw.error, hint, context.authentication);
  return new ProviderError(code, { ...details, advice, more: [...more, ...details.more] });
}

/** Statuses with which the provider itself, or the web server at a wrong issuer, says that there is no document. */
const NO_DOCUMENT = new Set([400, 404, 405, 410]);

/** The failure for a discovery response whose status is not 200. */
export function discoveryFailure(response: BufferedResponse, context: ResponseContext): ProviderError {
  const { status } = response;
  const target = redirectTarget(response, context.url);
  if (target !== undefined && keepsPath(target, context.url)) {
    return new ProviderError('provider_not_oidc', {
      detail: [redirectMessage(target, context)],
      advice: [message('enter-issuer-exactly')],
      httpStatus: status,
    });
  }
  const oauthError = oauthErrorOf(response, context.secrets);
  if (isForeign(response, oauthError) && !NO_DOCUMENT.has(status)) {
    return foreignFailure(response, { ...context, mayBeIssuer: !BETWEEN.has(status) });
  }
  const isDown = status >= 500;
  const hint = isDown ? undefined : hintFor({ ...oauthError?.raw, url: context.url, authentication: undefined });
  // Web servers with TLS respond so to a request without TLS.
  const needsTls = status === 400 && oauthError === undefined && context.url.startsWith('http:');
  const advice = hint?.advice ?? (needsTls ? [message('maybe-https')] : undefined);
  const requested = message('requested-url', { url: shownUrl(context.url) });
  const { detail, more } =
    oauthError === undefined
      ? { detail: [message('answered-with', { form: evidenceIn(response, context.secrets) })], more: [] }
      : providerMessages(response, oauthError, context.secrets, advice !== undefined);
  const code = status === 429 ? 'provider_rate_limited' : isDown ? 'provider_down' : 'provider_not_oidc';
  return new ProviderError(code, {
    detail: advice === undefined ? [requested, ...detail] : detail,
    advice,
    more: advice === undefined ? more : [requested, ...more],
    retryAfterMs: retryAfterMs(response.headers, context.nowMs, status === 429),
    providerCode: oauthError?.error,
    httpStatus: status,
  });
}
