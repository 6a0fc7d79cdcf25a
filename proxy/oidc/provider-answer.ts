/**
 * Reads what an identity provider says when it gives no token: the standard fields, Okta's own, text, HTML or nothing.
 * The status and `error` decide about the code, the words are shown as they are, shortened and without secrets.
 */
import { type ErrorCode } from '../errors/catalogue';
import { type Secret } from '../logging/secret';
import { clockAhead, clockSentence, providerTime } from './provider-clock';
import { ProviderError } from './provider-error';
import { hintFor } from './provider-hints/hint-for';
import { type ProviderAnswer, jsonObject, shownUrl } from './provider-http';
import { presentable } from './redact';

/** The client is not known, or has not proven who it is. */
const REFUSALS = new Set(['invalid_client', 'invalid_grant', 'deleted_client']);
/** The client is known, and may not have what it asks for. */
const NOT_GRANTED = new Set(['unauthorized_client', 'unsupported_grant_type', 'disabled_client']);
/** What a provider says that does not take an assertion, for its key or its time. */
const ASSERTION_REFUSALS = new Set([
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'access_denied',
  'invalid_request',
]);
const LIMITS = new Set(['too_many_requests', 'slow_down', 'rate_limit_exceeded', 'E0000047']);
/** Words of the standards. They stay as they are, though a weak secret may be a part of one: the class depends on them. */
const STANDARD = new Set([
  ...REFUSALS,
  ...NOT_GRANTED,
  ...ASSERTION_REFUSALS,
  ...LIMITS,
  'invalid_scope',
  'invalid_target',
]);

interface ProviderWords {
  error: string | undefined;
  description: string | undefined;
}

/** Where an answer came from, and what must not be repeated from it. */
export interface AnswerContext {
  url: string;
  secrets: readonly Secret[];
  /** Milliseconds since 1970, for a `Retry-After` that is a date. */
  nowMs: number;
  /** Whose clock dated the assertion in the request, where there was one. */
  assertion?: 'own' | 'file';
}

function textField(body: Record<string, unknown>, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string' && value.trim() !== '') {
      return value;
    }
  }
  return undefined;
}

function looksLikeHtml(answer: ProviderAnswer): boolean {
  return /html/i.test(answer.headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(answer.text);
}

/** Entra ID follows its message with trace ids on further lines. */
function firstLineOfEntra(text: string): string {
  return /AADSTS\d/.test(text) ? (text.split(/\r?\n|\\r\\n/)[0] ?? text) : text;
}

function rawWords(answer: ProviderAnswer): ProviderWords {
  const body = jsonObject(answer.text);
  if (body !== undefined) {
    return {
      error: textField(body, 'error', 'errorCode', 'code'),
      description: textField(body, 'error_description', 'errorSummary', 'message'),
    };
  }
  if (looksLikeHtml(answer)) {
    const title = /<title[^<>]*>([^<]*)<\/title>/i.exec(answer.text)?.[1]?.trim();
    return { error: undefined, description: title ? `a web page titled "${title}"` : 'a web page' };
  }
  return { error: undefined, description: answer.text.trim() === '' ? undefined : answer.text };
}

function wordsOf(answer: ProviderAnswer, secrets: readonly Secret[]): ProviderWords {
  const { error, description } = rawWords(answer);
  return {
    error: error && (STANDARD.has(error) ? error : presentable(error, secrets)),
    description: description && presentable(firstLineOfEntra(description), secrets),
  };
}

/**
 * Milliseconds that an answer asks to wait: `Retry-After`, which is a number of seconds or a date, or where that is
 * missing the second since 1970 at which a limit ends (`X-RateLimit-Reset` of Auth0, `X-Rate-Limit-Reset` of Okta).
 * These two come with every answer, so they count only where the limit is the reason.
 */
export function retryAfterMs(headers: Headers, nowMs: number, isLimited: boolean): number | undefined {
  const value = headers.get('retry-after')?.trim();
  const resetHeader = isLimited ? (headers.get('x-ratelimit-reset') ?? headers.get('x-rate-limit-reset')) : null;
  const untilMs = value ? Date.parse(value) : Number(resetHeader ?? Number.NaN) * 1000;
  const waitMs = value && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : untilMs - nowMs;
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : undefined;
}

function sentence(answer: ProviderAnswer, { error, description }: ProviderWords): string {
  const words = [error, description].filter((part) => part !== undefined).join(': ');
  return words === ''
    ? `Its answer: HTTP ${answer.status} without a text.`
    : `Its answer: ${words} (HTTP ${answer.status}).`;
}

function redirectSentence(answer: ProviderAnswer, url: string): string {
  const location = answer.headers.get('location');
  const target = location !== null && URL.canParse(location, url) ? shownUrl(new URL(location, url).href) : undefined;
  return `${shownUrl(url)} redirects${target === undefined ? '' : ` to ${target}`}; redirects are not followed.`;
}

function tokenErrorCode(status: number, error: string | undefined): ErrorCode {
  if (error !== undefined && NOT_GRANTED.has(error)) {
    return 'provider_not_granted';
  }
  if (status === 401 || (error !== undefined && REFUSALS.has(error)) || (status === 403 && error === undefined)) {
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
 * Milliseconds by which the provider's clock is ahead, where that may be why it refused the request; 0 otherwise. A
 * client secret carries no time, and a file's assertion that of another machine.
 */
function blamedClock(answer: ProviderAnswer, error: string | undefined, context: AnswerContext): number {
  return context.assertion === 'own' && error !== undefined && ASSERTION_REFUSALS.has(error)
    ? clockAhead(providerTime(answer.headers), context.nowMs)
    : 0;
}

/** The failure that an answer of the token endpoint without a token stands for. */
export function tokenFailure(answer: ProviderAnswer, context: AnswerContext): ProviderError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new ProviderError('provider_bad_answer', {
      detail: redirectSentence(answer, context.url),
      httpStatus: status,
    });
  }
  const words = wordsOf(answer, context.secrets);
  const particulars = {
    detail: sentence(answer, words),
    retryAfterMs: retryAfterMs(answer.headers, context.nowMs, isLimit(status, words.error)),
    providerCode: words.error,
    httpStatus: status,
  };
  const hint = hintFor(words.error, words.description, context.assertion);
  if (isLimit(status, words.error)) {
    return new ProviderError('provider_rate_limited', { ...particulars, advice: hint?.advice });
  }
  if (status >= 500) {
    return new ProviderError('provider_down', particulars);
  }
  const aheadMs = blamedClock(answer, words.error, context);
  if (aheadMs !== 0) {
    return new ProviderError('provider_clock', {
      ...particulars,
      detail: `${clockSentence(aheadMs)} ${particulars.detail}`,
    });
  }
  return new ProviderError(hint?.code ?? tokenErrorCode(status, words.error), { ...particulars, advice: hint?.advice });
}

/** The failure that a discovery answer with another status than 200 stands for. */
export function discoveryFailure(answer: ProviderAnswer, context: AnswerContext): ProviderError {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return new ProviderError('provider_not_oidc', {
      detail: redirectSentence(answer, context.url),
      advice: 'Enter the issuer exactly as the provider names itself, to the trailing slash.',
    });
  }
  const words = wordsOf(answer, context.secrets);
  const code = status === 429 ? 'provider_rate_limited' : status >= 500 ? 'provider_down' : 'provider_not_oidc';
  return new ProviderError(code, {
    detail: `Asked: ${shownUrl(context.url)}. ${sentence(answer, words)}`,
    advice: hintFor(words.error, words.description)?.advice,
    retryAfterMs: retryAfterMs(answer.headers, context.nowMs, status === 429),
    providerCode: words.error,
    httpStatus: status,
  });
}
