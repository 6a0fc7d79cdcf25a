/**
 * Typed arrays in the memory of an account. The account's `end` frees the arrays that the result does not refer to, and
 * `close` frees the others.
 */
import { type MemoryAccount } from './memory-account';

/** Uninitialized numbers. */
export function takeInt32(memory: MemoryAccount, length: number): Int32Array {
  return int32(memory.take(length * Int32Array.BYTES_PER_ELEMENT));
}

/** Zeroed bytes. */
export function takeZeros(memory: MemoryAccount, bytes: number): Uint8Array {
  return memory.take(bytes).fill(0);
}

/** Zeroed numbers. */
export function zeroInt32(memory: MemoryAccount, length: number): Int32Array {
  return takeInt32(memory, length).fill(0);
}

/**
 * Zeroed bytes that stay valid after the account ends. Until then, the account counts them. They are never taken from
 * the buffer pool.
 */
export function ownBytes(memory: Pick<MemoryAccount, 'adopt'>, bytes: number): Uint8Array {
  memory.adopt(bytes);
  return new Uint8Array(bytes);
}

/** Zeroed numbers, see `ownBytes`. */
export function ownInt32(memory: Pick<MemoryAccount, 'adopt'>, length: number): Int32Array {
  return int32(ownBytes(memory, length * Int32Array.BYTES_PER_ELEMENT));
}

/** Copies the numbers to a longer array, and frees the old array. No view of the old array may be in use. */
export function growInt32(memory: MemoryAccount, numbers: Int32Array, length: number): Int32Array {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return int32(memory.grow(bytes, bytes.length, length * Int32Array.BYTES_PER_ELEMENT));
}

/** Zeroed numbers in scratch memory: only for the current step. */
export function scratchInt32(memory: MemoryAccount, length: number): Int32Array {
  return int32(memory.scratch(length * Int32Array.BYTES_PER_ELEMENT));
}

function int32(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Int32Array.BYTES_PER_ELEMENT);
}
