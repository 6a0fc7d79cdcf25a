/** The client that tests register at a simulator: keys shared by the process, a secret of its own. */
import { createHash, createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { type RegisteredClient } from './rules';
import { signingKey, type SigningKey } from './signing-keys';

/**
 * @param idSuffix How ids of this provider end.
 * @param certificate PEM of a certificate and its key that the provider knows the client by, as Entra ID does.
 */
export async function registeredClient(
  idSuffix = '',
  certificate?: { certificate: string; key: string }
): Promise<RegisteredClient> {
  const [rsa, ec] = await Promise.all([signingKey('client-rsa'), signingKey('client-ec', 'ec')]);
  const client: RegisteredClient = {
    id: `grafana-${randomBytes(4).toString('hex')}${idSuffix}`,
    // Characters that mean something in forms and in headers: encoding them wrongly is found out.
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
