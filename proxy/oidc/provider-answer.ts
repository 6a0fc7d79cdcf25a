/**
 * Reads what an identity provider says when it gives no token: the standard fields, Okta's own, text, HTML or nothing.
 * The status and `error` decide about the code, the words are shown as they are, shortened and without secrets.
 */
import { type ErrorCode } from '../errors/catalogue';
import { type Secret } from '../logging/secret';
import { ProviderError } from './provider-error';
import { hintFor } from './provider-hints';
import { type ProviderAnswer, jsonObject, shownUrl } from './provider-http';
import { presentable } from './redact';

const REFUSALS = new Set([
  'invalid_client',
  'unauthorized_client',
  'access_denied',
  'disabled_client',
  'deleted_client',
]);
const LIMITS = new Set(['too_many_requests', 'slow_down', 'rate_limit_exceeded', 'E0000047']);

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
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(answer.text)?.[1]?.trim();
    return { error: undefined, description: title ? `a web page titled "${title}"` : 'a web page' };
  }
  return { error: undefined, description: answer.text.trim() === '' ? undefined : answer.text };
}

function wordsOf(answer: ProviderAnswer, secrets: readonly Secret[]): ProviderWords {
  const { error, description } = rawWords(answer);
  return {
    error: error && presentable(error, secrets),
    description: description && presentable(firstLineOfEntra(description), secrets),
  };
}

/** Milliseconds of a `Retry-After` header, which is a number of seconds or a date. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) {
    return undefined;
  }
  const waitMs = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
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
  if (status === 429 || (error !== undefined && LIMITS.has(error))) {
    return 'provider_rate_limited';
  }
  if (status >= 500) {
    return 'provider_down';
  }
  if (error !== undefined && REFUSALS.has(error)) {
    return 'provider_refused';
  }
  if (status === 401 || (status === 403 && error === undefined)) {
    return 'provider_refused';
  }
  return error === undefined ? 'provider_bad_answer' : 'provider_rejected_request';
}

/** The failure that an answer of the token endpoint without a token stands for. */
export function tokenFailure(answer: ProviderAnswer, context: AnswerContext): ProviderError {
  if (answer.status >= 300 && answer.status < 400) {
    return new ProviderError('provider_bad_answer', { detail: redirectSentence(answer, context.url) });
  }
  const words = wordsOf(answer, context.secrets);
  return new ProviderError(tokenErrorCode(answer.status, words.error), {
    detail: sentence(answer, words),
    advice: hintFor(words.error, words.description),
    retryAfterMs: retryAfterMs(answer.headers, context.nowMs),
    providerCode: words.error,
  });
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
    advice: hintFor(words.error, words.description),
    retryAfterMs: retryAfterMs(answer.headers, context.nowMs),
    providerCode: words.error,
  });
}
