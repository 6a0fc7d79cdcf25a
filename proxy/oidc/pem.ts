/**
 * Repairs PEM text that lost its line ends on the way: pasted out of a JSON file with literal `\n`, copied on Windows, or
 * squeezed onto one line by a form.
 */

/** The body ends at the next dashes in any case: looking further for each beginning would take for ever in odd text. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----((?:(?!-----)[\s\S])*)-----END \1-----/g;
/** Characters in a line of the body (RFC 7468, section 2). */
const LINE = /.{1,64}/g;

/** Lines such as `Proc-Type: 4,ENCRYPTED` before the body, whose line ends matter. */
function hasHeaders(body: string): boolean {
  return body.includes(':');
}

/**
 * The text with each PEM block in it on lines as the standard wants them; other text around blocks is dropped. Text
 * without a block comes back trimmed, with its line ends repaired.
 */
export function repairPem(text: string): string {
  const lines = text
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
