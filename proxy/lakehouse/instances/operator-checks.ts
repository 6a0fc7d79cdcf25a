/** Checks settings against the operator's limits before any connection is opened. */
import { fieldLabels } from '../../../contract/settings/field-labels';
import { addressOf, formatAddress, isLoopback } from '../../../contract/settings/host';
import { ProxyError } from '../../base/errors/proxy-error';
import { type SettingsEntry } from '../flight-sql/call-metadata';
import { Secret } from '../../observe/logging/secret';
import { providerKind } from '../oidc/provider-rules';
import { type ProviderRoute, type ServerRoute } from '../network/routes';
import { type OperatorPolicy } from '../operator/operator-policy';
import { type DataSourceAuth } from './read-auth';

/** The settings that the operator can limit. */
export interface GuardedSettings {
  readonly server: ServerRoute;
  readonly providerRoute: ProviderRoute;
  readonly auth: DataSourceAuth;
  readonly metadata: readonly SettingsEntry[];
}

/** @throws {ProxyError} `host_not_allowed`. */
function checkHost(label: string, host: string, port: number, policy: OperatorPolicy): void {
  if (!policy.allowsHost(host, port)) {
    throw new ProxyError('host_not_allowed', { detail: `${label}: ${formatAddress(host, port)}.` });
  }
}

function checkUrl(label: string, address: string, policy: OperatorPolicy): void {
  const { host, port } = addressOf(new URL(address));
  checkHost(label, host, port, policy);
}

/** True when a credential is sent to the server. */
function hasCredential({ auth, metadata }: GuardedSettings): boolean {
  return auth.kind !== 'none' || metadata.some(([name, value]) => value instanceof Secret || name === 'authorization');
}

/**
 * Does nothing if the operator allows the settings.
 *
 * @throws {ProxyError} `restriction_mistyped`, `host_not_allowed`, `plaintext_refused`.
 */
export function checkOperatorPolicy(settings: GuardedSettings, policy: OperatorPolicy): void {
  const { server, auth, providerRoute } = settings;
  policy.checkKeys();
  checkHost('Host', server.host, server.port, policy);
  if (auth.kind === 'oauth2' && auth.credentials !== undefined) {
    const { oauthIssuer } = fieldLabels(providerKind(auth.credentials));
    checkUrl(oauthIssuer, auth.credentials.issuer, policy);
    if (providerRoute.httpProxy !== undefined) {
      checkUrl('HTTP proxy', providerRoute.httpProxy.url, policy);
    }
  }
  // With a SOCKS proxy, a loopback address means the machine on which the SOCKS proxy runs.
  const isOnThisMachine = server.socks === undefined && isLoopback(server.host);
  if (policy.rejectsPlaintextTokens && server.tls === undefined && !isOnThisMachine && hasCredential(settings)) {
    throw new ProxyError('plaintext_refused', { detail: `The data source connects to ${server.host} without TLS.` });
  }
}
