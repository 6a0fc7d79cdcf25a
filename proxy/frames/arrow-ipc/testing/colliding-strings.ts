/**
 * For tests: strings that all have the same FNV-1a hash.
 *
 * The hash has 32 bits of state. From any state, two of a few hundred thousand blocks of five characters lead to the
 * same next state (birthday paradox). A chain of n such pairs of blocks gives 2^n strings.
 *
 * @see A. Joux: "Multicollisions in iterated hash functions", CRYPTO 2004
 */

/** Initial state without a seed. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const BLOCK_LENGTH = 5;
/** Coprime to the number of blocks, so that each number gives a different block. */
const SPREAD = 22_695_479;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * @param before State of the hash before the strings: the seed, or the state after the common prefix of the strings.
 * @returns 2^pairs distinct ASCII strings of equal length whose FNV-1a hash is the same.
 */
export function collidingStrings(pairs: number, before = FNV_OFFSET): string[] {
  let state = before;
  let strings = [''];
  for (let pair = 0; pair < pairs; pair++) {
    const [one, other, next] = collidingBlocks(state);
    strings = strings.flatMap((value) => [value + one, value + other]);
    state = next;
  }
  return strings;
}

function collidingBlocks(state: number): [one: string, other: string, next: number] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    const block = blockOf(number);
    const next = fnv(state, block);
    const known = seen.get(next);
    if (known !== undefined) {
      return [known, block, next];
    }
    seen.set(next, block);
  }
}

/**
 * A different block for each number. Successive blocks differ in all letters, because similar blocks rarely collide.
 */
function blockOf(number: number): string {
  let block = '';
  for (
    let rest = (number * SPREAD) % LETTERS.length ** BLOCK_LENGTH;
    block.length < BLOCK_LENGTH;
    rest = Math.floor(rest / LETTERS.length)
  ) {
    block += LETTERS[rest % LETTERS.length];
  }
  return block;
}

/** State of the hash after these bytes. */
export function fnvState(bytes: Uint8Array, before = FNV_OFFSET): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, FNV_PRIME), before);
}

function fnv(state: number, value: string): number {
  let hash = state;
  for (let at = 0; at < value.length; at++) {
    hash = Math.imul(hash ^ value.charCodeAt(at), FNV_PRIME);
  }
  return hash;
}
