import { createHash } from 'node:crypto';

/** SHA-256 as Base64: a short key for a long string. */
export function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('base64');
}
