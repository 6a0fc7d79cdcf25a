/**
 * gRPC statuses of a Flight SQL server as errors of the catalogue.
 *
 * The server's words are kept, for they name line and column. Taken off are the stage of planning in front, a backtrace,
 * and the query id, which gets a place of its own.
 */
import { type ErrorCode } from '../errors/catalogue';
import { foreignText } from '../errors/foreign-text';
import { ProxyError } from '../errors/proxy-error';
import { Status } from '../grpc/status';
import { type CallFailure } from './call-failure';

/** How the data source signs in: it decides what a refused sign-in means. */
export type SignIn = 'none' | 'token' | 'oauth2';

export interface FailureContext {
  /** Which call failed: a server that cannot even plan is no Flight SQL server. */
  rpc: 'info' | 'data';
  signIn: SignIn;
  /** True when the caller itself gave up. */
  aborted: boolean;
  /** True when messages had already arrived. */
  afterData: boolean;
  /** The limit of the call, for the text of a timeout. */
  timeoutMs: number;
}

const STAGE =
  /^(?:error (?:building dataframe(?: with limit)?|creating physical plan|executing plan|building data stream): )+/;
const QUERY_ID = /\bquery_id=([0-9a-zA-Z-]+)\)?/g;
const BACKTRACE = /\n[^\S\n]*Stack backtrace:/;

/** Each sentence with one sign at its end: some of the server's messages bring two. */
function sentence(text: string): string {
  const once = text.replace(/(?<!\.)([.!?])\.(?=\s|$)/g, '$1');
  return once === '' || /[.!?\u2026:]$/.test(once) ? once : `${once}.`;
}

/** The text without `(query_id=…)`, and the last of these ids. */
function splitQueryId(details: string): { text: string; queryId: string | undefined } {
  const pieces: string[] = [];
  let queryId: string | undefined;
  let end = 0;
  for (const match of details.matchAll(QUERY_ID)) {
    const before = details.slice(end, match.index);
    const opened = (before.endsWith('(') ? before.slice(0, -1) : before).trimEnd();
    pieces.push(/[;,]$/.test(opened) ? opened.slice(0, -1) : opened);
    end = match.index + match[0].length;
    queryId = match[1];
  }
  return { text: [...pieces, details.slice(end)].join(''), queryId };
}

/** The server's words for people, and the key into its audit log. */
export function readServerText(details: string): { text: string; queryId: string | undefined } {
  const { text, queryId } = splitQueryId(details);
  const backtrace = text.search(BACKTRACE);
  const words = (backtrace < 0 ? text : text.slice(0, backtrace)).replace(STAGE, '').trim();
  return { text: sentence(foreignText(words)), queryId };
}

const SIGN_IN_REFUSED: Readonly<Record<SignIn, ErrorCode>> = {
  none: 'credentials_missing',
  token: 'api_key_refused',
  oauth2: 'token_refused',
};

/** Answers of proxies and web servers in front of, or instead of, a Flight SQL server. */
function httpCode(status: number, signIn: SignIn): ErrorCode {
  switch (status) {
    case 401:
      return SIGN_IN_REFUSED[signIn];
    case 403:
      return 'permission_denied';
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return 'server_unavailable';
    default:
      return 'not_flight_sql';
  }
}

function statusCode(code: number, details: string, { rpc, signIn, afterData }: FailureContext): ErrorCode {
  switch (code) {
    case Status.CANCELLED:
      return 'query_cancelled';
    case Status.INVALID_ARGUMENT:
      return 'query_invalid';
    case Status.DEADLINE_EXCEEDED:
      return 'query_timeout';
    case Status.PERMISSION_DENIED:
      return /impersonation not allowed/i.test(details) ? 'attribution_refused' : 'permission_denied';
    case Status.UNAUTHENTICATED:
      return SIGN_IN_REFUSED[signIn];
    case Status.RESOURCE_EXHAUSTED:
      return /denied by rule/i.test(details) ? 'query_denied' : 'server_resources';
    case Status.UNIMPLEMENTED:
      return rpc === 'info' ? 'not_flight_sql' : 'query_unsupported';
    case Status.UNAVAILABLE:
      return afterData ? 'connection_lost' : 'server_unavailable';
    case Status.INTERNAL:
      return /query range (?:is )?mandatory/i.test(details) ? 'query_range_required' : 'query_failed';
    default:
      return 'query_failed';
  }
}

/** Seconds as people say them: `1.5`, `60`. */
function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

function statusError(failure: { code: number; details: string }, context: FailureContext): ProxyError {
  const code = statusCode(failure.code, failure.details, context);
  const { text, queryId } = readServerText(failure.details);
  const detail = code === 'query_timeout' ? `(limit ${seconds(context.timeoutMs)} s)` : text;
  return new ProxyError(code, { detail: code === 'query_cancelled' ? '' : detail, queryId, cause: failure });
}

/** The error of a call that ended like this. */
export function flightError(failure: CallFailure, context: FailureContext): ProxyError {
  if (context.aborted || failure.kind === 'cancelled') {
    return new ProxyError('query_cancelled', { cause: failure });
  }
  const cutOff = context.afterData ? 'connection_lost' : 'server_unavailable';
  switch (failure.kind) {
    case 'status':
      return statusError(failure, context);
    case 'deadline':
      return new ProxyError('query_timeout', { detail: `(limit ${seconds(context.timeoutMs)} s)`, cause: failure });
    case 'http':
      return new ProxyError(httpCode(failure.status, context.signIn), {
        detail: `It answered with HTTP status ${failure.status}${failure.status === 200 ? ', but not in gRPC' : ''}.`,
        cause: failure,
      });
    case 'protocol':
      return new ProxyError(context.rpc === 'info' ? 'not_flight_sql' : 'result_malformed', {
        detail: failure.what,
        cause: failure,
      });
    case 'too-large':
      return new ProxyError('result_too_large', {
        detail: `The server sends ${failure.bytes} bytes in one message.`,
        cause: failure,
      });
    case 'memory':
      return failure.error;
    case 'reset':
      return new ProxyError(cutOff, {
        detail: `It reset the call (HTTP/2 code ${failure.http2Code}).`,
        cause: failure,
      });
    case 'refused':
      return new ProxyError(cutOff, { detail: 'It takes no more calls.', cause: failure });
    case 'connection':
      return new ProxyError('connection_lost', { cause: failure.reason });
  }
}
