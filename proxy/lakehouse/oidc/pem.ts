/**
 * Repairs the line breaks of PEM that was pasted from a JSON file (with literal `\n`), copied on Windows, or put
 * on one line by an input field.
 */

/** The body ends at the next dashes. Searching further for each BEGIN would take quadratic time. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----((?:(?!-----)[\s\S])*)-----END \1-----/g;
/** A line of the body has at most 64 characters (RFC 7468, section 2). */
const LINE = /.{1,64}/g;

/** True for PEM with headers such as `Proc-Type: 4,ENCRYPTED`. In such PEM, line breaks matter. */
function hasHeaders(body: string): boolean {
  return body.includes(':');
}

/**
 * The PEM blocks of the string with standard line breaks. Characters outside of the blocks are dropped. A string
 * without a block is trimmed, and its line breaks are repaired.
 */
export function repairPem(pem: string): string {
  const lines = pem
    .replace(/\\r\\n|\\n|\\r/g, '\n')
    .replace(/\r\n?/g, '\n')
    .replace(/^[\s"']+|(?<![\s"',])[\s"',]+$/g, '');
  const blocks = [...lines.matchAll(BLOCK)].map(([block, label, body = '']) => {
    if (hasHeaders(body)) {
      return block;
    }
    const wrapped = body.replace(/\s+/g, '').match(LINE) ?? [];
    return [`-----BEGIN ${label}-----`, ...wrapped, `-----END ${label}-----`].join('\n');
  });
  return blocks.length === 0 ? lines : `${blocks.join('\n')}\n`;
}
