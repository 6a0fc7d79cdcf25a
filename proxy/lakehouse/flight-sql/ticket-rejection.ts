/**
 * Tells from the error of a call whether the server rejected the format of a ticket, or has no list of tables.
 *
 * Micromegas accepts tickets that the client creates, which saves one call per query. Other Flight SQL servers
 * (arrow-go, arrow-java, servers with the defaults of arrow-rs) accept only tickets that they issued. A failed
 * statement must not be treated as a rejected ticket, because the statement would then run twice.
 */
import { Status } from '../../base/grpc';
import { type CallFailure } from './call-failure';

/** Micromegas writes one of these messages into the error of every statement that it started. */
const STATEMENT_STARTED = /\bquery_id=|^error (?:building|creating|executing)\b/;

/** Error messages of Flight SQL libraries for an unknown ticket. */
const ABOUT_THE_TICKET =
  /\bticket\b|descriptor|\bproto(?:buf)?\b|unmarshal|unpack|deserializ|type.?url|defined request is invalid|unable to decode|(?:statement|query) handle|prepared statement|error servicing your request/i;

const CODES: ReadonlySet<number> = new Set([
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
  Status.INTERNAL,
  Status.UNKNOWN,
]);

/**
 * True if the server rejected the format of the ticket.
 *
 * @param failure The failure of a DoGet call that returned no message.
 */
export function rejectsTicket(failure: CallFailure): boolean {
  if (failure.kind !== 'status' || STATEMENT_STARTED.test(failure.details)) {
    return false;
  }
  // The server started no statement, so UNIMPLEMENTED can only be about the format of the ticket.
  return failure.code === Status.UNIMPLEMENTED || (CODES.has(failure.code) && ABOUT_THE_TICKET.test(failure.details));
}

/** Error messages of Flight SQL libraries for an unknown command. Some servers do not implement GetTables. */
const ABOUT_THE_COMMAND =
  /not (?:yet )?(?:implemented|supported)|unimplemented|unsupported|unknown command|unrecognized command|type.?url|defined request is invalid|CommandGetTables/i;

/** True if the server has no list of tables. @param failure The failure of a call that requests the list. */
export function rejectsTables(failure: CallFailure): boolean {
  return (
    failure.kind === 'status' &&
    (failure.code === Status.UNIMPLEMENTED || (CODES.has(failure.code) && ABOUT_THE_COMMAND.test(failure.details)))
  );
}
