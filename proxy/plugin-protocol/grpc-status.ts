/**
 * gRPC's status codes, and how an outcome travels in HTTP/2 trailers.
 *
 * Rules: grpc/grpc `doc/statuscodes.md` and `doc/PROTOCOL-HTTP2.md` ("Responses").
 */

import { type HeaderField } from '../http2/hpack/header-field';

export const GrpcStatus = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

export type GrpcStatusCode = (typeof GrpcStatus)[keyof typeof GrpcStatus];

/** Ends a call with a status other than OK. The message goes to Grafana's log, never a secret. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';

  constructor(
    readonly status: GrpcStatusCode,
    message: string
  ) {
    super(message);
  }
}

/** Longest `grpc-message`: peers bound the size of all headers together, commonly at 8 KiB. */
const MAX_MESSAGE_BYTES = 2048;

/** `grpc-message`: UTF-8 with everything but printable ASCII, and `%` itself, as `%XX`. */
export function encodeGrpcMessage(message: string): string {
  let encoded = '';
  for (const character of message) {
    const bytes = Buffer.from(character);
    const plain = bytes.length === 1 && bytes[0] >= 0x20 && bytes[0] <= 0x7e && character !== '%';
    const piece = plain ? character : Array.from(bytes, percentEncode).join('');
    if (encoded.length + piece.length > MAX_MESSAGE_BYTES) {
      break;
    }
    encoded += piece;
  }
  return encoded;
}

function percentEncode(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The header fields that tell a call's outcome. */
export function statusFields(status: GrpcStatusCode, message = ''): HeaderField[] {
  const code: HeaderField = ['grpc-status', String(status)];
  return message === '' ? [code] : [code, ['grpc-message', encodeGrpcMessage(message)]];
}
