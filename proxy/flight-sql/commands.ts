/** Flight SQL commands as bytes: what goes into a descriptor or a ticket, and where the calls go. Field numbers: proto/arrow/flight. */
import { bytesField, numberField, textField } from '../protobuf/write-fields';

export const GET_FLIGHT_INFO = '/arrow.flight.protocol.FlightService/GetFlightInfo';
export const DO_GET = '/arrow.flight.protocol.FlightService/DoGet';

const TYPE_PREFIX = 'type.googleapis.com/arrow.flight.protocol.sql.';
const ANY = { typeUrl: 1, value: 2 };
const DESCRIPTOR = { type: 1, cmd: 2 };
/** `FlightDescriptor.DescriptorType.CMD`. */
const CMD = 2;
const TICKET = 1;
const STATEMENT_QUERY = 1;
const STATEMENT_HANDLE = 1;
const INCLUDE_SCHEMA = 5;

/** A message of Flight SQL in `google.protobuf.Any`, which names it. */
function packed(name: string, message: Uint8Array): Uint8Array {
  return Buffer.concat([textField(ANY.typeUrl, TYPE_PREFIX + name), bytesField(ANY.value, message)]);
}

function commandDescriptor(name: string, command: Uint8Array): Uint8Array {
  return Buffer.concat([numberField(DESCRIPTOR.type, CMD), bytesField(DESCRIPTOR.cmd, packed(name, command))]);
}

/** A `FlightDescriptor` that asks to run a statement. */
export function statementDescriptor(sql: string): Uint8Array {
  return commandDescriptor('CommandStatementQuery', textField(STATEMENT_QUERY, sql));
}

/** A `FlightDescriptor` that asks for all tables with their schemas. */
export function tablesDescriptor(): Uint8Array {
  return commandDescriptor('CommandGetTables', numberField(INCLUDE_SCHEMA, 1));
}

/** A `Ticket` as DoGet takes it. */
export function ticketBytes(ticket: Uint8Array): Uint8Array {
  return bytesField(TICKET, ticket);
}

/**
 * A `Ticket` for a statement that Micromegas takes as if it had given it out: its handle is the SQL itself. It is wrapped
 * in `Any`, which Micromegas does not need, but servers on other libraries look into nothing else.
 */
export function statementTicket(sql: string): Uint8Array {
  return ticketBytes(packed('TicketStatementQuery', textField(STATEMENT_HANDLE, sql)));
}
