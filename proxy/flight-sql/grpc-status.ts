/**
 * gRPC's status codes, and how status and deadline travel in headers.
 *
 * Rules: grpc/grpc `doc/statuscodes.md` and `doc/PROTOCOL-HTTP2.md`.
 */

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

/** Largest number that `grpc-timeout` may hold. */
const MAX_TIMEOUT_DIGITS = 99_999_999;

/** `grpc-timeout`: at most eight digits and a unit. @param timeoutMs Rounded up, so that the server never gives up first. */
export function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms <= MAX_TIMEOUT_DIGITS ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), MAX_TIMEOUT_DIGITS)}S`;
}

/**
 * A `grpc-message` as it was written: UTF-8 with escapes (`%3F`). A per cent sign that begins no escape stays, since
 * some servers do not escape it (`LIKE 'a%'`).
 */
export function decodeGrpcMessage(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
