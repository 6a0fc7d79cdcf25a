/** What is written and read by hand, against the generated code of the same messages. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack, AnySchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  FlightDescriptor_DescriptorType,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightInfoSchema,
  TicketSchema,
} from '../generated/arrow/flight/flight_pb';
import {
  CommandGetTablesSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../generated/arrow/flight/flight_sql_pb';
import {
  MAX_ENDPOINTS,
  MAX_LOCATIONS,
  parseFlightData,
  readFlightInfo,
  statementDescriptor,
  statementTicket,
  tablesDescriptor,
  ticketBytes,
} from './flight-messages';

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

describe('FlightData', () => {
  function encoded(fields: { dataHeader?: Uint8Array; dataBody?: Uint8Array; appMetadata?: Uint8Array }): Uint8Array {
    return toBinary(FlightDataSchema, create(FlightDataSchema, fields));
  }

  it('finds header and body as views of what was received', () => {
    const received = encoded({
      dataHeader: Uint8Array.of(1, 2),
      appMetadata: Uint8Array.of(9),
      dataBody: new Uint8Array(300).fill(7),
    });
    const message = parseFlightData(received);
    expect(message?.header).toEqual(Uint8Array.of(1, 2));
    expect(message?.body).toEqual(new Uint8Array(300).fill(7));
    expect(message?.header.buffer).toBe(received.buffer);
    expect(message?.body.buffer).toBe(received.buffer);
  });

  it('takes a message without a body, as schemas are', () => {
    expect(parseFlightData(encoded({ dataHeader: Uint8Array.of(1) }))?.body).toHaveLength(0);
  });

  it.each([
    { name: 'nothing', received: new Uint8Array(0) },
    { name: 'application metadata alone', received: encoded({ appMetadata: Uint8Array.of(1) }) },
  ])('passes over $name', ({ received }) => {
    expect(parseFlightData(received)).toBeUndefined();
  });

  it('skips fields that it does not know', () => {
    // Field 15 as varint 300, 64 and 32 bits; then the header.
    const received = Uint8Array.of(0x78, 0xac, 2, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x12, 1, 42);
    expect(parseFlightData(received)?.header).toEqual(Uint8Array.of(42));
  });

  const whole = encoded({ dataHeader: Uint8Array.of(1, 2), dataBody: new Uint8Array(40) });

  it.each([
    { name: 'a body that is cut short', received: whole.subarray(0, whole.length - 1) },
    { name: 'a length that is cut short', received: Uint8Array.of(0x12, 0x80) },
    { name: 'a number without end', received: new Uint8Array(12).fill(0xff) },
    { name: 'a group', received: Uint8Array.of(0x13) },
    { name: 'a body without a header', received: encoded({ dataBody: Uint8Array.of(1) }) },
  ])('refuses $name', ({ received }) => {
    expect(() => parseFlightData(received)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });
});
