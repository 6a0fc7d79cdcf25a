/**
 * For tests: times for which the fast hash of `PairIndex` has the same low bits.
 *
 * The hash is invertible, so the low half of a time is computed from the high half and the wanted hash.
 */
import { fastPairHash } from '../pair-index';

const LOW_BITS = 20;
const NEWTON_STEPS = 5;

/** @returns Distinct times in nanoseconds since 1970, ascending, after `fromNs`. 4096 of them span 4.3 seconds. */
export function collidingTimes(count: number, fromNs: bigint): bigint[] {
  const times: bigint[] = [];
  for (let high = Number(fromNs >> 32n) + 1; times.length < count; high++) {
    for (let hash = 0; hash < 2 ** 32; hash += 2 ** LOW_BITS) {
      const low = lowHalf(high, hash);
      if ((fastPairHash(high, low) & (2 ** LOW_BITS - 1)) !== 0) {
        throw new Error('The hash has changed: invert its new steps here.');
      }
      times.push((BigInt(high) << 32n) | BigInt(low >>> 0));
    }
  }
  return times.slice(0, count).sort((a, b) => (a < b ? -1 : 1));
}

function lowHalf(high: number, hash: number): number {
  const multiplied = hash ^ (hash >>> 13) ^ (hash >>> 26);
  const shifted = Math.imul(multiplied, inverse(0x2c1b3c6d));
  const mixed = shifted ^ (shifted >>> 15) ^ (shifted >>> 30);
  return Math.imul(mixed ^ Math.imul(high, 0x9e3779b1), inverse(0x85ebca6b));
}

/** The multiplicative inverse of an odd number, modulo 2^32. */
function inverse(odd: number): number {
  let guess = odd;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    guess = Math.imul(guess, 2 - Math.imul(odd, guess));
  }
  return guess;
}
