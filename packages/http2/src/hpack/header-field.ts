/** Name (lower case) and value, as they travel. Bytes are latin1 characters. */
export type HeaderField = readonly [name: string, value: string];

/** What a field counts for in the table and in the size of a list (RFC 7541 4.1, RFC 9113 6.5.2). */
export function fieldBytes([name, value]: HeaderField): number {
  return name.length + value.length + 32;
}
