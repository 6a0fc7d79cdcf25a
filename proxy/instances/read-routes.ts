/** The ways to the server and to the identity provider: addresses, TLS, and proxies in between. */
import { hostProblem, proxyUrlProblem } from '../../contract/settings-problems';
import { Secret } from '../logging/secret';
import {
  type HttpProxy,
  type ProviderRoute,
  type ServerRoute,
  type SocksProxy,
  type TlsSettings,
} from '../network/routes';
import { tlsProblems } from '../network/tls-problems';
import { type Findings } from './findings';
import { type SavedFields } from './saved-fields';
import { type SecretFields } from './secret-fields';

/** What is saved for the TLS of one of the two connections. */
interface SavedTls {
  /** Behind the labels of the fields. */
  suffix: string;
  /** Who shows the certificate, in a sentence. */
  peer: string;
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
    suffix: '',
    peer: 'server',
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
    suffix: ' (identity provider)',
    peer: 'identity provider',
    skipVerify: saved.oauthTlsSkipVerify ?? false,
    withCa: saved.oauthTlsAuthWithCACert ?? false,
    withClientCertificate: saved.oauthTlsAuth ?? false,
    serverName: saved.oauthServerName,
    ca: secrets.pem('oauthTlsCACert'),
    clientCertificate: secrets.pem('oauthTlsClientCert'),
    clientKey: secrets.pem('oauthTlsClientKey'),
  };
}

/** What is stored counts only while its switch is on. */
function readTls(saved: SavedTls, findings: Findings): TlsSettings {
  const { suffix, peer, skipVerify, withCa, withClientCertificate, serverName } = saved;
  const required = (label: string, text: string, advice: string) =>
    findings.check(`${label}${suffix}`, text === '' ? advice : undefined);
  if (withCa) {
    required('CA Certificate', saved.ca, 'Paste the certificate of the authority (PEM).');
  }
  if (withClientCertificate) {
    required('Client Certificate', saved.clientCertificate, 'Paste the client certificate (PEM).');
    required('Client Key', saved.clientKey, 'Paste the private key of the client certificate (PEM).');
  }
  if (skipVerify) {
    findings.doubt(
      `Skip TLS verification${suffix}`,
      `The certificate of the ${peer} is not checked, so whoever can answer in its place receives the credentials. Enter a CA certificate instead.`
    );
  }
  return {
    skipVerify,
    ...(withCa && saved.ca !== '' && { ca: saved.ca }),
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
  for (const sentence of tlsProblems(tls)) {
    const [label = '', ...problem] = sentence.split(': ');
    findings.check(`${label}${saved.suffix}`, problem.join(': '));
  }
  return tls;
}

export function readServerRoute(
  saved: SavedFields,
  secrets: SecretFields,
  socks: SocksProxy | undefined,
  findings: Findings
): ServerRoute {
  findings.check('Host', hostProblem(saved.host));
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
  findings.check('HTTP proxy', problem);
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

/** The way to a provider that is not asked for anything. */
export const UNUSED_PROVIDER_ROUTE: ProviderRoute = { tls: { skipVerify: false } };

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
      findings.doubt('HTTP proxy', 'It is not used while the secure SOCKS proxy is on.');
    }
    return { tls, socks };
  }
  return { tls, ...(httpProxy && { httpProxy }) };
}
