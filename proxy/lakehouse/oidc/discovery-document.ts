/**
 * Reads discovery documents. Detects the provider's product, and a wrong protocol, host or port in the issuer, as an
 * HTTP proxy in front of the provider may cause it.
 */
import { isIP } from 'node:net';
import { bareHost, isLoopback } from '../../../contract/settings/host';
import { message, type Message } from '../../../contract/messages/message';
import { recogniseProvider } from '../../../contract/settings/providers';
import { type ProviderProduct } from './token-source';

function pathOf(url: unknown): string {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).pathname : '';
}

/**
 * The product, if the document identifies one. Ory Hydra is identified by its logout endpoint, or by the fields of two
 * drafts that no other provider supports (seen in Hydra 2.3.0).
 */
export function productOf(document: Readonly<Record<string, unknown>>): ProviderProduct | undefined {
  const isHydra =
    pathOf(document.end_session_endpoint).endsWith('/oauth2/sessions/logout') ||
    'credentials_endpoint_draft_00' in document ||
    'credentials_supported_draft_00' in document;
  return isHydra ? 'hydra' : undefined;
}

/**
 * True when the issuers have the same host, but the provider's own issuer has http: in place of https:. The provider
 * does not know that an HTTP proxy in front of it terminates TLS. The settings cannot use the http: issuer, because the
 * secret would cross the network in plaintext.
 */
export function isBehindTls(expected: string, found: string): boolean {
  if (!URL.canParse(expected) || !URL.canParse(found)) {
    return false;
  }
  const [wanted, named] = [new URL(expected), new URL(found)];
  return wanted.protocol === 'https:' && named.protocol === 'http:' && wanted.hostname === named.hostname;
}

/** True for an IP address, and for a name outside of public domains, such as `keycloak` or `idp.internal`. */
function isInner(host: string): boolean {
  const name = bareHost(host);
  return isLoopback(name) || isIP(name) !== 0 || !name.includes('.') || /\.(?:local|internal|svc|lan)$/.test(name);
}

/**
 * True when the issuers differ at most by the port, or by an internal host in place of the public one. The cause is
 * probably an HTTP proxy in front of the provider: it forwards the protocol, but not the public host and port.
 */
export function isBehindHost(expected: string, found: string): boolean {
  if (!URL.canParse(expected) || !URL.canParse(found)) {
    return false;
  }
  const [wanted, named] = [new URL(expected), new URL(found)];
  const isSameHost = wanted.hostname === named.hostname;
  return (
    wanted.protocol === named.protocol &&
    wanted.pathname === named.pathname &&
    (isSameHost || (isInner(named.hostname) && !isInner(wanted.hostname)))
  );
}

/**
 * Advice to make the provider use the address and the protocol of the HTTP proxy in front of it.
 *
 * @param issuer From the settings.
 * @param document The discovery document.
 */
export function forwardedHeadersAdvice(issuer: string, document: Readonly<Record<string, unknown>>): Message[] {
  if (recogniseProvider(issuer) === 'keycloak') {
    return [message('forwarded-headers-keycloak', { origin: new URL(issuer).origin })];
  }
  if (productOf(document) === 'hydra') {
    return [message('forwarded-headers-hydra', { issuer })];
  }
  return [message('forwarded-headers')];
}
