/**
 * HalfSipHash-2-4: a hash of bytes with a secret key and 32 bits of output.
 *
 * Telemetry is not trusted: a sender may choose values that collide in a known hash function. The sender does not know
 * the key, so a hash table with this function takes linear time for any input. The function is several times slower
 * than the hash functions without a key, so tables switch to this function only after too many collisions.
 *
 * @see J.-P. Aumasson, D. J. Bernstein: "SipHash: a fast short-input PRF", and the reference implementation's
 *   halfsiphash.c
 */
import { randomFillSync } from 'node:crypto';

/** 64 bits, as two int32. */
export type HashKey = Readonly<Int32Array>;

/** A new key of 64 random bits. Each hash table should have a key of its own. */
export function randomHashKey(): HashKey {
  return randomFillSync(new Int32Array(2));
}

/** State of the hash. It is a typed array, so that calls do not allocate. */
const V = new Int32Array(4);

/** Hash of the bytes from `start` (inclusive) to `end` (exclusive), as an int32. */
export function keyedHash(key: HashKey, bytes: Uint8Array, start: number, end: number): number {
  begin(key);
  const lastWord = end - ((end - start) & 3);
  for (let at = start; at < lastWord; at += 4) {
    absorb(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
  }
  let rest = (end - start) << 24;
  for (let at = lastWord; at < end; at++) {
    rest |= bytes[at] << ((at - lastWord) * 8);
  }
  absorb(rest);
  return finish();
}

/** Hash of the eight bytes of two int32, in little-endian order. */
export function keyedPairHash(key: HashKey, first: number, second: number): number {
  begin(key);
  absorb(first);
  absorb(second);
  absorb(8 << 24);
  return finish();
}

function begin(key: HashKey): void {
  V[0] = key[0];
  V[1] = key[1];
  V[2] = key[0] ^ 0x6c796765;
  V[3] = key[1] ^ 0x74656462;
}

function absorb(word: number): void {
  V[3] ^= word;
  mix();
  mix();
  V[0] ^= word;
}

function finish(): number {
  V[2] ^= 0xff;
  mix();
  mix();
  mix();
  mix();
  return V[1] ^ V[3];
}

/** One SipRound. */
function mix(): void {
  V[0] += V[1];
  V[1] = rotate(V[1], 5) ^ V[0];
  V[0] = rotate(V[0], 16);
  V[2] += V[3];
  V[3] = rotate(V[3], 8) ^ V[2];
  V[0] += V[3];
  V[3] = rotate(V[3], 7) ^ V[0];
  V[2] += V[1];
  V[1] = rotate(V[1], 13) ^ V[2];
  V[2] = rotate(V[2], 16);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
