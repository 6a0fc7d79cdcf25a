/** Up to this size, adding up characters beats a call into the engine. */
const SHORT_TEXT = 6;

/** The bytes from `start` to before `end`, one character each. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  if (end - start > SHORT_TEXT) {
    return bytes.toString('latin1', start, end);
  }
  let text = '';
  for (let at = start; at < end; at++) {
    text += String.fromCharCode(bytes[at]);
  }
  return text;
}
