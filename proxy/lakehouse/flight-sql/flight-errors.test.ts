import { type ErrorCode } from '../../base/errors/catalogue';
import { Status } from '../../base/grpc';
import { TimeoutError } from '../../base/async/with-limits';
import { type CallFailure } from './call-failure';
import { flightError, type FailureContext } from './flight-errors';

const ID = '0b4c3f1e-77aa-4c0e-9f0e-2f6f0f0a0001';

const CONTEXT: FailureContext = {
  rpc: 'data',
  purpose: 'statement',
  signIn: 'token',
  aborted: false,
  afterData: false,
  timeoutMs: 60_000,
  timeLeftMs: 30_000,
  sizes: { headerBytes: 16_500, tokenBytes: 15_912 },
  lastResponse: {},
};
const BUSY = 'the server can be reached, but has not finished the query)';

interface Case {
  name: string;
  status: number;
  details: string;
  context?: Partial<FailureContext>;
  code: ErrorCode;
  detail?: string;
  queryId?: string;
}

const cases: Case[] = [
  {
    name: 'a syntax error',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe: SQL error: ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1") (query_id=${ID})`,
    code: 'query_invalid',
    detail: 'SQL error: ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1").',
    queryId: ID,
  },
  {
    name: 'an unknown column, with two full stops',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe: Schema error: No field named nope.. (at line 1, column 8) (query_id=${ID})`,
    code: 'query_invalid',
    detail: 'Schema error: No field named nope. (at line 1, column 8).',
    queryId: ID,
  },
  {
    name: 'an unknown column, with two punctuation marks',
    status: Status.INVALID_ARGUMENT,
    details: `Schema error: No field named nope. Did you mean 'no'?. (query_id=${ID})`,
    code: 'query_invalid',
    detail: "Schema error: No field named nope. Did you mean 'no'?",
    queryId: ID,
  },
  {
    name: 'a very long message with control characters',
    status: Status.INTERNAL,
    details: `error executing plan: a\u0000b\u001b[31mc ${'x'.repeat(900_000)}`,
    code: 'query_failed',
    detail: `ab[31mc ${'x'.repeat(1991)}…`,
  },
  {
    name: 'a message of white space and punctuation only',
    status: Status.INTERNAL,
    details: `a${' '.repeat(200_000)}${'\n'.repeat(200_000)}${';('.repeat(100_000)}query_id=${ID}`,
    code: 'query_failed',
    queryId: ID,
  },
  {
    name: 'an unknown function, with notes',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe with limit: Error during planning: Invalid function 'nofunc'.\nDid you mean 'round'? (at line 1, column 8)\nnote: Possible function 'round' (query_id=${ID})`,
    code: 'query_invalid',
    detail:
      "Error during planning: Invalid function 'nofunc'.\nDid you mean 'round'? (at line 1, column 8)\nnote: Possible function 'round'.",
    queryId: ID,
  },
  {
    name: 'an unknown view set, with a backtrace',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe: Error during planning: error making view view set bogus not found\n\nStack backtrace:\n   0: anyhow::error\n   1: main (query_id=${ID})`,
    code: 'query_invalid',
    detail: 'Error during planning: error making view view set bogus not found.',
    queryId: ID,
  },
  {
    name: 'division by zero',
    status: Status.INTERNAL,
    details: `error building data stream: Arrow error: Divide by zero error (query_id=${ID})`,
    context: { afterData: true },
    code: 'query_failed',
    detail: 'Arrow error: Divide by zero error.',
    queryId: ID,
  },
  {
    name: 'a database without free connections',
    status: Status.INTERNAL,
    details: `error creating physical plan: External error: listing lakehouse partitions (query_id=${ID})`,
    code: 'lakehouse_unavailable',
    detail: 'External error: listing lakehouse partitions.',
    queryId: ID,
  },
  {
    name: 'an object store that does not respond',
    status: Status.INTERNAL,
    details: `error building data stream: Object Store error: Generic S3 error: Error performing GET (query_id=${ID})`,
    context: { afterData: true },
    code: 'lakehouse_unavailable',
    queryId: ID,
  },
  {
    name: 'a value that reads like an error of an object store',
    status: Status.INTERNAL,
    details: `error building data stream: Arrow error: Cast error: Cannot cast string 'Object Store error: 5' to value of Int64 type (query_id=${ID})`,
    context: { afterData: true },
    code: 'query_failed',
    queryId: ID,
  },
  {
    name: 'thread spans without a range',
    status: Status.INTERNAL,
    details: `error creating physical plan: External error: query range mandatory for thread spans view (query_id=${ID})`,
    code: 'query_range_required',
    queryId: ID,
  },
  {
    name: 'two statements',
    status: Status.UNIMPLEMENTED,
    details: `error building dataframe: This feature is not implemented: The context currently only supports a single SQL statement (query_id=${ID})`,
    code: 'query_unsupported',
    queryId: ID,
  },
  {
    name: 'an unimplemented method',
    status: Status.UNIMPLEMENTED,
    details: 'Not yet implemented',
    context: { rpc: 'info' },
    code: 'not_flight_sql',
  },
  {
    name: 'a deny rule',
    status: Status.RESOURCE_EXHAUSTED,
    details: `query denied by rule r1 (reason: too heavy); ask an admin to lift it with remove_query_denial('r1'); query_id=${ID}`,
    code: 'query_denied',
    detail: "query denied by rule r1 (reason: too heavy); ask an admin to lift it with remove_query_denial('r1').",
    queryId: ID,
  },
  {
    name: 'exhausted memory',
    status: Status.RESOURCE_EXHAUSTED,
    details: `error executing plan: Resources exhausted: Failed to allocate (query_id=${ID})`,
    code: 'server_resources',
    queryId: ID,
  },
  {
    name: 'a rejected impersonation of a user',
    status: Status.PERMISSION_DENIED,
    details: "User impersonation not allowed: x-user-id 'bob' does not match authenticated subject 'sub1'",
    code: 'attribution_refused',
  },
  {
    name: 'a missing admin role',
    status: Status.PERMISSION_DENIED,
    details: 'requires admin',
    code: 'permission_denied',
  },
  { name: 'a missing sign-in', status: Status.UNAUTHENTICATED, details: 'invalid token', context: { signIn: 'none' }, code: 'credentials_missing' }, // prettier-ignore
  { name: 'a rejected key', status: Status.UNAUTHENTICATED, details: 'invalid token', code: 'api_key_refused' },
  { name: 'a rejected token', status: Status.UNAUTHENTICATED, details: 'invalid token', context: { signIn: 'oauth2' }, code: 'token_refused' }, // prettier-ignore
  { name: 'an unavailable key store', status: Status.UNAVAILABLE, details: 'auth provider unavailable', code: 'server_unavailable', detail: 'auth provider unavailable.' }, // prettier-ignore
  {
    name: 'a lost connection',
    status: Status.UNAVAILABLE,
    details: 'gone',
    context: { afterData: true },
    code: 'connection_lost',
  },
  { name: 'a deadline that the server reached', status: Status.DEADLINE_EXCEEDED, details: 'too slow', code: 'query_timeout', detail: `(limit 60 s; ${BUSY}` }, // prettier-ignore
  { name: 'a call that tonic cancels at its deadline', status: Status.CANCELLED, details: 'Timeout expired', context: { timeLeftMs: 900 }, code: 'query_timeout' }, // prettier-ignore
  { name: 'a server without GetTables', status: Status.UNIMPLEMENTED, details: 'Not yet implemented', context: { rpc: 'info', purpose: 'tables' }, code: 'tables_unsupported', detail: 'Not yet implemented.' }, // prettier-ignore
  { name: 'an unknown command', status: Status.INVALID_ARGUMENT, details: 'get_flight_info: The defined request is invalid: CommandGetTables', context: { rpc: 'info', purpose: 'tables' }, code: 'tables_unsupported' }, // prettier-ignore
  { name: 'a denied list of tables', status: Status.PERMISSION_DENIED, details: 'no', context: { rpc: 'info', purpose: 'tables' }, code: 'permission_denied' }, // prettier-ignore
  {
    name: 'a call that the server cancelled',
    status: Status.CANCELLED,
    details: 'x',
    code: 'query_cancelled',
    detail: '',
  },
  { name: 'a call that was cancelled while the server failed', status: Status.INTERNAL, details: 'x', context: { aborted: true }, code: 'query_cancelled' }, // prettier-ignore
  { name: 'an existing view', status: Status.ALREADY_EXISTS, details: 'view v exists', code: 'query_failed' },
];

it.each(cases)('$name: $code', ({ status, details, context, code, detail, queryId }) => {
  const error = flightError({ kind: 'status', code: status, details }, { ...CONTEXT, ...context });
  expect(error.code).toBe(code);
  expect(error.queryId).toBe(queryId);
  if (detail !== undefined) {
    expect(error.detail ?? '').toBe(detail);
  }
});

const positions: Array<[name: string, details: string, position: { line: number; column: number } | undefined]> = [
  ['of the parser', 'SQL error: ParserError("Expected: x, found: y at Line: 3, Column: 14")', { line: 3, column: 14 }],
  [
    'of the planner',
    `Schema error: No field named nope. (at line 1, column 8) (query_id=${ID})`,
    { line: 1, column: 8 },
  ],
  ['of the planner after a long list', `Valid fields are ${'a, '.repeat(9000)}a. (at line 2, column 5) (query_id=${ID})`, { line: 2, column: 5 }], // prettier-ignore
  ['of the planner before notes', 'Invalid function (at line 1, column 8)\nnote: Possible function', { line: 1, column: 8 }], // prettier-ignore
  ['of the planner after a quotation that looks like a position', "'(at line 7, column 7)' is wrong (at line 1, column 9)", { line: 1, column: 9 }], // prettier-ignore
  ['none in a message without a position', 'Arrow error: Divide by zero error', undefined],
  ['none in a message with too many digits', `at line ${'9'.repeat(100_000)}, column 1`, undefined],
];

it.each(positions)('finds the position: %s', (_name, details, sentPosition) => {
  const error = flightError({ kind: 'status', code: Status.INVALID_ARGUMENT, details }, CONTEXT);
  expect(error.sentPosition).toEqual(sentPosition);
});

interface EndCase {
  failure: CallFailure;
  context?: Partial<FailureContext>;
  code: ErrorCode;
  detail?: string;
}

const ends: EndCase[] = [
  { failure: { kind: 'deadline', isServerAlive: true }, code: 'query_timeout', detail: `(limit 60 s; ${BUSY}` },
  { failure: { kind: 'deadline', isServerAlive: true }, context: { timeoutMs: 1500 }, code: 'query_timeout', detail: `(limit 1.5 s; ${BUSY}` }, // prettier-ignore
  { failure: { kind: 'deadline', isServerAlive: false }, code: 'server_silent' },
  { failure: { kind: 'connection', reason: new TimeoutError('keepalive') }, code: 'server_silent' },
  { failure: { kind: 'cancelled' }, code: 'query_cancelled' },
  { failure: { kind: 'connection' }, code: 'connection_lost' },
  { failure: { kind: 'connection' }, context: { aborted: true }, code: 'query_cancelled' },
  { failure: { kind: 'reset', http2Code: 2 }, code: 'server_unavailable' },
  { failure: { kind: 'reset', http2Code: 8 }, context: { afterData: true }, code: 'connection_lost', detail: 'The server reset the call (HTTP/2 code 8).' }, // prettier-ignore
  { failure: { kind: 'unprocessed' }, code: 'server_unavailable' },
  {
    failure: { kind: 'protocol', what: 'The response breaks a rule.' },
    code: 'result_malformed',
    detail: 'The response breaks a rule.',
  },
  { failure: { kind: 'no-trailers', sender: ['Via: 1.1 edge'] }, code: 'server_intercepted', detail: 'The response has the headers of gRPC, but ends without the gRPC status (the trailers). The response names its sender: Via: 1.1 edge.' }, // prettier-ignore
  { failure: { kind: 'protocol', what: 'x' }, context: { rpc: 'info' }, code: 'not_flight_sql' },
];

it.each(ends)('fails with $code for $failure (context $context)', ({ failure, context, code, detail }) => {
  const error = flightError(failure, { ...CONTEXT, ...context });
  expect(error.code).toBe(code);
  if (detail !== undefined) {
    expect(error.detail ?? '').toBe(detail);
  }
});

const NOT_GRPC_RESPONSES: Array<[status: number, code: ErrorCode, text: RegExp]> = [
  [200, 'not_flight_sql', /HTTP status 200, but is not gRPC/],
  [302, 'server_intercepted', /is a redirect.*needs TLS/],
  [400, 'not_flight_sql', /Check the port/],
  [401, 'server_intercepted', /proxy in front of the server rejected the sign-in/],
  [403, 'server_intercepted', /proxy in front of the server rejected the call/],
  [404, 'not_flight_sql', /nothing at the path/],
  [408, 'gateway_timeout', /408/],
  [413, 'request_too_large', /SQL/],
  [415, 'not_flight_sql', /application\/grpc/],
  [418, 'not_flight_sql', /HTTP status 418/],
  [429, 'server_rate_limited', /gateway/],
  [431, 'headers_too_large', /16500 bytes, of which the token takes 15912.*Roles and groups/],
  [500, 'server_unavailable', /internal error/],
  [502, 'server_unavailable', /cannot reach it/],
  [503, 'server_unavailable', /no healthy server/],
  [504, 'gateway_timeout', /own timeout/],
];

it.each(NOT_GRPC_RESPONSES)('explains HTTP status %d without a gRPC status: %s', (status, code, message) => {
  const error = flightError({ kind: 'http', status }, CONTEXT);
  expect(error.code).toBe(code);
  expect(error.detail).toContain(`HTTP status ${status}`);
  expect(error.adminMessage).toMatch(message);
});

it('gives no advice on the token if the token is a small part of the headers', () => {
  const sizes = { headerBytes: 20_000, tokenBytes: 900 };
  const { adminMessage } = flightError({ kind: 'http', status: 431 }, { ...CONTEXT, sizes });
  expect(adminMessage).toMatch(/of which the token takes 900.*remove additional metadata/);
  expect(adminMessage).not.toContain('Roles and groups');
});

it('does not name the limit of Micromegas for smaller headers', () => {
  const sizes = { headerBytes: 1_900, tokenBytes: 1_500 };
  const { adminMessage } = flightError({ kind: 'http', status: 431 }, { ...CONTEXT, sizes });
  expect(adminMessage).toMatch(/1900 bytes.*Raise the limit for request headers of that proxy/);
  expect(adminMessage).toMatch(/a proxy or gateway in front of it with a lower limit responded/);
});

it.each([true, false])('names a gateway that adds a user only if the call names none: %s', (namesUser) => {
  const failure = {
    kind: 'status',
    code: Status.PERMISSION_DENIED,
    details: 'User impersonation not allowed',
  } as const;
  const { adminMessage } = flightError(failure, { ...CONTEXT, namesUser });
  expect(adminMessage.includes('a gateway on the way adds one')).toBe(!namesUser);
});
