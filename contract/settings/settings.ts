/**
 * The saved settings of one data source: `jsonData` (the browser can read and write it) and `secureJsonData` (the
 * browser can only write it).
 *
 * Settings of the Go plugin that this plugin replaces keep their names, so that data sources saved by the Go plugin
 * open unchanged. Provisioning files and old versions may have other types in these fields, so the backend checks the
 * types (`proxy/lakehouse/instances`).
 */

/** Values of `selectedAuthType`. `username/password` occurs in old saves only: Micromegas has no such sign-in. */
export const AUTH_TYPES = ['none', 'token', 'oauth2', 'username/password'] as const;
export type AuthType = (typeof AUTH_TYPES)[number];

/**
 * Identity providers that have a settings form. The setting `oauthProvider` selects the form. The backend recognises a
 * provider by its issuer first, see `providerOf`.
 */
export const OAUTH_PROVIDERS = ['auth0', 'entra', 'okta', 'google', 'keycloak', 'other'] as const;
export type OAuthProvider = (typeof OAUTH_PROVIDERS)[number];

/** Methods of client authentication at the token endpoint. */
export const CLIENT_AUTHENTICATION = ['secret', 'secret_jwt', 'private_key', 'secret_file', 'assertion_file'] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATION)[number];

/**
 * Where the token request contains the client secret. `post`: in the body. `basic`: in the Authorization header, with
 * the encoding of RFC 6749. `basic_unencoded`: in the Authorization header, without this encoding, for providers that
 * do not decode it. `auto`: as the metadata of the provider says.
 */
export const SECRET_STYLES = ['auto', 'post', 'basic', 'basic_unencoded'] as const;
export type SecretStyle = (typeof SECRET_STYLES)[number];

/** Algorithms of assertions signed with a private key (`private_key_jwt`). */
export const KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** Algorithms of assertions signed with the client secret (`client_secret_jwt`). The first is the default. */
export const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
export type SecretAlgorithm = (typeof SECRET_ALGORITHMS)[number];

export type SigningAlgorithm = KeyAlgorithm | SecretAlgorithm;

/**
 * The token of the signed-in user that is forwarded to Micromegas. `auto`: the access token if the server accepts it,
 * else the ID token.
 */
export const FORWARDED_TOKENS = ['auto', 'access', 'id'] as const;
export type ForwardedToken = (typeof FORWARDED_TOKENS)[number];

/** Where a notice about delayed data is shown: nowhere, in Explore, or in Explore and dashboards. */
export const FRESHNESS_NOTICES = ['off', 'explore', 'dashboards'] as const;
export type FreshnessNotices = (typeof FRESHNESS_NOTICES)[number];
export const DEFAULT_FRESHNESS_NOTICES: FreshnessNotices = 'dashboards';

/** Who shares cached results: each user alone, or all users of the data source. */
export const RESULT_SHARING = ['user', 'all'] as const;
export type ResultSharing = (typeof RESULT_SHARING)[number];
export const DEFAULT_RESULT_SHARING: ResultSharing = 'user';

/**
 * Additional parameters of the token request, numbered from 1 as Grafana numbers HTTP headers. The settings contain the
 * name of a parameter. A value that is not secret is in the settings too. A secret value is in the secrets, under the
 * same key.
 */
type OAuthParameterNames = { [name in `oauthParameterName${number}`]?: string };
type OAuthParameterValues = { [name in `oauthParameterValue${number}`]?: string };

/** Names of metadata headers with a secret value, numbered from 1. */
type SecureMetadataNames = { [name in `secureMetadataName${number}`]?: string };
type SecureMetadataValues = { [name in `secureMetadataValue${number}`]?: string };

/**
 * `jsonData` of a data source. Every field may be missing. `npm run docs:tables` writes these comments into
 * docs/admin/settings.md; `@defaultValue` is the meaning of a missing field.
 */
export interface MicromegasSettings extends OAuthParameterNames, OAuthParameterValues, SecureMetadataNames {
  /**
   * `host:port` of the Flight SQL server, without a scheme.
   * @defaultValue an error
   */
  host?: string;
  /**
   * TLS for the connection to the server.
   * @defaultValue `false`
   */
  secure?: boolean;
  /**
   * Sign-in method: API key, OAuth 2.0, or none. `username/password` occurs in old saves only, and is not supported.
   * @defaultValue derived from the other fields, see `effectiveAuthType`
   */
  selectedAuthType?: AuthType;
  /**
   * True: only the method of `selectedAuthType` is used. The settings page saves `true` when the user chooses a method.
   * False: the stored fields can select another method, as in the Go plugin, and Save & test then shows a warning.
   * @defaultValue `false`
   */
  authMethodChosen?: boolean;
  /** Read from old saves, never written. */
  username?: string;
  /**
   * Issuer of the identity provider, an `https` URL.
   * @defaultValue an error with `oauth2`
   */
  oauthIssuer?: string;
  /**
   * ID of the client at the provider. The JSON key of Google contains it.
   * @defaultValue an error with `oauth2`
   */
  oauthClientId?: string;
  /**
   * Parameter `audience` of the token request, if the provider needs it.
   * @defaultValue not sent
   */
  oauthAudience?: string;
  /**
   * Parameter `scope` of the token request: scopes separated by spaces. Provisioning may use a list.
   * @defaultValue not sent
   */
  oauthScope?: string;
  /**
   * Form on the settings page.
   * @defaultValue derived from the issuer
   */
  oauthProvider?: OAuthProvider;
  /**
   * Client authentication: what the client sends or signs to identify itself.
   * @defaultValue `secret`
   */
  oauthClientProof?: ClientAuthentication;
  /**
   * Where the token request contains the client secret. `basic_unencoded`: no form encoding before base64.
   * @defaultValue `auto`: as the metadata of the provider says
   */
  oauthSecretStyle?: SecretStyle;
  /**
   * Algorithm of the assertion. `HS…` with `secret_jwt`, the others with `private_key`.
   * @defaultValue suits key and provider; `HS256` with `secret_jwt`
   */
  oauthSigningAlgorithm?: SigningAlgorithm;
  /**
   * `kid` of the assertion, by which the provider finds the public key.
   * @defaultValue not sent
   */
  oauthKeyId?: string;
  /**
   * Certificate of the private key (PEM), for Entra ID: it finds the key by the thumbprint of the certificate. Not a
   * secret.
   * @defaultValue not sent
   */
  oauthCertificate?: string;
  /**
   * Absolute path of a file on the machine of the backend. The file contains the client secret. It is read at each
   * token request.
   */
  oauthSecretFile?: string;
  /**
   * Absolute path of a file on the machine of the backend. The file contains a JWT of another provider, which the
   * platform renews. It is read at each token request.
   */
  oauthAssertionFile?: string;
  /**
   * Hosts of the token endpoint and the key set, in addition to the host of the issuer: `host` or `host:port`,
   * separated by commas or spaces. Provisioning may use a list.
   * @defaultValue the issuer's host, and the known hosts of its provider
   */
  oauthEndpointHosts?: string | string[];
  /**
   * Grafana's own field: Grafana sends the OAuth tokens of the signed-in user, which are forwarded to Micromegas.
   * @defaultValue `false`
   */
  oauthPassThru?: boolean;
  /**
   * With `oauthPassThru`: a query without a token of a user is sent with the service account.
   * @defaultValue `false`: such a query fails
   */
  oauthPassThruFallback?: boolean;
  /**
   * With `oauthPassThru`: the token that is forwarded. `auto`: the access token if the server accepts it, else the ID
   * token.
   * @defaultValue `auto`
   */
  oauthForwardedToken?: ForwardedToken;
  /**
   * The Grafana user is sent with each query, for the audit log of the server.
   * @defaultValue `true`
   */
  enableUserAttribution?: boolean;
  /**
   * Additional gRPC headers of each call, an object with one entry per header: `[{name: value}]`. `{"": ""}` means no
   * entry.
   * @defaultValue none
   */
  metadata?: Array<Record<string, string>>;
  /**
   * Seconds that a query may take, from 1 to `MAX_QUERY_TIMEOUT_SECONDS`.
   * @defaultValue `DEFAULT_QUERY_TIMEOUT_SECONDS`
   */
  queryTimeoutSeconds?: number;
  /**
   * Rows after which a result is truncated with a notice.
   * @defaultValue `DEFAULT_MAX_ROWS`
   */
  maxRows?: number;
  /**
   * Received megabytes (10^6 bytes) after which a result is truncated with a notice.
   * @defaultValue no limit
   */
  maxAnswerMegabytes?: number;
  /**
   * Maximum number of queries of viewers that have their first statement open on the server at the same time. Further
   * queries wait, and users take turns. The later statements of these queries have a separate limit of the same size,
   * and alert rules together with Save & test have another one. 0: no limit.
   * @defaultValue `DEFAULT_MAX_STATEMENTS`
   */
  maxStatements?: number;
  /**
   * Hours of the longest time range of a query. Queries over a longer range, or without a time filter, are rejected.
   * Not checked: the context of a log line, and the time around its range that a query also reads, such as a day to
   * find a trace.
   * @defaultValue no limit
   */
  maxRangeHours?: number;
  /**
   * Panels of dashboards get the result of an equal statement that was sent within these seconds, at most
   * `MAX_RESULT_AGE_SECONDS`. 0: panels get only the result of an equal statement that still waits to be sent.
   * @defaultValue `DEFAULT_RESULT_AGE_SECONDS`
   */
  resultAgeSeconds?: number;
  /**
   * Who shares the results of equal queries of dashboards: each user alone, or all users of the data source. Users
   * whose identities are forwarded never share results with each other.
   * @defaultValue `DEFAULT_RESULT_SHARING`
   */
  shareResults?: ResultSharing;
  /**
   * Panels with time bins of log lines or measures read only the bins that have changed, and take the other bins from
   * their last result. After these minutes, at most `MAX_INCREMENTAL_REFRESH_MINUTES`, the panels read the whole time
   * range again. 0: off.
   * @defaultValue `DEFAULT_INCREMENTAL_REFRESH_MINUTES`
   */
  incrementalRefreshMinutes?: number;
  /**
   * Completion, the builder and the filters suggest values, property keys, processes and measures, which are read from
   * the lakehouse.
   * @defaultValue `true`
   */
  suggestValues?: boolean;
  /**
   * Template of the links from functions of a profile to their source: a URL with `{file}` and, if wanted, `{line}`.
   * @defaultValue no links
   */
  sourceUrl?: string;
  /**
   * Where a notice says how old the newest data are: nowhere, in Explore, or also on dashboards whose time range ends
   * now.
   * @defaultValue `DEFAULT_FRESHNESS_NOTICES`
   */
  freshnessNotices?: FreshnessNotices;
  /**
   * Any certificate of the server is accepted. For tests only.
   * @defaultValue `false`
   */
  tlsSkipVerify?: boolean;
  /**
   * The client certificate in the secrets is presented to the server (mTLS).
   * @defaultValue `false`
   */
  tlsAuth?: boolean;
  /**
   * Only the certificate authority in the secrets is trusted.
   * @defaultValue `false`: the authorities of Node.js and of the system
   */
  tlsAuthWithCACert?: boolean;
  /**
   * Name that the server's certificate must have.
   * @defaultValue the host
   */
  serverName?: string;
  /**
   * As `tlsSkipVerify`, for the identity provider.
   * @defaultValue `false`
   */
  oauthTlsSkipVerify?: boolean;
  /**
   * As `tlsAuth`, for the identity provider.
   * @defaultValue `false`
   */
  oauthTlsAuth?: boolean;
  /**
   * As `tlsAuthWithCACert`, for the identity provider.
   * @defaultValue `false`
   */
  oauthTlsAuthWithCACert?: boolean;
  /**
   * As `serverName`, for the identity provider.
   * @defaultValue the host
   */
  oauthServerName?: string;
  /**
   * HTTP proxy for the identity provider, `http://host:port`.
   * @defaultValue `HTTPS_PROXY` and `NO_PROXY` of the environment
   */
  oauthProxyUrl?: string;
  /** User name at the HTTP proxy. */
  oauthProxyUser?: string;
  /**
   * Grafana's secure SOCKS proxy (private data source connect), for the server and the identity provider.
   * @defaultValue `false`
   */
  enableSecureSocksProxy?: boolean;
  /**
   * User name at the SOCKS proxy.
   * @defaultValue the uid of the data source
   */
  secureSocksProxyUsername?: string;
  /** The API key of very old saves, in plain text. Read, never written. */
  token?: string;
}

/** `secureJsonData` of a data source: stored encrypted by Grafana, readable by the backend only. */
export interface MicromegasSecrets extends OAuthParameterValues, SecureMetadataValues {
  /** API key of the Micromegas server. */
  token?: string;
  /** Read from old saves, never written. */
  password?: string;
  /**
   * Client secret. For Google, this may instead be the JSON key of a service account, or the private key from that
   * JSON.
   */
  oauthClientSecret?: string;
  /** Private key for `oauthClientProof: private_key`. PEM (PKCS #8, PKCS #1 or SEC 1). */
  oauthPrivateKey?: string;
  /** Certificate authority of the server, PEM. */
  tlsCACert?: string;
  /** Client certificate for the server, PEM. */
  tlsClientCert?: string;
  /** Key of the client certificate for the server, PEM. */
  tlsClientKey?: string;
  /** Certificate authority of the identity provider, PEM. */
  oauthTlsCACert?: string;
  /** Client certificate for the identity provider, PEM. */
  oauthTlsClientCert?: string;
  /** Key of the client certificate for the identity provider, PEM. */
  oauthTlsClientKey?: string;
  /** Password at the HTTP proxy. */
  oauthProxyPassword?: string;
  /** Password at the SOCKS proxy. */
  secureSocksProxyPassword?: string;
}

/** A secret that is not numbered. Numbered secrets are for example `oauthParameterValue1`. */
type SecretName = Exclude<keyof MicromegasSecrets, keyof OAuthParameterValues | keyof SecureMetadataValues>;

const SECRETS: Readonly<Record<SecretName, true>> = {
  token: true,
  password: true,
  oauthClientSecret: true,
  oauthPrivateKey: true,
  tlsCACert: true,
  tlsClientCert: true,
  tlsClientKey: true,
  oauthTlsCACert: true,
  oauthTlsClientCert: true,
  oauthTlsClientKey: true,
  oauthProxyPassword: true,
  secureSocksProxyPassword: true,
};

/** Names of all secrets except numbered ones. */
export const SECRET_NAMES: readonly string[] = Object.keys(SECRETS);

/** Default and maximum of `queryTimeoutSeconds`. */
export const DEFAULT_QUERY_TIMEOUT_SECONDS = 60;
export const MAX_QUERY_TIMEOUT_SECONDS = 3600;
/** Default of `maxRows`. */
export const DEFAULT_MAX_ROWS = 1_000_000;
/** Default of `maxStatements`. */
export const DEFAULT_MAX_STATEMENTS = 16;
/** Maximum value of the setting `maxStatements`. */
export const MAX_MAX_STATEMENTS = 10_000;
/** Default of `resultAgeSeconds`. */
export const DEFAULT_RESULT_AGE_SECONDS = 5;
/** Maximum of `resultAgeSeconds`. */
export const MAX_RESULT_AGE_SECONDS = 3600;
/** Default and maximum of `incrementalRefreshMinutes`. */
export const DEFAULT_INCREMENTAL_REFRESH_MINUTES = 10;
export const MAX_INCREMENTAL_REFRESH_MINUTES = 1440;

/** For each secret, true if it is stored. In the browser, Grafana's `secureJsonFields` has these values. */
export type StoredSecrets = Readonly<Partial<Record<keyof MicromegasSecrets, boolean>>>;

/** True if the secret, key or path that the client authentication needs is stored. */
function hasClientAuthentication(settings: MicromegasSettings, stored: StoredSecrets): boolean {
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
 * The sign-in method of a data source.
 *
 * - If `authMethodChosen` is true, and for `none`: the value of `selectedAuthType`.
 * - For `token` and `oauth2` without `authMethodChosen`: the value of `selectedAuthType`. But if only the fields of the
 *   other of these two methods are stored, the other method.
 * - If no method is saved, and for `username/password`: the stored fields decide. OAuth has priority over a token. If
 *   there is neither a saved method nor a token, `oauthPassThru` selects OAuth. The older plugin also ignored
 *   `selectedAuthType`.
 */
export function effectiveAuthType(settings: MicromegasSettings, stored: StoredSecrets): AuthType {
  if (settings.authMethodChosen === true && settings.selectedAuthType !== undefined) {
    return settings.selectedAuthType;
  }
  const hasOAuth = Boolean(settings.oauthIssuer && settings.oauthClientId && hasClientAuthentication(settings, stored));
  const hasToken = Boolean(stored.token || settings.token);
  switch (settings.selectedAuthType) {
    case 'oauth2':
      return !hasOAuth && hasToken && !settings.oauthIssuer && settings.oauthPassThru !== true ? 'token' : 'oauth2';
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
