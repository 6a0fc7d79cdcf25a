/**
 * A provider behind a proxy that terminates TLS, and that was not told so, calls itself by an http address. The settings
 * cannot name that address: the secret would cross the network in plain text. The provider must learn its real one.
 */
import { recogniseProvider } from '../../contract/providers';
import { productOf } from './provider-product';

/** True when the two addresses differ by scheme, and the host is the same. A port may have come or gone with TLS. */
export function isBehindTls(expected: string, found: string): boolean {
  if (!URL.canParse(expected) || !URL.canParse(found)) {
    return false;
  }
  const [wanted, named] = [new URL(expected), new URL(found)];
  return wanted.protocol === 'https:' && named.protocol === 'http:' && wanted.hostname === named.hostname;
}

const GENERIC =
  'Make the proxy send X-Forwarded-Proto: https and X-Forwarded-Host, and make the provider trust them, or set its public address there.';

/** @param issuer As the settings name it. @param document The discovery document. */
export function forwardedHeadersAdvice(issuer: string, document: Readonly<Record<string, unknown>>): string {
  if (recogniseProvider(issuer) === 'keycloak') {
    const { origin } = new URL(issuer);
    return `Start Keycloak with --proxy-headers xforwarded, or with --hostname ${origin}, and make the proxy send X-Forwarded-Proto and X-Forwarded-Host. Leave OIDC Issuer as it is.`;
  }
  if (productOf(document) === 'hydra') {
    return `Set urls.self.issuer of Hydra to ${issuer}. Leave OIDC Issuer as it is.`;
  }
  return `${GENERIC} Leave OIDC Issuer as it is.`;
}
