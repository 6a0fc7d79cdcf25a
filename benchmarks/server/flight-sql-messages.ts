/** The Flight SQL messages of a query, as a server reads and writes them. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { FlightDescriptorSchema, FlightInfoSchema, TicketSchema } from '../../proxy/generated/arrow/flight/flight_pb';
import {
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../../proxy/generated/arrow/flight/flight_sql_pb';

/** The SQL of a descriptor. @throws {Error} for commands other than a statement. */
export function statementOfDescriptor(descriptor: Uint8Array): string {
  const { cmd } = fromBinary(FlightDescriptorSchema, descriptor);
  const command = anyUnpack(fromBinary(AnySchema, cmd), CommandStatementQuerySchema);
  if (command === undefined) {
    throw new Error('Only statements are supported.');
  }
  return command.query;
}

/** The SQL of a ticket. As in Micromegas, a ticket is a TicketStatementQuery with or without an `Any` around it. */
export function statementOfTicket(request: Uint8Array): string {
  const { ticket } = fromBinary(TicketSchema, request);
  const statement =
    anyUnpack(fromBinary(AnySchema, ticket), TicketStatementQuerySchema) ??
    fromBinary(TicketStatementQuerySchema, ticket);
  return Buffer.from(statement.statementHandle).toString('utf8');
}

/** The FlightInfo of a statement. It has one endpoint, whose ticket contains the SQL. */
export function flightInfo(sql: string): Uint8Array {
  const statement = create(TicketStatementQuerySchema, { statementHandle: Buffer.from(sql) });
  const ticket = toBinary(TicketStatementQuerySchema, statement);
  return toBinary(
    FlightInfoSchema,
    create(FlightInfoSchema, { endpoint: [{ ticket: { ticket } }], totalRecords: -1n, totalBytes: -1n })
  );
}
