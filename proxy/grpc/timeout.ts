/** `grpc-timeout`: at most eight digits and a unit. Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Timeout". */
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

const MAX_DIGITS = 99_999_999;

/** Longest delay that Node's timers take; a longer one would fire at once. About 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a caller sends. @param timeoutMs Rounded up, so that the server never gives up first. */
export function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms <= MAX_DIGITS ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), MAX_DIGITS)}S`;
}

/** Milliseconds until the caller gives up, or undefined when it named no (legible) deadline. */
export function grpcTimeoutMs(header: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header ?? '');
  if (match === null) {
    return undefined;
  }
  return Math.min(Number(match[1]) * UNIT_MS[match[2]], MAX_TIMER_MS);
}
