/**
 * What an admin saves for one data source: `jsonData` (readable by the browser) and `secureJsonData` (write-only there).
 *
 * The field names are those of the Go plugin that this one replaces, so that its saves open unchanged. Nothing here is
 * trusted: provisioning files and old versions put other types into these fields, and `proxy/instances` validates them.
 */

/** Values of `selectedAuthType`. `username/password` occurs in old saves only: Micromegas has no such sign-in. */
export type AuthType = 'none' | 'token' | 'oauth2' | 'username/password';

/** `jsonData` of a data source. Every field may be missing. */
export interface MicromegasSettings {
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
  /** Missing means true. */
  enableUserAttribution?: boolean;
  /** Extra gRPC metadata, one single-entry object per header. `{"": ""}` stands for nothing. */
  metadata?: Array<Record<string, string>>;
  /** Seconds that a query may take. Missing: `DEFAULT_QUERY_TIMEOUT_SECONDS`. */
  queryTimeoutSeconds?: number;
  /** Rows that an answer may have before it is cut with a notice. Missing: `DEFAULT_MAX_ROWS`. */
  maxRows?: number;
  /** Very old saves hold the API key here, in plain text. Read, never written. */
  token?: string;
}

/** `secureJsonData` of a data source: stored encrypted by Grafana, readable by the proxy only. */
export interface MicromegasSecrets {
  token?: string;
  password?: string;
  oauthClientSecret?: string;
}

export const DEFAULT_QUERY_TIMEOUT_SECONDS = 60;
export const MAX_QUERY_TIMEOUT_SECONDS = 3600;
export const DEFAULT_MAX_ROWS = 1_000_000;

/** Which secrets are stored. The browser knows this from `secureJsonFields`, the proxy from the secrets themselves. */
export type StoredSecrets = Readonly<Partial<Record<keyof MicromegasSecrets, boolean>>>;

/**
 * How a data source signs in.
 *
 * A saved `selectedAuthType` of `token` or `oauth2` is believed when its fields are there. Otherwise what is filled in
 * decides, as the older plugin did it: it used OAuth whenever issuer, client id and secret were stored, then a token
 * whenever one was stored, whatever its select showed.
 */
export function effectiveAuthType(settings: MicromegasSettings, stored: StoredSecrets): AuthType {
  const hasOAuth = Boolean(settings.oauthIssuer && settings.oauthClientId && stored.oauthClientSecret);
  const hasToken = Boolean(stored.token || settings.token);
  switch (settings.selectedAuthType) {
    case 'oauth2':
      return !hasOAuth && hasToken && !settings.oauthIssuer ? 'token' : 'oauth2';
    case 'token':
      return !hasToken && hasOAuth ? 'oauth2' : 'token';
    case 'none':
      return 'none';
    case 'username/password':
      return hasOAuth ? 'oauth2' : hasToken ? 'token' : 'username/password';
    default:
      return hasOAuth ? 'oauth2' : hasToken ? 'token' : settings.username ? 'username/password' : 'none';
  }
}
