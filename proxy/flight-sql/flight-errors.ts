/**
 * gRPC statuses of a Flight SQL server as errors of the catalogue.
 *
 * The server's words are kept, for they name line and column. Taken off are the stage of planning in front, a backtrace,
 * and the query id, which gets a place of its own.
 */
import { status as Status } from '@grpc/grpc-js';
import { type ErrorCode } from '../errors/catalogue';
import { ProxyError } from '../errors/proxy-error';

/** How the data source signs in: it decides what a refused sign-in means. */
export type SignIn = 'none' | 'token' | 'oauth2';

export interface FlightFailure {
  code: Status;
  details: string;
}

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
const QUERY_ID = /[;,]?\s*\(?\bquery_id=([0-9a-zA-Z-]+)\)?/g;
const BACKTRACE = /\n\s*Stack backtrace:[\s\S]*$/;

/**
 * A grpc-message as it was written. grpc-js leaves escapes of reserved characters (`%3F`) in place, and all of them when
 * one per cent sign in the text is none of an escape (`LIKE 'a%'`).
 */
function unescaped(details: string): string {
  const isRaw = details.includes('%20') && !details.includes(' ');
  const escapes = isRaw ? /(?:%[0-9a-f]{2})+/gi : /(?:%(?:2[346bcf]|3[abdf]|40))+/gi;
  return details.replace(escapes, (run) => Buffer.from(run.replace(/%/g, ''), 'hex').toString('utf8'));
}

function sentence(text: string): string {
  return text === '' || /[.!?…:]$/.test(text) ? text : `${text}.`;
}

/** The server's words for people, and the key into its audit log. */
export function readServerText(details: string): { text: string; queryId: string | undefined } {
  const whole = unescaped(details);
  const queryId = [...whole.matchAll(QUERY_ID)].at(-1)?.[1];
  const text = whole.replace(BACKTRACE, '').replace(QUERY_ID, '').replace(STAGE, '').trim();
  return { text: sentence(text), queryId };
}

const SIGN_IN_REFUSED: Readonly<Record<SignIn, ErrorCode>> = {
  none: 'credentials_missing',
  token: 'api_key_refused',
  oauth2: 'token_refused',
};

/** True for statuses that grpc-js makes itself, because there is no connection or no gRPC on the other side. */
export function isConnectionFailure({ code, details }: FlightFailure): boolean {
  if (code === Status.UNAVAILABLE) {
    return /^(No connection established|Name resolution failed|Connection dropped|Channel closed|Failed to connect|connect |read E|write E|Stream refused|.*\bE[A-Z]{5,}\b)/s.test(
      details
    );
  }
  return (
    (code === Status.INTERNAL || code === Status.UNKNOWN) &&
    /^(Received RST_STREAM with code|Received HTTP status code 400|Protocol error|.*Parse Error)/.test(details)
  );
}

/** HTTP statuses come from proxies and web servers in front of, or instead of, a Flight SQL server. */
function httpCode(details: string, signIn: SignIn): ErrorCode | undefined {
  const status = /^Received HTTP status code (\d+)/.exec(details)?.[1];
  switch (status) {
    case undefined:
      return undefined;
    case '401':
      return SIGN_IN_REFUSED[signIn];
    case '403':
      return 'permission_denied';
    case '429':
    case '502':
    case '503':
    case '504':
      return 'server_unavailable';
    default:
      return 'not_flight_sql';
  }
}

function internalCode(details: string, { afterData }: FailureContext): ErrorCode {
  if (/query range (?:is )?mandatory/i.test(details)) {
    return 'query_range_required';
  }
  if (/^Received RST_STREAM with code/.test(details)) {
    return afterData ? 'connection_lost' : 'server_unavailable';
  }
  return 'query_failed';
}

function codeOf({ code, details }: FlightFailure, context: FailureContext): ErrorCode {
  const fromHttp = httpCode(details, context.signIn);
  if (fromHttp !== undefined) {
    return fromHttp;
  }
  switch (code) {
    case Status.CANCELLED:
      return details === 'Call cancelled' ? 'connection_lost' : 'query_cancelled';
    case Status.INVALID_ARGUMENT:
      return 'query_invalid';
    case Status.DEADLINE_EXCEEDED:
      return /Waiting for LB pick|name resolution/i.test(details) && !/remote_addr=/.test(details)
        ? 'connection_timeout'
        : 'query_timeout';
    case Status.PERMISSION_DENIED:
      return /impersonation not allowed/i.test(details) ? 'attribution_refused' : 'permission_denied';
    case Status.UNAUTHENTICATED:
      return SIGN_IN_REFUSED[context.signIn];
    case Status.RESOURCE_EXHAUSTED:
      return /denied by rule/i.test(details) ? 'query_denied' : 'server_resources';
    case Status.UNIMPLEMENTED:
      return context.rpc === 'info' ? 'not_flight_sql' : 'query_unsupported';
    case Status.UNAVAILABLE:
      return context.afterData ? 'connection_lost' : 'server_unavailable';
    case Status.INTERNAL:
      return internalCode(details, context);
    default:
      return 'query_failed';
  }
}

/** Seconds as people say them: `1.5`, `60`. */
function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

/** Texts that grpc-js writes for developers tell a user nothing. */
const OWN_WORDS: Readonly<Partial<Record<ErrorCode, (context: FailureContext) => string>>> = {
  query_timeout: ({ timeoutMs }) => `(limit ${seconds(timeoutMs)} s)`,
  connection_timeout: () => '',
  query_cancelled: () => '',
  connection_lost: () => '',
};

/** The error of a call that ended with this status. */
export function flightError(failure: FlightFailure, context: FailureContext): ProxyError {
  if (context.aborted) {
    return new ProxyError('query_cancelled', { cause: failure });
  }
  const code = codeOf(failure, context);
  const { text, queryId } = readServerText(failure.details);
  const detail = OWN_WORDS[code]?.(context) ?? text;
  return new ProxyError(code, { detail, queryId, cause: failure });
}
