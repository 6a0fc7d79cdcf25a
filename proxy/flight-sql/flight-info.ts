/** Reads a `FlightInfo`, as far as it is needed here. Field numbers: proto/arrow/flight/flight.proto. */
import { ProxyError } from '../errors/proxy-error';
import { type Fields, readMessage } from '../protobuf/read-message';

/** Parts of a result, each of which is a call, and places of each part. An entry of two bytes becomes several objects. */
export const MAX_ENDPOINTS = 10_000;
export const MAX_LOCATIONS = 100;

const NO_BYTES: Uint8Array = new Uint8Array(0);

export interface FlightEndpoint {
  readonly ticket?: { readonly ticket: Uint8Array } | undefined;
  readonly location: ReadonlyArray<{ readonly uri: string }>;
}

export interface FlightInfo {
  /** An encapsulated Arrow schema message. Empty where the server does not tell it. */
  readonly schema: Uint8Array;
  readonly endpoint: readonly FlightEndpoint[];
}

interface Endpoint {
  ticket: { ticket: Uint8Array } | undefined;
  location: Array<{ uri: string }>;
}

const LOCATION: Fields<{ uri: string }> = {
  1: (location, uri) => (location.uri = uri.text()),
};

const TICKET: Fields<{ ticket: Uint8Array }> = {
  1: (ticket, bytes) => (ticket.ticket = bytes.bytes()),
};

const ENDPOINT: Fields<Endpoint> = {
  1: (endpoint, ticket) => (endpoint.ticket = ticket.message(TICKET, { ticket: NO_BYTES })),
  2: ({ location }, field) => add(location, field.message(LOCATION, { uri: '' }), MAX_LOCATIONS, 'locations of a part'),
};

const FLIGHT_INFO: Fields<{ schema: Uint8Array; endpoint: Endpoint[] }> = {
  1: (info, schema) => (info.schema = schema.bytes()),
  3: ({ endpoint }, field) =>
    add(endpoint, field.message(ENDPOINT, { ticket: undefined, location: [] }), MAX_ENDPOINTS, 'parts'),
};

/**
 * @returns Views of the message.
 * @throws {MalformedMessage}
 * @throws {ProxyError} 'result_malformed' for too many endpoints or locations.
 */
export function readFlightInfo(message: Uint8Array): FlightInfo {
  return readMessage(message, FLIGHT_INFO, { schema: NO_BYTES, endpoint: [] });
}

function add<Item>(list: Item[], item: Item, most: number, what: string): void {
  if (list.length >= most) {
    throw new ProxyError('result_malformed', { detail: `The server names more than ${most} ${what}.` });
  }
  list.push(item);
}
