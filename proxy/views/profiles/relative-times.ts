const HALF = 2 ** 32;

/**
 * Converts 64-bit times to numbers relative to `base`, without an object per time. Exact within 104 days of `base`.
 *
 * @param base Nanoseconds since 1970, like the times.
 */
export function relativeTimes(times: BigInt64Array, base: bigint): Float64Array {
  const low = Number(BigInt.asUintN(32, base));
  const high = Number(base >> 32n);
  const halves = new Uint32Array(times.buffer, times.byteOffset, times.length * 2);
  const highs = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
  const relative = new Float64Array(times.length);
  for (let row = 0; row < relative.length; row++) {
    relative[row] = (highs[row * 2 + 1] - high) * HALF + (halves[row * 2] - low);
  }
  return relative;
}
