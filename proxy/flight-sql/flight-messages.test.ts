/** What is written and read by hand, against the generated code of the same messages. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack, AnySchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  FlightDescriptor_DescriptorType,
  FlightDescriptorSchema,
  FlightInfoSchema,
  TicketSchema,
} from '../generated/arrow/flight/flight_pb';
import {
  CommandGetTablesSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../generated/arrow/flight/flight_sql_pb';
import { statementDescriptor, statementTicket, tablesDescriptor, ticketBytes } from './commands';
import { MAX_ENDPOINTS, MAX_LOCATIONS, readFlightInfo } from './flight-info';

const SQL = "SELECT 'Grüße' AS text -- " + 'x'.repeat(500);

function commandOf(descriptor: Uint8Array) {
  const { type, cmd } = fromBinary(FlightDescriptorSchema, descriptor);
  expect(type).toBe(FlightDescriptor_DescriptorType.CMD);
  return fromBinary(AnySchema, cmd);
}

it('asks for a statement', () => {
  expect(anyUnpack(commandOf(statementDescriptor(SQL)), CommandStatementQuerySchema)?.query).toBe(SQL);
});

it('asks for all tables with their schemas', () => {
  const command = anyUnpack(commandOf(tablesDescriptor()), CommandGetTablesSchema);
  expect(command).toEqual(create(CommandGetTablesSchema, { includeSchema: true }));
});

it('makes a ticket of a statement', () => {
  const { ticket } = fromBinary(TicketSchema, statementTicket(SQL));
  const handle = anyUnpack(fromBinary(AnySchema, ticket), TicketStatementQuerySchema)?.statementHandle;
  expect(Buffer.from(handle ?? []).toString()).toBe(SQL);
});

it.each([0, 1, 1000])('hands a ticket of %d bytes back', (length) => {
  const ticket = new Uint8Array(length).fill(7);
  expect(Uint8Array.from(fromBinary(TicketSchema, ticketBytes(ticket)).ticket)).toEqual(ticket);
});

it('reads what it needs of a FlightInfo, and passes over the rest', () => {
  const message = toBinary(
    FlightInfoSchema,
    create(FlightInfoSchema, {
      schema: Uint8Array.of(1, 2),
      flightDescriptor: { type: FlightDescriptor_DescriptorType.CMD, cmd: Uint8Array.of(3) },
      endpoint: [
        {
          ticket: { ticket: Uint8Array.of(4) },
          location: [{ uri: 'grpc://a:1' }, { uri: 'grpc://b:2' }],
          expirationTime: create(TimestampSchema, { seconds: 5n }),
        },
        {},
      ],
      totalRecords: -1n,
      totalBytes: -1n,
      ordered: true,
      appMetadata: Uint8Array.of(6),
    })
  );
  expect(readFlightInfo(message)).toEqual({
    schema: Uint8Array.of(1, 2),
    endpoint: [
      { ticket: { ticket: Uint8Array.of(4) }, location: [{ uri: 'grpc://a:1' }, { uri: 'grpc://b:2' }] },
      { ticket: undefined, location: [] },
    ],
  });
});

it('reads an empty FlightInfo', () => {
  expect(readFlightInfo(new Uint8Array())).toEqual({ schema: new Uint8Array(), endpoint: [] });
});

// 40 MB of such endpoints took 2.7 GB and more than 20 s.
it('refuses more endpoints and locations than a result has', () => {
  const endpoints = (count: number) => Buffer.alloc(count * 2, Buffer.from([0x1a, 0]));
  expect(readFlightInfo(endpoints(MAX_ENDPOINTS)).endpoint).toHaveLength(MAX_ENDPOINTS);
  expect(() => readFlightInfo(endpoints(MAX_ENDPOINTS + 1))).toThrow(
    expect.objectContaining({ code: 'result_malformed' })
  );
  const locations = (count: number) =>
    toBinary(
      FlightInfoSchema,
      create(FlightInfoSchema, { endpoint: [{ location: new Array(count).fill({ uri: '' }) }] })
    );
  expect(readFlightInfo(locations(MAX_LOCATIONS)).endpoint[0]?.location).toHaveLength(MAX_LOCATIONS);
  expect(() => readFlightInfo(locations(MAX_LOCATIONS + 1))).toThrow(
    expect.objectContaining({ code: 'result_malformed' })
  );
});
