/**
 * Reads a `FlightData` message by hand, so that the Arrow body stays a view of what was received: a generated decoder
 * would copy every batch once more. Field numbers as in proto/arrow/flight/flight.proto.
 */
import { ProxyError } from '../errors/proxy-error';
import { type FlightMessage } from './flight-sql-client';
import { type ReceivedBytes } from './received-bytes';

const HEADER_FIELD = 2;
const BODY_FIELD = 1000;

/** Wire types of protobuf that may occur; the two group types are long gone. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Bodies of up to this many bytes are joined: to handle their pieces would cost more. */
const SHORT_BYTES = 32 * 1024;

const EMPTY = new Uint8Array(0);

function malformed(what: string): ProxyError {
  return new ProxyError('result_malformed', { detail: `A Flight message ${what}.` });
}

/** Reads protobuf primitives from one buffer, front to back. */
class WireReader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** Bytes read so far. */
  get at(): number {
    return this.#at;
  }

  /** Values above 2^53 lose their low bits, which matters for no field that is read here. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) {
        throw malformed('ends in the middle of a number');
      }
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
      scale *= 128;
    }
    throw malformed('holds a number that does not end');
  }

  view(length: number): Uint8Array {
    const start = this.#at;
    const end = start + length;
    if (end > this.bytes.length) {
      throw malformed(`is cut short: ${length} bytes announced, ${this.bytes.length - start} there`);
    }
    this.#at = end;
    return this.bytes.subarray(start, end);
  }

  skip(wireType: number): void {
    switch (wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.view(8);
        return;
      case LENGTH_DELIMITED:
        this.view(this.varint());
        return;
      case FIXED32:
        this.view(4);
        return;
      default:
        throw malformed(`has a field of unknown kind ${wireType}`);
    }
  }
}

/**
 * The Arrow message inside a `FlightData`.
 *
 * @param received One gRPC message. The result refers to it: do not reuse the buffers.
 * @returns Header and body as views; undefined for a message that carries no Arrow data (application metadata alone).
 * @throws {ProxyError} `result_malformed`.
 */
export function parseFlightData(received: ReceivedBytes): FlightMessage | undefined {
  const [first] = received.pieces;
  const isSplit = first !== undefined && received.pieces.length > 1;
  return (isSplit ? splitMessage(first, received) : undefined) ?? wholeMessage(received.joined());
}

/**
 * A message whose body goes on from the first piece to the very end, as servers send it. Undefined for any other, also for
 * a malformed one: as a whole it can be judged.
 */
function splitMessage(first: Uint8Array, received: ReceivedBytes): FlightMessage | undefined {
  const reader = new WireReader(first);
  let header: Uint8Array | undefined;
  try {
    while (!reader.atEnd) {
      const tag = reader.varint();
      const field = Math.floor(tag / 8);
      const wireType = tag % 8;
      if (field === BODY_FIELD && wireType === LENGTH_DELIMITED) {
        const isLast = reader.varint() === received.length - reader.at;
        return isLast && header !== undefined ? { header, body: bodyOf(received.after(reader.at)) } : undefined;
      }
      if (field === HEADER_FIELD && wireType === LENGTH_DELIMITED) {
        header = reader.view(reader.varint());
      } else {
        reader.skip(wireType);
      }
    }
  } catch {
    // The first piece ends before the body begins.
  }
  return undefined;
}

function bodyOf(received: ReceivedBytes): FlightMessage['body'] {
  return received.length <= SHORT_BYTES ? received.joined() : received;
}

function wholeMessage(received: Uint8Array): FlightMessage | undefined {
  const reader = new WireReader(received);
  let header: Uint8Array = EMPTY;
  let body: Uint8Array = EMPTY;
  while (!reader.atEnd) {
    const tag = reader.varint();
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
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
