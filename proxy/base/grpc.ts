/**
 * The parts of gRPC that are the same for client and server: message prefix, status codes, `grpc-message`,
 * `grpc-timeout`.
 *
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md` and `doc/statuscodes.md`.
 */

/** A message begins with a flag (1 byte, 1 = compressed) and its length (4 bytes, big-endian). */
export const PREFIX_BYTES = 5;

/** The prefix of an uncompressed message. */
export function messagePrefix(length: number): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** A copy of an uncompressed message, with its prefix. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes.writeUInt8(0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusCode = (typeof Status)[keyof typeof Status];

/** Longest `grpc-message` that is sent. Peers limit the total size of all headers, commonly to 8 KiB. */
const MAX_SENT_MESSAGE_BYTES = 2048;

/** Longest `grpc-message` that is decoded, in encoded bytes. */
const MAX_RECEIVED_MESSAGE_BYTES = 64 * 1024;

/** Bytes at the end of a long message that are not dropped: Micromegas writes the query id there. */
const KEPT_AT_END_BYTES = 1024;

/**
 * The value of `grpc-message`, at most 2,048 bytes: UTF-8 in which `%` and all bytes except printable ASCII are written
 * as `%XX`.
 */
export function encodeGrpcMessage(message: string): string {
  let encoded = '';
  for (const character of message) {
    const bytes = Buffer.from(character);
    const isPlain = bytes.length === 1 && bytes[0] >= 0x20 && bytes[0] <= 0x7e && character !== '%';
    const piece = isPlain ? character : Array.from(bytes, percentEncode).join('');
    if (encoded.length + piece.length > MAX_SENT_MESSAGE_BYTES) {
      break;
    }
    encoded += piece;
  }
  return encoded;
}

function percentEncode(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * Decodes the value of `grpc-message`. The middle of a message over 64 KiB is dropped. A `%` that does not start an
 * escape is kept, because some servers do not escape `%` (`LIKE 'a%'`).
 */
export function decodeGrpcMessage(message: string): string {
  return withoutMiddle(message).replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')
  );
}

function withoutMiddle(message: string): string {
  return message.length <= MAX_RECEIVED_MESSAGE_BYTES
    ? message
    : `${message.slice(0, MAX_RECEIVED_MESSAGE_BYTES - KEPT_AT_END_BYTES)} [...] ${message.slice(-KEPT_AT_END_BYTES)}`;
}

const TIMEOUT_UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** `grpc-timeout` has at most eight digits. */
const MAX_TIMEOUT_VALUE = 99_999_999;

/** Longest delay of a timer in Node.js, about 24 days. A timer with a longer delay would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The value of `grpc-timeout`. @param timeoutMs Rounded up, so that the server does not time out before the client. */
export function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms <= MAX_TIMEOUT_VALUE ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), MAX_TIMEOUT_VALUE)}S`;
}

/** Milliseconds of a `grpc-timeout`; undefined when the header is missing or malformed. */
export function grpcTimeoutMs(header: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header ?? '');
  if (match === null) {
    return undefined;
  }
  return Math.min(Number(match[1]) * TIMEOUT_UNIT_MS[match[2]], MAX_TIMER_MS);
}
