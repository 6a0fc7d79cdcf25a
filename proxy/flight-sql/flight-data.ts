/**
 * Reads a `FlightData` message by hand, so that the Arrow body stays a view of what was received: a generated decoder
 * would copy every batch once more. Field numbers as in proto/arrow/flight/flight.proto.
 */
import { ProxyError } from '../errors/proxy-error';
import { LENGTH_DELIMITED, WireReader } from '../protobuf/wire-reader';
import { type FlightMessage } from './flight-sql-client';

const HEADER_FIELD = 2;
const BODY_FIELD = 1000;

const EMPTY = new Uint8Array(0);

function malformed(what: string): ProxyError {
  return new ProxyError('result_malformed', { detail: `A Flight message ${what}.` });
}

/**
 * The Arrow message inside a `FlightData`.
 *
 * @param received One gRPC message. The result refers to it: do not reuse the buffer.
 * @returns Header and body as views; undefined for a message that carries no Arrow data (application metadata alone).
 * @throws {ProxyError} `result_malformed`.
 */
export function parseFlightData(received: Uint8Array): FlightMessage | undefined {
  const reader = new WireReader(received, malformed);
  let header: Uint8Array = EMPTY;
  let body: Uint8Array = EMPTY;
  while (!reader.atEnd) {
    const { field, wireType } = reader.tag();
    if (field === HEADER_FIELD && wireType === LENGTH_DELIMITED) {
      header = reader.view(reader.varint());
    } else if (field === BODY_FIELD && wireType === LENGTH_DELIMITED) {
      body = reader.view(reader.varint());
    } else {
      reader.skip(wireType);
    }
  }
  if (header.length === 0) {
    if (body.length > 0) {
      throw malformed('has data without a header');
    }
    return undefined;
  }
  return { header, body };
}
