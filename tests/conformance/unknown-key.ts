import { generateKeyPairSync } from 'node:crypto';

/** A private key (PEM) that no client has. */
export function unknownKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
