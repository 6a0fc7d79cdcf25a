/**
 * Creates the client of a simulated identity provider. Clients without a certificate share their keys, but each has its
 * own secret.
 */
import { createHash, createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { type RegisteredClient } from './rules';
import { signingKey, type SigningKey } from './signing-keys';

/**
 * @param idSuffix Suffix of the client's id.
 * @param certificate PEM of a certificate and its key, for a provider that identifies clients by certificates, such as
 *   Entra ID.
 */
export async function registeredClient(
  idSuffix = '',
  certificate?: { certificate: string; key: string }
): Promise<RegisteredClient> {
  const [rsa, ec] = await Promise.all([signingKey('client-rsa'), signingKey('client-ec', 'ec')]);
  const client: RegisteredClient = {
    id: `grafana-${randomBytes(4).toString('hex')}${idSuffix}`,
    // Contains characters that have a meaning in forms and headers, so that a wrong encoding fails.
    secret: `s3cret+${randomBytes(12).toString('base64url')}/=%~`,
    isSecretExpired: false,
    isGranted: true,
    rsa,
    ec,
    decodesBasic: true,
  };
  return certificate === undefined ? client : { ...client, ...certified(certificate, rsa) };
}

function certified({ certificate, key }: { certificate: string; key: string }, base: SigningKey) {
  const thumbprintSha256 = createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url');
  const rsa: SigningKey = {
    ...base,
    publicKey: createPublicKey(certificate),
    privateKey: createPrivateKey(key),
    privatePem: key,
  };
  return { rsa, thumbprintSha256 };
}
