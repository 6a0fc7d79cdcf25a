/**
 * Offsets of lists that are wider than the schema says.
 *
 * With dictionaries kept, arrow-flight (59, as in Micromegas 0.33) announces each LargeList as a List, also within other
 * types, and sends it with its 64-bit offsets. Read as 32-bit ones they give other lists, mostly without an error.
 *
 * @see arrow-flight `encode.rs`, `prepare_field_for_flight`
 */
import { asInt64 } from './vector';

/**
 * True when the offsets of a column of the type List are 64 bits wide.
 *
 * They have to fill their buffer, begin at 0, ascend, and end at the last item, since arrow-flight cuts buffers and items to
 * the rows that it sends. 32-bit offsets that end at the last item never pass for that: the last 64 bits are padding, which
 * is zero, or offsets of rows that were cut off, and as one number those are larger than any length.
 *
 * @param length Rows of the list column.
 * @param items  Rows of the column with its items.
 */
export function hasWideOffsets(offsets: Uint8Array, length: number, items: number): boolean {
  // Without rows or items both widths give the same lists.
  if (length === 0 || items === 0 || offsets.length !== (length + 1) * 8) {
    return false;
  }
  const wide = asInt64(offsets, length + 1);
  return (
    wide[0] === 0n &&
    wide[length] === BigInt(items) &&
    wide.every((offset, row) => row === 0 || offset >= (wide[row - 1] ?? 0n))
  );
}
