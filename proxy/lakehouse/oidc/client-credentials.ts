/** The settings of a service account at an identity provider. */
import { type RecognisedProvider } from '../../../contract/settings/providers';
import { type KeyAlgorithm, type SecretAlgorithm, type SecretStyle } from '../../../contract/settings/settings';
import { type Message } from '../../../contract/messages/message';
import { type Secret } from '../../observe/logging/secret';

/** The method of client authentication. Files are read at each token request, because platforms replace these files. */
export type AuthenticationMethod =
  | { readonly kind: 'secret'; readonly secret: Secret; readonly style: SecretStyle }
  | { readonly kind: 'secret-file'; readonly path: string; readonly style: SecretStyle }
  | {
      /** The secret signs an assertion and is not sent (`client_secret_jwt`). */
      readonly kind: 'secret-jwt';
      readonly secret: Secret;
      readonly algorithm: SecretAlgorithm;
    }
  | {
      readonly kind: 'private-key';
      /** PEM. */
      readonly key: Secret;
      /** Undefined: ES256 for an EC key, PS256 for Entra ID with a certificate, else RS256. */
      readonly algorithm?: KeyAlgorithm;
      readonly keyId?: string;
      /** PEM. The header of the assertion contains its thumbprint. */
      readonly certificate?: string;
    }
  | { readonly kind: 'assertion-file'; readonly path: string }
  | { readonly kind: 'google-key'; readonly key: ServiceAccountKey };

export type AuthenticationKind = AuthenticationMethod['kind'];

/** The current values of the settings on which advice depends. A missing value is unknown or does not apply. */
export interface SettingsInUse {
  readonly kind?: AuthenticationKind;
  /** The selected style. Other ways to send the secret may be tried, too. */
  readonly secretStyle?: SecretStyle;
  readonly hasKeyId?: boolean;
  readonly hasAudience?: boolean;
  /** True if the additional token parameters contain `resource` (RFC 8707). */
  readonly hasResource?: boolean;
}

/** The method of client authentication of one token request. Advice names only the fields of this method. */
export interface AuthenticationInUse extends SettingsInUse {
  readonly kind: AuthenticationKind;
  /** Algorithm of the assertion that the backend signed. */
  readonly algorithm?: string;
  /** Why the secret was probably copied wrongly, or what is wrong with the assertion in a file. */
  readonly mistake?: Message;
}

/** The key of a Google service account, from its JSON file or pasted as PEM. */
export interface ServiceAccountKey {
  readonly email: string;
  readonly keyId?: string;
  /** PEM with repaired line breaks. */
  readonly privateKey: Secret;
  /** Default: the token endpoint in Google's discovery document. */
  readonly tokenUri?: string;
}

/** A service account, as the checked settings describe it. */
export interface ClientCredentials {
  /** An https URL, or an http URL on loopback. */
  readonly issuer: string;
  /** The provider of the settings form. Used when the issuer is a custom domain, which does not show the provider. */
  readonly provider?: RecognisedProvider;
  readonly clientId: string;
  readonly authentication: AuthenticationMethod;
  /** The audience of the token. For Google, the `target_audience`. */
  readonly audience?: string;
  readonly scope?: string;
  /** Authorities (`host:port`) that a discovery document may use besides the authority of the issuer. */
  readonly endpointHosts?: readonly string[];
  /** Extra parameters of the token request, in order. `isPlain`: the value is stored unencrypted. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: Secret, isPlain?: boolean]>;
}

/** `SettingsInUse` with a known method of client authentication. */
export type KnownSettings = SettingsInUse & { readonly kind: AuthenticationKind };

/** The settings that advice depends on, without secrets. */
export function settingsInUse({ authentication, audience = '', parameters }: ClientCredentials): KnownSettings {
  return {
    kind: authentication.kind,
    ...('style' in authentication && { secretStyle: authentication.style }),
    ...(authentication.kind === 'private-key' && { hasKeyId: Boolean(authentication.keyId) }),
    hasAudience: audience !== '',
    hasResource: parameters.some(([name]) => name === 'resource'),
  };
}
