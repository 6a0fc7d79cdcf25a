/** The JSONB of an object of short ASCII strings. */
export function shortJsonb(pairs: Readonly<Record<string, string>>): Buffer {
  const words = [...Object.keys(pairs), ...Object.values(pairs)];
  const head = Buffer.alloc(4 + words.length * 4);
  head.writeUInt32BE(0x40000000 + words.length / 2, 0);
  words.forEach((word, index) => head.writeUInt32BE(0x10000000 + word.length, 4 + index * 4));
  return Buffer.concat([head, Buffer.from(words.join(''))]);
}
