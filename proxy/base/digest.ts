import { hash } from 'node:crypto';

/** SHA-256 as Base64: a short key for a long value. */
export function digestOf(value: string | Uint8Array): string {
  return hash('sha256', value, 'base64');
}
