/**
 * Whether a server refused the form of a ticket, and not the statement in it; and whether it lacks the list of tables.
 *
 * Micromegas takes tickets that the client makes itself, which saves a call for each query. Other servers of Flight SQL
 * (arrow-go, arrow-java, those on arrow-rs's defaults) know only tickets that they gave out. The two must not be mixed
 * up: asking again for a mere error in the SQL would run it twice.
 */
import { Status } from '../grpc';
import { type CallFailure } from './call-failure';

/** Micromegas's mark on each failure of a statement that it began with. */
const OF_A_STATEMENT = /\bquery_id=|^error (?:building|creating|executing)\b/;

/** Words of libraries that cannot make sense of a ticket. */
const ABOUT_THE_TICKET =
  /\bticket\b|descriptor|\bproto(?:buf)?\b|unmarshal|unpack|deserializ|type.?url|defined request is invalid|unable to decode|(?:statement|query) handle|prepared statement|error servicing your request/i;

const CODES: ReadonlySet<number> = new Set([
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
  Status.INTERNAL,
  Status.UNKNOWN,
]);

/** @param failure How the DoGet failed, before any message. */
export function refusesTicket(failure: CallFailure): boolean {
  if (failure.kind !== 'status' || OF_A_STATEMENT.test(failure.details)) {
    return false;
  }
  // Without a word on a statement, a method or form that is not implemented can only be the one of the ticket.
  return failure.code === Status.UNIMPLEMENTED || (CODES.has(failure.code) && ABOUT_THE_TICKET.test(failure.details));
}

/** Error texts of Flight SQL libraries for an unknown command. Some servers do not know GetTables. */
const ABOUT_THE_COMMAND =
  /not (?:yet )?(?:implemented|supported)|unimplemented|unsupported|unknown command|unrecognized command|type.?url|defined request is invalid|CommandGetTables/i;

/** @param failure How a call for the list of tables failed. */
export function refusesTables(failure: CallFailure): boolean {
  return (
    failure.kind === 'status' &&
    (failure.code === Status.UNIMPLEMENTED || (CODES.has(failure.code) && ABOUT_THE_COMMAND.test(failure.details)))
  );
}
