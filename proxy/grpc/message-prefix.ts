/**
 * What stands before each message: a flag (1 = compressed) and the length, big-endian.
 *
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message".
 */
export const PREFIX_BYTES = 5;

/** The prefix of a message that is not compressed. */
export function messagePrefix(length: number): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** A message with its prefix. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes.writeUInt8(0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}
