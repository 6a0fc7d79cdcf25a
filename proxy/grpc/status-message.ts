/** `grpc-message`: UTF-8, with everything but printable ASCII escaped. Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Responses". */

/** Longest that is written: peers bound the size of all headers together, commonly at 8 KiB. */
const MAX_MESSAGE_BYTES = 2048;

/** The message with everything but printable ASCII, and `%` itself, as `%XX`; cut where it is too long. */
export function encodeGrpcMessage(message: string): string {
  let encoded = '';
  for (const character of message) {
    const bytes = Buffer.from(character);
    const plain = bytes.length === 1 && bytes[0] >= 0x20 && bytes[0] <= 0x7e && character !== '%';
    const piece = plain ? character : Array.from(bytes, percentEncode).join('');
    if (encoded.length + piece.length > MAX_MESSAGE_BYTES) {
      break;
    }
    encoded += piece;
  }
  return encoded;
}

function percentEncode(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The message as it was written. A per cent sign that begins no escape stays, since some servers do not escape it (`LIKE 'a%'`). */
export function decodeGrpcMessage(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
