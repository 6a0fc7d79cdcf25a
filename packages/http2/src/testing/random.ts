/** For tests: pseudorandom numbers with a seed. */

/** Returns an integer from 0 (inclusive) to `below` (exclusive). */
export type Random = (below: number) => number;

/** The generator mulberry32. @param seed 32 bits. */
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
