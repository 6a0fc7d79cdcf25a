/** Who knows for how long bytes are needed may give memory that is used again. */

/** Gives memory with arbitrary content, of which the taker fills every byte, at an address that is a multiple of 8. */
export type Allocate = (bytes: number) => Uint8Array;

/** Memory that lives as long as someone refers to it. */
export const allocateOwn: Allocate = (bytes) => Buffer.allocUnsafe(bytes);

export function allocateInt32(length: number, allocate: Allocate): Int32Array {
  const bytes = allocate(length * Int32Array.BYTES_PER_ELEMENT);
  return new Int32Array(bytes.buffer, bytes.byteOffset, length);
}
