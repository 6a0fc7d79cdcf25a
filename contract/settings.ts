/**
 * What an admin saves for one data source: `jsonData` (readable by the browser) and `secureJsonData` (write-only there).
 *
 * The field names are those of the Go plugin that this one replaces, so that its saves open unchanged. Nothing here is
 * trusted: provisioning files and old versions put other types into these fields, and `proxy/instances` validates them.
 */

/** Values of `selectedAuthType`. `username/password` occurs in old saves only: Micromegas has no such sign-in. */
export type AuthType = 'none' | 'token' | 'oauth2' | 'username/password';

/**
 * Identity providers that the settings page has a form for. A hint for the form only: the proxy recognises a provider by
 * its issuer, see `recogniseProvider`.
 */
export type OAuthProvider = 'auth0' | 'entra' | 'okta' | 'google' | 'keycloak' | 'other';

/** How the client proves who it is at the token endpoint. */
export type ClientProof = 'secret' | 'secret_jwt' | 'private_key' | 'secret_file' | 'assertion_file';

/**
 * Where a client secret travels: in the form, in the Authorization header encoded as RFC 6749 wants it, or there without
 * that encoding, for servers that do not undo it. `auto` does what the provider's metadata says.
 */
export type SecretStyle = 'auto' | 'post' | 'basic' | 'basic_unencoded';

/** Algorithms of assertions that a private key signs (`private_key_jwt`). */
export const KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** Algorithms of assertions that the client secret signs (`client_secret_jwt`). The first is the usual one. */
export const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
export type SecretAlgorithm = (typeof SECRET_ALGORITHMS)[number];

export type SigningAlgorithm = KeyAlgorithm | SecretAlgorithm;

/** Which of the tokens of a signed-in user is forwarded. `auto`: the access token if it is a JWT, else the ID token. */
export type ForwardedToken = 'auto' | 'access' | 'id';

/**
 * Extra parameters of the token request, numbered from 1 as Grafana numbers HTTP headers: the name is here, the value
 * here or, when secret, under the same key in the secrets.
 */
type OAuthParameterNames = { [name in `oauthParameterName${number}`]?: string };
type OAuthParameterValues = { [name in `oauthParameterValue${number}`]?: string };

/** Names of metadata headers with a secret value, numbered from 1. */
type SecureMetadataNames = { [name in `secureMetadataName${number}`]?: string };
type SecureMetadataValues = { [name in `secureMetadataValue${number}`]?: string };

/** `jsonData` of a data source. Every field may be missing. */
export interface MicromegasSettings extends OAuthParameterNames, OAuthParameterValues, SecureMetadataNames {
  /** `host:port` of the Flight SQL server, without a scheme. */
  host?: string;
  /** True: TLS with the system's certificate authorities. False or missing: plaintext. */
  secure?: boolean;
  /** Missing in older saves: what is filled in then decides, see `effectiveAuthType`. */
  selectedAuthType?: AuthType;
  username?: string;
  oauthIssuer?: string;
  oauthClientId?: string;
  oauthAudience?: string;
  /** Space-separated scopes for the token request. New here: the older plugin sent none. */
  oauthScope?: string;
  oauthProvider?: OAuthProvider;
  /** Missing: `secret`. */
  oauthClientProof?: ClientProof;
  /** Missing: `auto`. */
  oauthSecretStyle?: SecretStyle;
  /** Of the assertion that a private key or the secret signs. Missing: what provider and key ask for, or HS256. */
  oauthSigningAlgorithm?: SigningAlgorithm;
  /** `kid` of the assertion, where the provider needs it to find the public key. */
  oauthKeyId?: string;
  /** Certificate of the private key (PEM), for Entra ID, which finds keys by its thumbprint. Not a secret. */
  oauthCertificate?: string;
  /** File on the proxy's machine with the client secret, read at each token request. */
  oauthSecretFile?: string;
  /** File on the proxy's machine with a JWT that another provider made and the platform renews. */
  oauthAssertionFile?: string;
  /**
   * Hosts of the token endpoint and the key set where they are not the issuer's: `host` or `host:port`, separated by
   * commas or spaces. Provisioning may use a list.
   */
  oauthEndpointHosts?: string | string[];
  /** Grafana's own field: it then sends the signed-in user's OAuth tokens along. They are forwarded to Micromegas. */
  oauthPassThru?: boolean;
  /** With `oauthPassThru`: the service account asks where no user's token is there. Missing: such queries are refused. */
  oauthPassThruFallback?: boolean;
  /** Missing: `auto`. */
  oauthForwardedToken?: ForwardedToken;
  /** Missing means true. */
  enableUserAttribution?: boolean;
  /** Extra gRPC metadata, one single-entry object per header. `{"": ""}` stands for nothing. */
  metadata?: Array<Record<string, string>>;
  /** Seconds that a query may take. Missing: `DEFAULT_QUERY_TIMEOUT_SECONDS`. */
  queryTimeoutSeconds?: number;
  /** Rows that an answer may have before it is cut with a notice. Missing: `DEFAULT_MAX_ROWS`. */
  maxRows?: number;
  /** Megabytes (10^6 bytes) that the server may send for one query before the answer is cut with a notice. Missing: no limit. */
  maxAnswerMegabytes?: number;
  /** The Flight SQL connection, in the field names that Grafana's data sources share. */
  tlsSkipVerify?: boolean;
  /** True: the client certificate of the secrets is shown to the server (mTLS). */
  tlsAuth?: boolean;
  /** True: the certificate authority of the secrets is trusted, and only it. */
  tlsAuthWithCACert?: boolean;
  /** Name that the server's certificate must bear, where it is not the host. */
  serverName?: string;
  /** The same for the identity provider. */
  oauthTlsSkipVerify?: boolean;
  oauthTlsAuth?: boolean;
  oauthTlsAuthWithCACert?: boolean;
  oauthServerName?: string;
  /** HTTP proxy on the way to the identity provider, `http://host:port`. Missing: what the environment says. */
  oauthProxyUrl?: string;
  oauthProxyUser?: string;
  /** Grafana's secure SOCKS proxy (private data source connect), for the server and the identity provider. */
  enableSecureSocksProxy?: boolean;
  /** Missing: the uid of the data source. */
  secureSocksProxyUsername?: string;
  /** Very old saves hold the API key here, in plain text. Read, never written. */
  token?: string;
}

/** `secureJsonData` of a data source: stored encrypted by Grafana, readable by the proxy only. */
export interface MicromegasSecrets extends OAuthParameterValues, SecureMetadataValues {
  token?: string;
  password?: string;
  /** For Google also the JSON key of a service account, or the private key out of it. */
  oauthClientSecret?: string;
  /** PEM (PKCS #8, PKCS #1 or SEC 1). */
  oauthPrivateKey?: string;
  /** PEM, for the server. */
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  /** PEM, for the identity provider. */
  oauthTlsCACert?: string;
  oauthTlsClientCert?: string;
  oauthTlsClientKey?: string;
  oauthProxyPassword?: string;
  secureSocksProxyPassword?: string;
}

export const DEFAULT_QUERY_TIMEOUT_SECONDS = 60;
export const MAX_QUERY_TIMEOUT_SECONDS = 3600;
export const DEFAULT_MAX_ROWS = 1_000_000;

/** Which secrets are stored. The browser knows this from `secureJsonFields`, the proxy from the secrets themselves. */
export type StoredSecrets = Readonly<Partial<Record<keyof MicromegasSecrets, boolean>>>;

/** True when there is something to prove the client's identity with. */
function hasProof(settings: MicromegasSettings, stored: StoredSecrets): boolean {
  switch (settings.oauthClientProof) {
    case 'private_key':
      return Boolean(stored.oauthPrivateKey);
    case 'secret_file':
      return Boolean(settings.oauthSecretFile);
    case 'assertion_file':
      return Boolean(settings.oauthAssertionFile);
    default:
      return Boolean(stored.oauthClientSecret);
  }
}

/**
 * How a data source signs in.
 *
 * A saved `selectedAuthType` of `token` or `oauth2` is believed when its fields are there; forwarding the users' own
 * identity is OAuth without further fields. Otherwise what is filled in decides, as the older plugin did it: it used
 * OAuth whenever issuer, client id and secret were stored, then a token whenever one was stored, whatever its select
 * showed.
 */
export function effectiveAuthType(settings: MicromegasSettings, stored: StoredSecrets): AuthType {
  const hasOAuth = Boolean(settings.oauthIssuer && settings.oauthClientId && hasProof(settings, stored));
  const hasToken = Boolean(stored.token || settings.token);
  switch (settings.selectedAuthType) {
    case 'oauth2':
      return !hasOAuth && hasToken && !settings.oauthIssuer && !settings.oauthPassThru ? 'token' : 'oauth2';
    case 'token':
      return !hasToken && hasOAuth ? 'oauth2' : 'token';
    case 'none':
      return 'none';
    case 'username/password':
      return hasOAuth ? 'oauth2' : hasToken ? 'token' : 'username/password';
    default:
      if (hasOAuth || (settings.oauthPassThru === true && !hasToken)) {
        return 'oauth2';
      }
      return hasToken ? 'token' : settings.username ? 'username/password' : 'none';
  }
}
