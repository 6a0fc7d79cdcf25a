/** Reads a `FlightInfo`, as far as it is needed here. Field numbers: proto/arrow/flight/flight.proto. */
import { ProxyError } from '../errors/proxy-error';
import { readFields, type FieldValue } from '../protobuf/read-fields';

/** Parts of a result, each of which is a call, and places of each part. An entry of two bytes becomes several objects. */
export const MAX_ENDPOINTS = 10_000;
export const MAX_LOCATIONS = 100;

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
    2: (place) => add(location, readLocation(place), MAX_LOCATIONS, 'locations of a part'),
  });
  return { ticket, location };
}

/**
 * @returns Views of the message.
 * @throws {MalformedMessage}
 * @throws {ProxyError} 'result_malformed' for more parts or places than there may be.
 */
export function readFlightInfo(message: Uint8Array): FlightInfo {
  const endpoint: FlightEndpoint[] = [];
  let schema: Uint8Array = new Uint8Array();
  readFields(message, {
    1: (bytes) => (schema = bytes.bytes()),
    3: (part) => add(endpoint, readEndpoint(part), MAX_ENDPOINTS, 'parts'),
  });
  return { schema, endpoint };
}

function add<Item>(list: Item[], item: Item, most: number, what: string): void {
  if (list.length >= most) {
    throw new ProxyError('result_malformed', { detail: `The server names more than ${most} ${what}.` });
  }
  list.push(item);
}
