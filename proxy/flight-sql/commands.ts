/** Flight SQL commands as protobuf messages, and the paths of the calls. Field numbers: proto/arrow/flight. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

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

/** A message with one field of bytes. */
function bytesMessage(field: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
}

/** SQL may have megabytes: `BinaryWriter.string` would reserve three bytes for each character. */
function sqlMessage(field: number, sql: string): Uint8Array {
  return bytesMessage(field, Buffer.from(sql));
}

/** A Flight SQL message in `google.protobuf.Any`. */
function packed(name: string, message: Uint8Array): Uint8Array {
  const writer = new BinaryWriter().tag(ANY.typeUrl, WireType.LengthDelimited).string(TYPE_PREFIX + name);
  return writer.tag(ANY.value, WireType.LengthDelimited).bytes(message).finish();
}

function commandDescriptor(name: string, command: Uint8Array): Uint8Array {
  const writer = new BinaryWriter().tag(DESCRIPTOR.type, WireType.Varint).int32(CMD);
  return writer.tag(DESCRIPTOR.cmd, WireType.LengthDelimited).bytes(packed(name, command)).finish();
}

/** A `FlightDescriptor` that asks to run a statement. */
export function statementDescriptor(sql: string): Uint8Array {
  return commandDescriptor('CommandStatementQuery', sqlMessage(STATEMENT_QUERY, sql));
}

/** A `FlightDescriptor` that asks for all tables with their schemas. */
export function tablesDescriptor(): Uint8Array {
  const command = new BinaryWriter().tag(INCLUDE_SCHEMA, WireType.Varint).bool(true).finish();
  return commandDescriptor('CommandGetTables', command);
}

/** A `Ticket` message for DoGet. */
export function ticketBytes(ticket: Uint8Array): Uint8Array {
  return bytesMessage(TICKET, ticket);
}

/**
 * A `Ticket` for a statement, in the form of those that Micromegas returns: the handle is the SQL itself. Micromegas
 * accepts it without a preceding GetFlightInfo. Other servers require the `Any` around it.
 */
export function statementTicket(sql: string): Uint8Array {
  return ticketBytes(packed('TicketStatementQuery', sqlMessage(STATEMENT_HANDLE, sql)));
}
