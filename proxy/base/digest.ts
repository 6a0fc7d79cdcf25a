import { createHash } from 'node:crypto';

/** SHA-256 as Base64: a short key for a long string. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
