/** The few Flight SQL messages that a query needs, from the server's side. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { FlightDescriptorSchema, FlightInfoSchema, TicketSchema } from '../../proxy/generated/arrow/flight/flight_pb';
import {
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../../proxy/generated/arrow/flight/flight_sql_pb';

/** The SQL of a descriptor. @throws {Error} when it asks for something else. */
export function statementOfDescriptor(descriptor: Uint8Array): string {
  const { cmd } = fromBinary(FlightDescriptorSchema, descriptor);
  const command = anyUnpack(fromBinary(AnySchema, cmd), CommandStatementQuerySchema);
  if (command === undefined) {
    throw new Error('Only statements are answered.');
  }
  return command.query;
}

/** The SQL of a ticket, bare or wrapped in `Any`, as Micromegas reads it. */
export function statementOfTicket(request: Uint8Array): string {
  const { ticket } = fromBinary(TicketSchema, request);
  const statement =
    anyUnpack(fromBinary(AnySchema, ticket), TicketStatementQuerySchema) ??
    fromBinary(TicketStatementQuerySchema, ticket);
  return Buffer.from(statement.statementHandle).toString('utf8');
}

/** The FlightInfo of a statement: one endpoint, whose ticket holds the SQL. */
export function flightInfo(sql: string): Uint8Array {
  const statement = create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) });
  const ticket = toBinary(TicketStatementQuerySchema, statement);
  return toBinary(
    FlightInfoSchema,
    create(FlightInfoSchema, { endpoint: [{ ticket: { ticket } }], totalRecords: -1n, totalBytes: -1n })
  );
}
