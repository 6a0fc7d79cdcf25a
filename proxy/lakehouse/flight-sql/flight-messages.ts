/**
 * Writes the protobuf requests of Flight SQL, and reads `FlightInfo` and `FlightData`. Field numbers:
 * proto/arrow/flight.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Fields, MalformedMessageError, readMessage } from '../../base/protobuf/read-message';
import { type FlightMessage } from './flight-sql-client';

export const GET_FLIGHT_INFO = '/arrow.flight.protocol.FlightService/GetFlightInfo';
export const DO_GET = '/arrow.flight.protocol.FlightService/DoGet';

const TYPE_PREFIX = 'type.googleapis.com/arrow.flight.protocol.sql.';
/** `FlightDescriptor.DescriptorType.CMD`. */
const CMD = 2;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Writes `google.protobuf.Any` with a Flight SQL message. */
function writeAny(writer: BinaryWriter, name: string, message: Uint8Array): BinaryWriter {
  writer.tag(1, WireType.LengthDelimited).string(TYPE_PREFIX + name);
  return writer.tag(2, WireType.LengthDelimited).bytes(message);
}

/**
 * A message whose field 1 is the SQL, such as `CommandStatementQuery` and `TicketStatementQuery`. `BinaryWriter.string`
 * is not used, because it would reserve three bytes for each character, and SQL may have megabytes.
 */
function sqlMessage(sql: string): Uint8Array {
  return bytesMessage(Buffer.from(sql));
}

/**
 * A message with these bytes in field 1. `BinaryWriter` writes only the header, because it would allocate buffers of
 * twice the length of the bytes.
 */
function bytesMessage(bytes: Uint8Array): Uint8Array {
  const header = new BinaryWriter().tag(1, WireType.LengthDelimited).uint32(bytes.length).finish();
  return Buffer.concat([header, bytes]);
}

function commandDescriptor(name: string, command: Uint8Array): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(CMD);
  return writeAny(writer.tag(2, WireType.LengthDelimited).fork(), name, command).join().finish();
}

/** A `FlightDescriptor` for a statement. */
export function statementDescriptor(sql: string): Uint8Array {
  return commandDescriptor('CommandStatementQuery', sqlMessage(sql));
}

/** A `FlightDescriptor` for the list of all tables with their schemas (field 5, `include_schema`). */
export function tablesDescriptor(): Uint8Array {
  return commandDescriptor('CommandGetTables', new BinaryWriter().tag(5, WireType.Varint).bool(true).finish());
}

/** A `Ticket` message for DoGet. */
export function ticketBytes(ticket: Uint8Array): Uint8Array {
  return bytesMessage(ticket);
}

/**
 * A `Ticket` for a statement, in the format of Micromegas's tickets: the handle is the SQL itself. Micromegas accepts
 * such a ticket without a preceding GetFlightInfo.
 */
export function statementTicket(sql: string): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).fork();
  return writeAny(writer, 'TicketStatementQuery', sqlMessage(sql)).join().finish();
}

/**
 * Limits of a `FlightInfo`: the number of its endpoints, and the number of locations of one endpoint. Each endpoint
 * causes one call. An empty endpoint or location takes only two bytes in the message, but becomes several objects.
 */
export const MAX_ENDPOINTS = 10_000;
export const MAX_LOCATIONS = 100;

/**
 * One part of a result. A client may read it at any of the locations. Without locations, the part is at the server that
 * was called.
 */
export interface FlightEndpoint {
  /** A view of the message. */
  readonly ticket?: { readonly ticket: Uint8Array } | undefined;
  readonly location: ReadonlyArray<{ readonly uri: string }>;
}

/** The fields of a `FlightInfo` that are used. */
export interface FlightInfo {
  /** An encapsulated Arrow schema message. Empty if the server does not send the schema. */
  readonly schema: Uint8Array;
  readonly endpoint: readonly FlightEndpoint[];
}

interface Endpoint {
  ticket: { ticket: Uint8Array } | undefined;
  location: Array<{ uri: string }>;
}

const LOCATION: Fields<{ uri: string }> = {
  1: (location, uri) => (location.uri = uri.string()),
};

const TICKET: Fields<{ ticket: Uint8Array }> = {
  1: (ticket, bytes) => (ticket.ticket = bytes.bytes()),
};

const ENDPOINT: Fields<Endpoint> = {
  1: (endpoint, ticket) => (endpoint.ticket = ticket.message(TICKET, { ticket: NO_BYTES })),
  2: ({ location }, field) =>
    add(location, field.message(LOCATION, { uri: '' }), MAX_LOCATIONS, 'locations of an endpoint'),
};

const FLIGHT_INFO: Fields<{ schema: Uint8Array; endpoint: Endpoint[] }> = {
  1: (info, schema) => (info.schema = schema.bytes()),
  3: ({ endpoint }, field) =>
    add(endpoint, field.message(ENDPOINT, { ticket: undefined, location: [] }), MAX_ENDPOINTS, 'endpoints'),
};

function add<Item>(list: Item[], item: Item, maxItems: number, noun: string): void {
  if (list.length >= maxItems) {
    throw new ProxyError('result_malformed', { detail: `The server returned more than ${maxItems} ${noun}.` });
  }
  list.push(item);
}

/**
 * Reads a `FlightInfo`.
 *
 * @returns Its schema and tickets as views of the message.
 * @throws {MalformedMessageError}
 * @throws {ProxyError} 'result_malformed' for too many endpoints or locations.
 */
export function readFlightInfo(message: Uint8Array): FlightInfo {
  return readMessage(message, FLIGHT_INFO, { schema: NO_BYTES, endpoint: [] });
}

const FLIGHT_DATA: Fields<FlightMessage> = {
  2: (message, header) => (message.header = header.bytes()),
  1000: (message, body) => (message.body = body.bytes()),
};

function malformed(problem: string, cause?: MalformedMessageError): ProxyError {
  return new ProxyError('result_malformed', { detail: `A Flight message ${problem}.`, cause });
}

/**
 * The Arrow message inside a `FlightData`.
 *
 * @param received One gRPC message. The result refers to it: do not reuse the buffer.
 * @returns Header and body as views; undefined for a message without Arrow data (application metadata alone).
 * @throws {ProxyError} 'result_malformed'
 */
export function parseFlightData(received: Uint8Array): FlightMessage | undefined {
  let message: FlightMessage;
  try {
    message = readMessage(received, FLIGHT_DATA, { header: NO_BYTES, body: NO_BYTES });
  } catch (reason) {
    throw reason instanceof MalformedMessageError ? malformed(`cannot be read (${reason.message})`, reason) : reason;
  }
  if (message.header.length > 0) {
    return message;
  }
  if (message.body.length > 0) {
    throw malformed('has data without a header');
  }
  return undefined;
}
