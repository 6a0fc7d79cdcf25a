import { Status } from '../../base/grpc';
import { type CallFailure } from './call-failure';
import { rejectsTicket } from './ticket-rejection';

const status = (code: number, details: string): CallFailure => ({ kind: 'status', code, details });

it.each([
  [
    'arrow-go',
    status(Status.INVALID_ARGUMENT, 'unable to unmarshal ticket: proto: cannot parse invalid wire-format data'),
  ],
  ['arrow-rs', status(Status.UNIMPLEMENTED, 'do_get: The defined request is invalid: SELECT 1')],
  [
    'arrow-rs, for a ticket that it cannot decode',
    status(Status.INVALID_ARGUMENT, 'Unable to decode ticket: invalid tag value: 0'),
  ],
  ['arrow-java', status(Status.INTERNAL, 'There was an error servicing your request.')],
  ['a server whose tickets are statement handles', status(Status.NOT_FOUND, 'statement handle not found')],
  ['another gRPC service', status(Status.UNIMPLEMENTED, 'unknown service arrow.flight.protocol.FlightService')],
  ['an error without a message', status(Status.UNIMPLEMENTED, '')],
])('detects a rejected ticket: %s', (_, failure) => {
  expect(rejectsTicket(failure)).toBe(true);
});

const SYNTAX =
  'error building dataframe: SQL error: ParserError("Expected: an SQL statement, found: ticket") (query_id=1)';

it.each([
  ['a syntax error', status(Status.INVALID_ARGUMENT, SYNTAX)],
  [
    'a syntax error from a server without query ids',
    status(Status.INVALID_ARGUMENT, SYNTAX.replace(/ \(query_id.*/, '')),
  ],
  ['two statements', status(Status.UNIMPLEMENTED, 'error building dataframe: not implemented (query_id=1)')],
  ['a failed cast', status(Status.INTERNAL, 'error building data stream: Cast error: ticket (query_id=1)')],
  ['a bad header', status(Status.INVALID_ARGUMENT, 'invalid limit header: abc')],
  ['a missing view', status(Status.NOT_FOUND, "view 'v' not found")],
  ['a rejected sign-in', status(Status.UNAUTHENTICATED, 'invalid token')],
  ['a missing permission', status(Status.PERMISSION_DENIED, 'ticket not yours')],
  ['an outage', status(Status.UNAVAILABLE, 'ticket store down')],
  ['a web server', { kind: 'http', status: 404 } as const],
  ['a lost connection', { kind: 'connection' } as const],
])('does not detect a rejected ticket: %s', (_, failure) => {
  expect(rejectsTicket(failure)).toBe(false);
});
