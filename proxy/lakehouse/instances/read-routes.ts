/** Routes to the server and to the identity provider: addresses, TLS, and HTTP or SOCKS proxies in between. */
import { type FieldName } from '../../../contract/settings/field-labels';
import { message, type PlainCode } from '../../../contract/messages/message';
import { hostProblem, proxyUrlProblem } from '../../../contract/problems/settings-problems';
import { isLoopback } from '../../../contract/settings/host';
import { urlOf } from '../../../contract/settings/providers';
import { Secret } from '../../observe/logging/secret';
import {
  type HttpProxy,
  type ProviderRoute,
  type ServerRoute,
  type SocksProxy,
  type TlsSettings,
} from '../network/routes';
import { type TlsProblem, tlsProblems } from '../network/tls-problems';
import { type Findings } from './findings';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/** Saved TLS settings of one of the two connections: to the server or to the identity provider. */
interface SavedTls {
  /** The names of the fields that show these settings. */
  fields: Readonly<Record<TlsProblem['field'] | 'skipVerify', FieldName>>;
  unverified: PlainCode;
  skipVerify: boolean;
  withCa: boolean;
  withClientCertificate: boolean;
  serverName: string;
  ca: string;
  clientCertificate: string;
  clientKey: string;
}

function serverTls(saved: SavedFields, secrets: SecretFields): SavedTls {
  return {
    fields: {
      skipVerify: 'tlsSkipVerify',
      ca: 'tlsCACert',
      clientCertificate: 'tlsClientCert',
      clientKey: 'tlsClientKey',
      serverName: 'serverName',
    },
    unverified: 'server-unverified',
    skipVerify: saved.tlsSkipVerify ?? false,
    withCa: saved.tlsAuthWithCACert ?? false,
    withClientCertificate: saved.tlsAuth ?? false,
    serverName: saved.serverName,
    ca: secrets.pem('tlsCACert'),
    clientCertificate: secrets.pem('tlsClientCert'),
    clientKey: secrets.pem('tlsClientKey'),
  };
}

function providerTls(saved: SavedFields, secrets: SecretFields): SavedTls {
  return {
    fields: {
      skipVerify: 'oauthTlsSkipVerify',
      ca: 'oauthTlsCACert',
      clientCertificate: 'oauthTlsClientCert',
      clientKey: 'oauthTlsClientKey',
      serverName: 'oauthServerName',
    },
    unverified: 'provider-unverified',
    skipVerify: saved.oauthTlsSkipVerify ?? false,
    withCa: saved.oauthTlsAuthWithCACert ?? false,
    withClientCertificate: saved.oauthTlsAuth ?? false,
    serverName: saved.oauthServerName,
    ca: secrets.pem('oauthTlsCACert'),
    clientCertificate: secrets.pem('oauthTlsClientCert'),
    clientKey: secrets.pem('oauthTlsClientKey'),
  };
}

/** A stored certificate or key is used only while its switch is on. */
function readTls(saved: SavedTls, findings: Findings): TlsSettings {
  const { fields, unverified, skipVerify, withCa, withClientCertificate, serverName } = saved;
  const required = (field: FieldName, value: string, missing: PlainCode) =>
    findings.check(field, value === '' ? message(missing) : undefined);
  if (withCa) {
    required(fields.ca, saved.ca, 'ca-missing');
  }
  if (withClientCertificate) {
    required(fields.clientCertificate, saved.clientCertificate, 'client-certificate-missing');
    required(fields.clientKey, saved.clientKey, 'client-key-missing');
  }
  if (skipVerify) {
    findings.warn(fields.skipVerify, message(unverified));
  }
  return {
    skipVerify,
    ...(withCa && saved.ca !== '' && { ca: saved.ca }),
    ...(!withCa && saved.ca !== '' && { hasUnusedCa: true }),
    ...(withClientCertificate &&
      saved.clientCertificate !== '' &&
      saved.clientKey !== '' && {
        clientCertificate: saved.clientCertificate,
        clientKey: new Secret(saved.clientKey),
      }),
    ...(serverName !== '' && { serverName }),
  };
}

function checkedTls(saved: SavedTls, findings: Findings): TlsSettings {
  const tls = readTls(saved, findings);
  for (const { field, problem } of tlsProblems(tls)) {
    findings.check(saved.fields[field], problem);
  }
  return tls;
}

/**
 * The route to the server. Adds problems of host and TLS to `findings`. If the host is invalid, the route is not
 * usable.
 */
export function readServerRoute(
  saved: SavedFields,
  secrets: SecretFields,
  socks: SocksProxy | undefined,
  findings: Findings
): ServerRoute {
  findings.check('host', hostProblem(saved.host));
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(saved.host);
  return {
    host: match?.[1] ?? match?.[2] ?? '',
    port: Number(match?.[3] ?? 0),
    ...(saved.secure === true && { tls: checkedTls(serverTls(saved, secrets), findings) }),
    ...(socks && { socks }),
  };
}

function readHttpProxy(saved: SavedFields, secrets: SecretFields, findings: Findings): HttpProxy | undefined {
  const problem = proxyUrlProblem(saved.oauthProxyUrl);
  findings.check('oauthProxyUrl', problem);
  if (saved.oauthProxyUrl === '' || problem !== undefined) {
    return undefined;
  }
  const password = secrets.password('oauthProxyPassword');
  return {
    url: new URL(saved.oauthProxyUrl).origin,
    ...(saved.oauthProxyUser !== '' && { user: saved.oauthProxyUser }),
    ...(password && { password }),
  };
}

/** The route of a data source without a service account. Nothing is sent over it. */
export const UNUSED_PROVIDER_ROUTE: ProviderRoute = { tls: { skipVerify: false } };

/**
 * The route to the identity provider. Adds problems to `findings`. With `socks`, the HTTP proxy in the settings is not
 * used, and causes a warning.
 */
export function readProviderRoute(
  saved: SavedFields,
  secrets: SecretFields,
  socks: SocksProxy | undefined,
  findings: Findings
): ProviderRoute {
  const tls = checkedTls(providerTls(saved, secrets), findings);
  const httpProxy = readHttpProxy(saved, secrets, findings);
  if (socks !== undefined) {
    if (httpProxy !== undefined) {
      findings.warn('oauthProxyUrl', message('proxy-unused-with-socks'));
    }
    return { tls, socks };
  }
  if (httpProxy !== undefined && isLoopback(urlOf(saved.oauthIssuer)?.hostname ?? '')) {
    findings.warn('oauthProxyUrl', message('proxy-unused-for-loopback'));
  }
  return { tls, ...(httpProxy && { httpProxy }) };
}
