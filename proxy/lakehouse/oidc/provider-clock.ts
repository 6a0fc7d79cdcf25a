/**
 * The difference between the clocks of a provider and of this machine, from the `Date` header of responses. Assertions
 * and tokens contain times, so a wrong clock on either side causes the same error as a wrong key.
 */

import { message, type Message } from '../../../contract/messages/message';

/** Smaller differences may come from the network, or from HTTP dates, which have whole seconds. */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Milliseconds by which the provider's clock is ahead (negative: behind). 0 when about equal or unknown.
 *
 * @param providerTimeMs Milliseconds since 1970, read at `nowMs` by this machine's clock.
 */
export function clockAhead(providerTimeMs: number | undefined, nowMs: number): number {
  const aheadMs = providerTimeMs === undefined ? 0 : providerTimeMs - nowMs;
  return Math.abs(aheadMs) < CLOCK_TOLERANCE_MS ? 0 : aheadMs;
}

function formatAmount(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.round(seconds / 60);
  return seconds < 600 ? `${seconds} s` : minutes < 180 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/**
 * A message with the difference between a clock and the clock of this machine.
 *
 * @param aheadMs Negative: the clock is behind.
 */
export function clockMessage(whose: 'provider' | 'server', aheadMs: number): Message {
  const difference = formatAmount(Math.abs(aheadMs));
  return message(aheadMs > 0 ? `clock-of-${whose}` : `clock-of-${whose}-behind`, { difference });
}
