/**
 * Converts failed calls of a Flight SQL server to errors of the catalogue.
 *
 * The message of the server is kept, because it contains line and column of a mistake in the SQL. The prefix that names
 * the planning stage is removed, and so is the backtrace. The query id becomes a separate field.
 */
import { message } from '../../../contract/messages/message';
import { formatAddress } from '../../../contract/settings/host';
import { type LineColumn } from '../../../contract/sql/sql-parser';
import { type ErrorCode } from '../../base/errors/catalogue';
import { foreignString } from '../../base/errors/foreign-string';
import { ProxyError, type ProxyErrorOptions } from '../../base/errors/proxy-error';
import { Status } from '../../base/grpc';
import { TimeoutError } from '../../base/async/with-limits';
import { type ServerRoute } from '../network/routes';
import { type LastResponse } from '../network/server-addresses';
import { type CallFailure } from './call-failure';
import { http2Detail } from './connection-errors';
import { headerSizeDetail, meaningOfStatus, type HeaderSizes } from './http-statuses';
import { seconds, silentServer, sinceLastResponse } from './silent-server';
import { rejectsTables } from './ticket-rejection';

/** The error of a failed call. It contains the failure as a value, so that no code has to parse the message. */
class FlightError extends ProxyError {
  readonly failure: CallFailure;

  constructor(code: ErrorCode, { failure, cause = failure, ...options }: ProxyErrorOptions & { failure: CallFailure }) {
    super(code, { ...options, cause });
    this.failure = failure;
  }
}

/**
 * The failure of the call that caused the error. Undefined if no call failed, or if the failure is of the kind
 * `memory`.
 */
export function callFailureOf(error: ProxyError): CallFailure | undefined {
  if (error instanceof FlightError) {
    return error.failure;
  }
  return error.cause instanceof ProxyError ? callFailureOf(error.cause) : undefined;
}

/** The kind of sign-in of the data source. It determines the error of a rejected sign-in. */
export type SignIn = 'none' | 'token' | 'oauth2';

/** Facts about a failed call in addition to its failure. They determine the code and the details of the error. */
export interface FailureContext {
  /** The method that failed: GetFlightInfo or DoGet. A server without GetFlightInfo is not a Flight SQL server. */
  rpc: 'info' | 'data';
  /** The purpose of the call. Some servers run statements, but have no list of tables. */
  purpose: 'statement' | 'tables';
  signIn: SignIn;
  /** True if the caller aborted the call. */
  aborted: boolean;
  /** True if messages had arrived before the failure. */
  afterData: boolean;
  /** The time limit that the error shows, in milliseconds. */
  timeoutMs: number;
  /** Milliseconds from the failure to the deadline. */
  timeLeftMs: number;
  /** The error names these sizes if the server or an HTTP proxy rejects the headers as too large. */
  sizes: HeaderSizes;
  lastResponse: LastResponse;
  /** True if the call names a user, so that the server checks whether the sign-in may query on behalf of this user. */
  namesUser?: boolean;
}

const STAGE =
  /^(?:error (?:building dataframe(?: with limit)?|creating physical plan|executing plan|building data stream): )+/;
const QUERY_ID = /\bquery_id=([0-9a-zA-Z-]+)\)?/g;
/** The position is searched in this many characters at the end of a message. Notes may follow the position. */
const MAX_POSITION_CHARACTERS = 1000;
const BACKTRACE = /\n[^\S\n]*Stack backtrace:/;

/**
 * Drops a full stop after `.`, `!` or `?`, because some messages of the server have two such characters in a row. Adds
 * a full stop if the message ends without punctuation.
 */
function sentence(message: string): string {
  const once = message.replace(/(?<!\.)([.!?])\.(?=\s|$)/g, '$1');
  return once === '' || /[.!?\u2026:]$/.test(once) ? once : `${once}.`;
}

/** Removes each `(query_id=…)`, and returns the last id. */
function splitQueryId(details: string): { message: string; queryId: string | undefined } {
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
  return { message: [...pieces, details.slice(end)].join(''), queryId };
}

/**
 * The planner writes `(at line 1, column 8)`, the parser `at Line: 1, Column: 8`. Numbers of more than seven digits are
 * not read.
 */
const POSITION = /\bat line:? (\d{1,7}), column:? (\d{1,7})\b/gi;

/**
 * The last position in the message: names and literals of the SQL may look like a position, but come before the real
 * one.
 */
function positionIn(message: string): LineColumn | undefined {
  const [, line, column] = [...message.matchAll(POSITION)].at(-1) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

interface ServerMessage {
  message: string;
  queryId: string | undefined;
  /** Position in the SQL that was sent. */
  sentPosition: LineColumn | undefined;
}

/** The readable part of the server's message, the query id of its audit log, and the position in the SQL. */
function readServerMessage(details: string): ServerMessage {
  const { message, queryId } = splitQueryId(details);
  const backtrace = message.search(BACKTRACE);
  const words = (backtrace < 0 ? message : message.slice(0, backtrace)).replace(STAGE, '').trim();
  const shown = foreignString(words);
  // `shown` may be truncated before the position, for example in a long list of columns.
  const end = words.slice(-MAX_POSITION_CHARACTERS);
  return { message: sentence(shown), queryId, sentPosition: positionIn(end) ?? positionIn(shown) };
}

const SIGN_IN_REJECTED: Readonly<Record<SignIn, ErrorCode>> = {
  none: 'credentials_missing',
  token: 'api_key_refused',
  oauth2: 'token_refused',
};

/** If less than this share of the time limit is left when the server cancels a call, the limit is the reason. */
const LIMIT_SHARE = 0.02;

/**
 * The code for the status INTERNAL. Only the words before the first quote are read, because values of the query follow
 * after it.
 */
function internalCode(details: string): ErrorCode {
  const [source] = details.split("'", 1);
  if (/query range (?:is )?mandatory/i.test(source)) {
    return 'query_range_required';
  }
  return /object store error:|external error: listing lakehouse partitions/i.test(source)
    ? 'lakehouse_unavailable'
    : 'query_failed';
}

function statusCode(code: number, details: string, context: FailureContext): ErrorCode {
  const { rpc, signIn, afterData, timeLeftMs, timeoutMs } = context;
  switch (code) {
    case Status.CANCELLED:
      // tonic returns this status when the `grpc-timeout` has passed.
      return timeLeftMs <= timeoutMs * LIMIT_SHARE ? 'query_timeout' : 'query_cancelled';
    case Status.INVALID_ARGUMENT:
      return 'query_invalid';
    case Status.DEADLINE_EXCEEDED:
      return 'query_timeout';
    case Status.PERMISSION_DENIED:
      return /impersonation not allowed/i.test(details) ? 'attribution_refused' : 'permission_denied';
    case Status.UNAUTHENTICATED:
      return SIGN_IN_REJECTED[signIn];
    case Status.RESOURCE_EXHAUSTED:
      return /denied by rule/i.test(details) ? 'query_denied' : 'server_resources';
    case Status.UNIMPLEMENTED:
      return rpc === 'info' ? 'not_flight_sql' : 'query_unsupported';
    case Status.UNAVAILABLE:
      return afterData ? 'connection_lost' : 'server_unavailable';
    case Status.INTERNAL:
      return internalCode(details);
    default:
      return 'query_failed';
  }
}

/**
 * The error of a query whose time limit passed while the query waited for a connection. After a wait of more than half
 * of the limit, the error names the connection as the problem. After a shorter wait, it names the time limit.
 *
 * @param limitMs The time limit of the query.
 * @param isAtProxy True if the SOCKS proxy had not connected to the server.
 */
export function connectTimeout(
  { host, port, socks }: Pick<ServerRoute, 'host' | 'port' | 'socks'>,
  {
    limitMs,
    waitedMs,
    isAtProxy,
    lastResponse,
    cause,
  }: { limitMs: number; waitedMs: number; isAtProxy: boolean; lastResponse: LastResponse; cause: TimeoutError }
): ProxyError {
  const limit = `limit ${seconds(limitMs)} s`;
  if (waitedMs <= limitMs / 2) {
    const detail = `(${limit}; the query waited for a connection to the server)`;
    return new ProxyError('query_timeout', { detail, cause });
  }
  if (socks !== undefined && isAtProxy) {
    const proxy = `SOCKS proxy ${formatAddress(socks.host, socks.port)}`;
    return new ProxyError('proxy_unreachable', {
      detail: `${proxy}: The proxy does not respond (${limit} of the query).`,
      cause,
    });
  }
  return silentServer(lastResponse, {
    detail: `Address: ${formatAddress(host, port)} (${limit} of the query).`,
    cause,
  });
}

function timeoutDetail({ timeoutMs }: FailureContext): string {
  return `(limit ${seconds(timeoutMs)} s; the server can be reached, but has not finished the query)`;
}

function statusError(failure: CallFailure & { kind: 'status' }, context: FailureContext): FlightError {
  const code = statusCode(failure.code, failure.details, context);
  const { message: said, queryId, sentPosition } = readServerMessage(failure.details);
  const detail = code === 'query_timeout' ? timeoutDetail(context) : said;
  // The server checks only a user in the headers of the call. If the call has none, something else added one.
  const advice =
    code === 'attribution_refused' && context.namesUser === false ? [message('between-adds-user')] : undefined;
  const shown = code === 'query_cancelled' ? '' : detail;
  return new FlightError(code, { detail: shown, advice, queryId, sentPosition, failure });
}

function httpError(failure: CallFailure & { kind: 'http' }, { sizes }: FailureContext): FlightError {
  const { status, evidence = [] } = failure;
  const { code, cause, advice } = meaningOfStatus(status);
  const others = evidence.slice(1);
  const shown = others.length === 0 ? '' : ` (${foreignString(others.join(', '))})`;
  const responded = `The response has HTTP status ${status}${shown}${status === 200 ? ', but is not gRPC' : ''}.`;
  const size = code === 'headers_too_large' ? headerSizeDetail(sizes) : undefined;
  return new FlightError(code, {
    detail: [responded, size?.cause ?? cause, size?.detail].filter((part) => part !== undefined).join(' '),
    advice: size?.advice ?? advice,
    failure,
  });
}

/** The error of a response that lost its end: a proxy passed it on without the trailers of gRPC. */
function noTrailersError(failure: CallFailure & { kind: 'no-trailers' }): FlightError {
  const sender = failure.sender.map((part) => foreignString(part));
  const found = sender.length === 0 ? [] : [message('between-sender', { evidence: sender })];
  return new FlightError('server_intercepted', {
    detail: [message('between-no-trailers'), ...found],
    advice: [message('between-pass-trailers')],
    failure,
  });
}

function deadlineError(failure: CallFailure & { kind: 'deadline' }, context: FailureContext): FlightError {
  if (failure.isServerAlive) {
    return new FlightError('query_timeout', { detail: timeoutDetail(context), failure });
  }
  const limit = seconds(context.timeoutMs);
  const reached = `The query reached its limit of ${limit} s, and the server did not respond to an HTTP/2 PING either.`;
  return new FlightError('server_silent', { detail: withLastResponse(reached, context), failure });
}

/** @param detail A sentence. */
function withLastResponse(detail: string, { lastResponse }: FailureContext): string {
  const since = sinceLastResponse(lastResponse);
  return since === undefined ? detail : `${detail} ${since}`;
}

function connectionError(failure: CallFailure & { kind: 'connection' }, context: FailureContext): FlightError {
  const { reason: cause } = failure;
  return cause instanceof TimeoutError
    ? new FlightError('server_silent', {
        detail: withLastResponse('The server did not respond to an HTTP/2 PING.', context),
        failure,
        cause,
      })
    : new FlightError('connection_lost', { detail: http2Detail(cause), failure, cause });
}

/**
 * The error of a failed call. `callFailureOf` returns the failure of this error. A failure of the kind `memory` already
 * contains its error, which is returned unchanged.
 *
 * @param failure Must contain no secrets, because the error contains the message of the server (truncated).
 */
export function flightError(failure: CallFailure, context: FailureContext): ProxyError {
  if (context.aborted || failure.kind === 'cancelled') {
    return new FlightError('query_cancelled', { failure });
  }
  if (context.purpose === 'tables' && rejectsTables(failure)) {
    const detail = failure.kind === 'status' ? readServerMessage(failure.details).message : undefined;
    return new FlightError('tables_unsupported', { detail, failure });
  }
  const lostCode = context.afterData ? 'connection_lost' : 'server_unavailable';
  switch (failure.kind) {
    case 'status':
      return statusError(failure, context);
    case 'deadline':
      return deadlineError(failure, context);
    case 'http':
      return httpError(failure, context);
    case 'protocol':
      return new FlightError(context.rpc === 'info' ? 'not_flight_sql' : 'result_malformed', {
        detail: failure.what,
        failure,
      });
    case 'no-trailers':
      return noTrailersError(failure);
    case 'too-large':
      return new FlightError('result_too_large', {
        detail: `The server sends ${failure.bytes} bytes in one message.`,
        failure,
      });
    case 'memory':
      return failure.error;
    case 'reset':
      return new FlightError(lostCode, {
        detail: `The server reset the call (HTTP/2 code ${failure.http2Code}).`,
        failure,
      });
    case 'unprocessed':
      return new FlightError(lostCode, {
        detail: http2Detail(failure.reason) ?? 'The server accepts no more calls on this connection.',
        failure,
        cause: failure.reason ?? failure,
      });
    case 'connection':
      return connectionError(failure, context);
  }
}
