/** Compares the hand-written encoder and decoder with the generated code for the same messages. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack, AnySchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import {
  FlightDescriptor_DescriptorType,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightInfoSchema,
  TicketSchema,
} from '../../generated/arrow/flight/flight_pb';
import {
  CommandGetTablesSchema,
  CommandStatementQuerySchema,
  TicketStatementQuerySchema,
} from '../../generated/arrow/flight/flight_sql_pb';
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

it('writes the descriptor of a statement', () => {
  expect(anyUnpack(commandOf(statementDescriptor(SQL)), CommandStatementQuerySchema)?.query).toBe(SQL);
});

it('writes the descriptor of all tables with their schemas', () => {
  const command = anyUnpack(commandOf(tablesDescriptor()), CommandGetTablesSchema);
  expect(command).toEqual(create(CommandGetTablesSchema, { includeSchema: true }));
});

it('writes the ticket of a statement', () => {
  const { ticket } = fromBinary(TicketSchema, statementTicket(SQL));
  const handle = anyUnpack(fromBinary(AnySchema, ticket), TicketStatementQuerySchema)?.statementHandle;
  expect(Buffer.from(handle ?? []).toString()).toBe(SQL);
});

it.each([0, 1, 1000])('writes a ticket of %d bytes', (length) => {
  const ticket = new Uint8Array(length).fill(7);
  expect(Uint8Array.from(fromBinary(TicketSchema, ticketBytes(ticket)).ticket)).toEqual(ticket);
});

it('reads endpoints and schema of a FlightInfo, and skips other fields', () => {
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

// Without limits, 40 MB of empty endpoints took 2.7 GB of memory and more than 20 s.
it('rejects too many endpoints and locations', () => {
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

  it('returns header and body as views of the received bytes', () => {
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

  it('accepts a message without a body, such as a schema', () => {
    expect(parseFlightData(encoded({ dataHeader: Uint8Array.of(1) }))?.body).toHaveLength(0);
  });

  it.each([
    { name: 'an empty message', received: new Uint8Array(0) },
    { name: 'application metadata alone', received: encoded({ appMetadata: Uint8Array.of(1) }) },
  ])('returns undefined for $name', ({ received }) => {
    expect(parseFlightData(received)).toBeUndefined();
  });

  it('skips unknown fields', () => {
    // Field 15 three times: as the varint 300, as a 64-bit value and as a 32-bit value. Then the field `data_header`.
    const received = Uint8Array.of(0x78, 0xac, 2, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x12, 1, 42);
    expect(parseFlightData(received)?.header).toEqual(Uint8Array.of(42));
  });

  const whole = encoded({ dataHeader: Uint8Array.of(1, 2), dataBody: new Uint8Array(40) });

  it.each([
    { name: 'a truncated body', received: whole.subarray(0, whole.length - 1) },
    { name: 'a truncated length', received: Uint8Array.of(0x12, 0x80) },
    { name: 'an unterminated varint', received: new Uint8Array(12).fill(0xff) },
    { name: 'a field of the deprecated type group', received: Uint8Array.of(0x13) },
    { name: 'a body without a header', received: encoded({ dataBody: Uint8Array.of(1) }) },
  ])('rejects $name', ({ received }) => {
    expect(() => parseFlightData(received)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });
});
