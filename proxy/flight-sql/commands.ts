/** Flight SQL commands as bytes: what goes into a descriptor, and where the calls go. */
import { create, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { anyPack, AnySchema } from '@bufbuild/protobuf/wkt';
import {
  FlightDescriptor_DescriptorType,
  FlightDescriptorSchema,
  TicketSchema,
} from '../generated/arrow/flight/flight_pb';
import { CommandGetTablesSchema, CommandStatementQuerySchema } from '../generated/arrow/flight/flight_sql_pb';

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
