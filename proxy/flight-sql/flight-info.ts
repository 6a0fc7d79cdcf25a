/** Reads a `FlightInfo`, as far as it is needed here. Field numbers: proto/arrow/flight/flight.proto. */
import { readFields, type FieldValue } from '../protobuf/read-fields';

export interface FlightEndpoint {
  readonly ticket?: { readonly ticket: Uint8Array };
  readonly location: ReadonlyArray<{ readonly uri: string }>;
}

export interface FlightInfo {
  /** An encapsulated Arrow schema message. Empty where the server does not tell it. */
  readonly schema: Uint8Array;
  readonly endpoint: readonly FlightEndpoint[];
}

function readLocation(value: FieldValue): { uri: string } {
  const location = { uri: '' };
  readFields(value.bytes(), { 1: (uri) => (location.uri = uri.text()) });
  return location;
}

function readTicket(value: FieldValue): { ticket: Uint8Array } {
  const ticket: { ticket: Uint8Array } = { ticket: new Uint8Array() };
  readFields(value.bytes(), { 1: (bytes) => (ticket.ticket = bytes.bytes()) });
  return ticket;
}

function readEndpoint(value: FieldValue): FlightEndpoint {
  const location: Array<{ uri: string }> = [];
  let ticket: FlightEndpoint['ticket'];
  readFields(value.bytes(), {
    1: (bytes) => (ticket = readTicket(bytes)),
    2: (place) => location.push(readLocation(place)),
  });
  return { ticket, location };
}

/**
 * @returns Views of the message.
 * @throws {MalformedMessage}
 */
export function readFlightInfo(message: Uint8Array): FlightInfo {
  const endpoint: FlightEndpoint[] = [];
  let schema: Uint8Array = new Uint8Array();
  readFields(message, {
    1: (bytes) => (schema = bytes.bytes()),
    3: (part) => endpoint.push(readEndpoint(part)),
  });
  return { schema, endpoint };
}
