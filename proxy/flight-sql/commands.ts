/** Flight SQL commands as bytes: what goes into a descriptor or a ticket, and where the calls go. */
import { create, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { anyPack, AnySchema } from '@bufbuild/protobuf/wkt';
import {
  FlightDescriptor_DescriptorType,
  FlightDescriptorSchema,
  TicketSchema,
} from '../generated/arrow/flight/flight_pb';
import {
  CommandGetTablesSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../generated/arrow/flight/flight_sql_pb';

export const GET_FLIGHT_INFO = '/arrow.flight.protocol.FlightService/GetFlightInfo';
export const DO_GET = '/arrow.flight.protocol.FlightService/DoGet';

function commandDescriptor<Desc extends DescMessage>(schema: Desc, command: MessageShape<Desc>): Uint8Array {
  const cmd = toBinary(AnySchema, anyPack(schema, command));
  return toBinary(
    FlightDescriptorSchema,
    create(FlightDescriptorSchema, { type: FlightDescriptor_DescriptorType.CMD, cmd })
  );
}

/** A `FlightDescriptor` that asks to run a statement. */
export function statementDescriptor(sql: string): Uint8Array {
  return commandDescriptor(CommandStatementQuerySchema, create(CommandStatementQuerySchema, { query: sql }));
}

/** A `FlightDescriptor` that asks for all tables with their schemas. */
export function tablesDescriptor(): Uint8Array {
  return commandDescriptor(CommandGetTablesSchema, create(CommandGetTablesSchema, { includeSchema: true }));
}

/** A `Ticket` as DoGet takes it. */
export function ticketBytes(ticket: Uint8Array): Uint8Array {
  return toBinary(TicketSchema, create(TicketSchema, { ticket }));
}

/**
 * A `Ticket` for a statement that Micromegas takes as if it had given it out: its handle is the SQL itself. It is wrapped
 * in `Any`, which Micromegas does not need, but servers on other libraries look into nothing else.
 */
export function statementTicket(sql: string): Uint8Array {
  const ticket = create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) });
  return ticketBytes(toBinary(AnySchema, anyPack(TicketStatementQuerySchema, ticket)));
}
