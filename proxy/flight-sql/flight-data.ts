/** Reads `FlightData` messages. Field numbers: proto/arrow/flight/flight.proto. */
import { ProxyError } from '../errors/proxy-error';
import { type Fields, MalformedMessage, readMessage } from '../protobuf/read-message';
import { type FlightMessage } from './flight-sql-client';

const FLIGHT_DATA: Fields<FlightMessage> = {
  2: (message, header) => (message.header = header.bytes()),
  1000: (message, body) => (message.body = body.bytes()),
};

const EMPTY = new Uint8Array(0);

function malformed(problem: string, cause?: MalformedMessage): ProxyError {
  return new ProxyError('result_malformed', { detail: `A Flight message ${problem}.`, cause });
}

/**
 * The Arrow message inside a `FlightData`.
 *
 * @param received One gRPC message. The result refers to it: do not reuse the buffer.
 * @returns Header and body as views; undefined for a message without Arrow data (application metadata alone).
 * @throws {ProxyError} `result_malformed`.
 */
export function parseFlightData(received: Uint8Array): FlightMessage | undefined {
  let message: FlightMessage;
  try {
    message = readMessage(received, FLIGHT_DATA, { header: EMPTY, body: EMPTY });
  } catch (reason) {
    throw reason instanceof MalformedMessage ? malformed(`cannot be read (${reason.message})`, reason) : reason;
  }
  if (message.header.length > 0) {
    return message;
  }
  if (message.body.length > 0) {
    throw malformed('has data without a header');
  }
  return undefined;
}
