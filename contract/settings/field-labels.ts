/**
 * The labels of the settings page. A message contains the name of a setting, for example `oauthIssuer`. The renderer
 * replaces the name with the label. The settings forms of some identity providers use the labels of the provider's
 * administration pages instead.
 */
import { type RecognisedProvider } from './providers';

const LABELS = {
  host: 'Host',
  secure: 'TLS',
  selectedAuthType: 'Auth Method',
  token: 'API Key',
  oauthProvider: 'Provider',
  oauthIssuer: 'OIDC Issuer',
  // The part of the issuer that names the realm of Keycloak. It is not a separate setting.
  oauthRealm: 'OIDC Issuer',
  oauthClientId: 'Client ID',
  oauthAudience: 'Audience',
  oauthScope: 'Scope',
  oauthClientProof: 'Client authentication',
  oauthClientSecret: 'Client Secret',
  oauthPrivateKey: 'Private Key',
  oauthKeyId: 'Key ID',
  oauthCertificate: 'Certificate',
  oauthSecretFile: 'Secret file',
  oauthAssertionFile: 'Assertion file',
  oauthSigningAlgorithm: 'Signing algorithm',
  oauthSecretStyle: 'Secret style',
  oauthEndpointHosts: 'Endpoint hosts',
  oauthParameters: 'Additional token parameters',
  oauthPassThru: "Forward the user's OAuth identity",
  oauthForwardedToken: 'Forwarded token',
  oauthProxyUrl: 'HTTP proxy',
  tlsSkipVerify: 'Skip TLS verification',
  tlsCACert: 'CA Certificate',
  tlsClientCert: 'Client Certificate',
  tlsClientKey: 'Client Key',
  serverName: 'Server Name',
  oauthTlsSkipVerify: 'Skip TLS verification (identity provider)',
  oauthTlsCACert: 'CA Certificate (identity provider)',
  oauthTlsClientCert: 'Client Certificate (identity provider)',
  oauthTlsClientKey: 'Client Key (identity provider)',
  oauthServerName: 'Server Name (identity provider)',
  enableSecureSocksProxy: 'Secure Socks Proxy',
  metadata: 'Metadata',
  queryTimeoutSeconds: 'Query timeout',
  maxRows: 'Row limit',
  maxAnswerMegabytes: 'Size limit',
  maxStatements: 'Open statements',
  maxRangeHours: 'Longest range',
  resultAgeSeconds: 'Result age',
  shareResults: 'Shared results',
  incrementalRefreshMinutes: 'Incremental refresh',
  sourceUrl: 'Source URL',
  freshnessNotices: 'Freshness notices',
} as const;

/** The name of a setting with a label. `oauthParameters` and `metadata` stand for lists, which have one label each. */
export type FieldName = keyof typeof LABELS;

export type FieldLabels = Readonly<Record<FieldName, string>>;

const PROVIDER_LABELS: Readonly<Partial<Record<RecognisedProvider, Partial<FieldLabels>>>> = {
  auth0: { oauthIssuer: 'Domain', oauthAudience: 'Audience (API Identifier)' },
  entra: { oauthIssuer: 'Directory (tenant) ID', oauthScope: 'Application ID URI' },
  google: { oauthAudience: 'Target audience', oauthClientSecret: 'Service account key (JSON)' },
  keycloak: { oauthIssuer: 'Server URL', oauthRealm: 'Realm' },
};

/** The labels of a provider's settings form. Default: the form for the provider `other`. */
export function fieldLabels(provider: RecognisedProvider = 'other'): FieldLabels {
  return { ...LABELS, ...PROVIDER_LABELS[provider] };
}

/** True for the name of a setting that has a label. */
export function isFieldName(name: string): name is FieldName {
  return Object.prototype.hasOwnProperty.call(LABELS, name);
}
