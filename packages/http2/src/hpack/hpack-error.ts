/**
 * A header block that breaks RFC 7541. The tables of the two sides may differ from here on: the connection is to end
 * with COMPRESSION_ERROR. The message says which rule, and nothing of what the block held.
 */
export class HpackError extends Error {
  override readonly name = 'HpackError';
}
