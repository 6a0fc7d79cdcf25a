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

/** Longest message that is decoded, in bytes as it travels. The end is kept too: Micromegas names the query's id there. */
const MAX_ENCODED_BYTES = 64 * 1024;
const KEPT_AT_END_BYTES = 1024;

function bounded(text: string): string {
  return text.length <= MAX_ENCODED_BYTES
    ? text
    : `${text.slice(0, MAX_ENCODED_BYTES - KEPT_AT_END_BYTES)} [...] ${text.slice(-KEPT_AT_END_BYTES)}`;
}

/** The message as it was written, without the middle of one that is too long. A per cent sign that begins no escape stays, since some servers do not escape it (`LIKE 'a%'`). */
export function decodeGrpcMessage(text: string): string {
  return bounded(text).replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')
  );
}
