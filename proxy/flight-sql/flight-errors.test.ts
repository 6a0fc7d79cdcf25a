import { status as Status } from '@grpc/grpc-js';
import { type ErrorCode } from '../errors/catalogue';
import { flightError, isConnectionFailure, readServerText, type FailureContext } from './flight-errors';

const ID = '0b4c3f1e-77aa-4c0e-9f0e-2f6f0f0a0001';

interface Case {
  name: string;
  status: Status;
  details: string;
  context?: Partial<FailureContext>;
  code: ErrorCode;
  detail?: string;
  queryId?: string;
}

const cases: Case[] = [
  {
    name: 'syntax',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe: SQL error: ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1") (query_id=${ID})`,
    code: 'query_invalid',
    detail: 'SQL error: ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1").',
    queryId: ID,
  },
  {
    name: 'function, with help below',
    status: Status.INVALID_ARGUMENT,
    details: `error building dataframe with limit: Error during planning: Invalid function 'nofunc'.\nDid you mean 'round'? (at line 1, column 8)\nnote: Possible function 'round' (query_id=${ID})`,
    code: 'query_invalid',
    detail:
      "Error during planning: Invalid function 'nofunc'.\nDid you mean 'round'? (at line 1, column 8)\nnote: Possible function 'round'.",
    queryId: ID,
  },
  {
    name: 'view set, with a backtrace',
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
    name: 'a method that is not there',
    status: Status.UNIMPLEMENTED,
    details: 'Not yet implemented',
    context: { rpc: 'info' },
    code: 'not_flight_sql',
  },
  {
    name: 'deny rule',
    status: Status.RESOURCE_EXHAUSTED,
    details: `query denied by rule r1 (reason: too heavy); ask an admin to lift it with remove_query_denial('r1'); query_id=${ID}`,
    code: 'query_denied',
    detail: "query denied by rule r1 (reason: too heavy); ask an admin to lift it with remove_query_denial('r1').",
    queryId: ID,
  },
  {
    name: 'memory',
    status: Status.RESOURCE_EXHAUSTED,
    details: `error executing plan: Resources exhausted: Failed to allocate (query_id=${ID})`,
    code: 'server_resources',
    queryId: ID,
  },
  {
    name: 'impersonation',
    status: Status.PERMISSION_DENIED,
    details: "User impersonation not allowed: x-user-id 'bob' does not match authenticated subject 'sub1'",
    code: 'attribution_refused',
  },
  { name: 'not an admin', status: Status.PERMISSION_DENIED, details: 'requires admin', code: 'permission_denied' },
  { name: 'no sign-in', status: Status.UNAUTHENTICATED, details: 'invalid token', context: { signIn: 'none' }, code: 'credentials_missing' }, // prettier-ignore
  { name: 'a refused key', status: Status.UNAUTHENTICATED, details: 'invalid token', code: 'api_key_refused' },
  { name: 'a refused token', status: Status.UNAUTHENTICATED, details: 'invalid token', context: { signIn: 'oauth2' }, code: 'token_refused' }, // prettier-ignore
  { name: 'key store down', status: Status.UNAVAILABLE, details: 'auth provider unavailable', code: 'server_unavailable', detail: 'auth provider unavailable.' }, // prettier-ignore
  { name: 'lost', status: Status.UNAVAILABLE, details: 'gone', context: { afterData: true }, code: 'connection_lost' },
  { name: 'deadline', status: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded after 60.0s,remote_addr=1.2.3.4:5', code: 'query_timeout', detail: '(limit 60 s)' }, // prettier-ignore
  { name: 'deadline without a connection', status: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded after 60.0s,name resolution: 0.002s,Waiting for LB pick', code: 'connection_timeout', detail: undefined }, // prettier-ignore
  { name: 'deadline with a slow start', status: Status.DEADLINE_EXCEEDED, details: 'Deadline exceeded after 2.0s,name resolution: 0.002s,remote_addr=1.2.3.4:5', code: 'query_timeout' }, // prettier-ignore
  { name: 'cancelled', status: Status.CANCELLED, details: 'Cancelled', context: { aborted: true }, code: 'query_cancelled' }, // prettier-ignore
  { name: 'cancelled while the server failed', status: Status.INTERNAL, details: 'x', context: { aborted: true }, code: 'query_cancelled' }, // prettier-ignore
  { name: 'reset by a proxy', status: Status.CANCELLED, details: 'Call cancelled', code: 'connection_lost' },
  { name: 'HTTP 404', status: Status.UNIMPLEMENTED, details: 'Received HTTP status code 404', context: { rpc: 'info' }, code: 'not_flight_sql' }, // prettier-ignore
  { name: 'HTTP 415', status: Status.UNKNOWN, details: 'Received HTTP status code 415', code: 'not_flight_sql' },
  { name: 'HTTP 503', status: Status.UNAVAILABLE, details: 'Received HTTP status code 503', code: 'server_unavailable' }, // prettier-ignore
  { name: 'view exists', status: Status.ALREADY_EXISTS, details: 'view v exists', code: 'query_failed' },
];

it.each(cases)('$name: $code', ({ status, details, context, code, detail, queryId }) => {
  const error = flightError(
    { code: status, details },
    { rpc: 'data', signIn: 'token', aborted: false, afterData: false, timeoutMs: 60_000, ...context }
  );
  expect(error.code).toBe(code);
  expect(error.queryId).toBe(queryId);
  if (detail !== undefined) {
    expect(error.detail).toBe(detail);
  }
});

it.each([
  { name: 'escapes that grpc-js leaves', details: 'Did you mean %3Fround%23%3F', text: 'Did you mean ?round#?' },
  { name: 'a message that it could not read', details: "LIKE%20'50%'%20na%C3%AFve", text: "LIKE '50%' naïve." },
  { name: 'a per cent sign in plain text', details: "LIKE '%2a%' is odd", text: "LIKE '%2a%' is odd." },
  { name: 'nothing', details: '', text: '' },
])('reads $name', ({ details, text }) => {
  expect(readServerText(details).text).toBe(text);
});

it.each([
  [Status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1', true],
  [Status.UNAVAILABLE, 'Name resolution failed for target dns:nowhere:1', true],
  [Status.UNAVAILABLE, 'read ECONNRESET', true],
  [Status.UNAVAILABLE, 'Connection dropped', true],
  [Status.INTERNAL, 'Received RST_STREAM with code 2 triggered by internal client error: Protocol error', true],
  [Status.UNAVAILABLE, 'auth provider unavailable', false],
  [Status.INTERNAL, 'error executing plan: External error', false],
])('status %i %j is a failure of the connection: %s', (code, details, expected) => {
  expect(isConnectionFailure({ code, details })).toBe(expected);
});
