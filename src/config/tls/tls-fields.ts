/** Where the TLS settings of the two connections are saved: the one to the server, the one to the identity provider. */
import { type MicromegasSecrets, type MicromegasSettings } from '../../../contract/settings';

type BooleanField = 'tlsSkipVerify' | 'tlsAuth' | 'tlsAuthWithCACert';
type SecretField = 'tlsCACert' | 'tlsClientCert' | 'tlsClientKey';

export interface TlsFields {
  /** Start of the ids of the controls. */
  id: string;
  /** Who shows the certificate, in a sentence. */
  peer: string;
  /** A name that its certificate might bear. */
  example: string;
  skipVerify: keyof MicromegasSettings & (BooleanField | `oauth${Capitalize<BooleanField>}`);
  clientAuth: keyof MicromegasSettings & (BooleanField | `oauth${Capitalize<BooleanField>}`);
  withCaCert: keyof MicromegasSettings & (BooleanField | `oauth${Capitalize<BooleanField>}`);
  serverName: 'serverName' | 'oauthServerName';
  caCert: keyof MicromegasSecrets & (SecretField | `oauth${Capitalize<SecretField>}`);
  clientCert: keyof MicromegasSecrets & (SecretField | `oauth${Capitalize<SecretField>}`);
  clientKey: keyof MicromegasSecrets & (SecretField | `oauth${Capitalize<SecretField>}`);
}

export const SERVER_TLS: TlsFields = {
  id: 'micromegas-tls',
  peer: 'server',
  example: 'micromegas.example.com',
  skipVerify: 'tlsSkipVerify',
  clientAuth: 'tlsAuth',
  withCaCert: 'tlsAuthWithCACert',
  serverName: 'serverName',
  caCert: 'tlsCACert',
  clientCert: 'tlsClientCert',
  clientKey: 'tlsClientKey',
};

export const PROVIDER_TLS: TlsFields = {
  id: 'micromegas-oauth-tls',
  peer: 'identity provider',
  example: 'id.example.com',
  skipVerify: 'oauthTlsSkipVerify',
  clientAuth: 'oauthTlsAuth',
  withCaCert: 'oauthTlsAuthWithCACert',
  serverName: 'oauthServerName',
  caCert: 'oauthTlsCACert',
  clientCert: 'oauthTlsClientCert',
  clientKey: 'oauthTlsClientKey',
};

/** True when anything but the system's defaults is set. */
export function usesTlsFields(settings: MicromegasSettings, fields: TlsFields): boolean {
  return Boolean(
    settings[fields.skipVerify] ||
    settings[fields.clientAuth] ||
    settings[fields.withCaCert] ||
    settings[fields.serverName]
  );
}
