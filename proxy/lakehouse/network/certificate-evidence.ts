/** Messages about a certificate that is not trusted: who issued it, and which setting is the likely remedy. */
import { message, type Message } from '../../../contract/messages/message';
import { foreignLine } from '../../base/errors/foreign-string';
import { type CertificateError } from './connect';

const MAX_NAME_CHARACTERS = 100;
const shown = (name: string) => (name === '' ? '?' : foreignLine(name, MAX_NAME_CHARACTERS));

/** Names that TLS-inspecting proxies and firewalls write into the issuer of their certificates. */
const INSPECTORS =
  /zscaler|netskope|forti(?:net|gate)|palo alto|blue ?coat|umbrella|mitmproxy|squid|sophos|check ?point|forcepoint|skyhigh|mcafee|barracuda|watchguard|sonicwall|kaspersky|portswigger|charles proxy|fiddler|cato networks|inspection|proxy|firewall/i;

/** The settings and the observations that determine the advice. */
export interface AuthorityFacts {
  readonly host: string;
  /** True if a public authority always signs the certificate of this host, for example that of Entra ID. */
  readonly isPublic?: boolean;
  /** True if the settings contain a certificate authority that is used. */
  readonly hasAuthority: boolean;
  /** True if the settings contain a certificate authority, but its switch is off. */
  readonly hasUnusedAuthority: boolean;
  readonly fields: 'provider' | 'server';
}

export function certificateEvidence({ certificate }: CertificateError): Message {
  const { subject, issuer } = certificate;
  return message('certificate-presented', { subject: shown(subject), issuer: shown(issuer) });
}

/** One or two sentences of advice for a certificate whose authority is unknown. */
export function authorityAdvice({ certificate }: CertificateError, facts: AuthorityFacts): Message[] {
  const { host, isPublic = false, hasAuthority, hasUnusedAuthority, fields } = facts;
  const issuer = shown(certificate.issuer);
  if (hasUnusedAuthority) {
    return [message(`authority-off-${fields}`)];
  }
  const between = message(`authority-between-${fields}`, { address: host, issuer });
  const missing = message(`authority-${hasAuthority ? 'other' : 'missing'}-${fields}`, { address: host, issuer });
  return isPublic ? [between] : INSPECTORS.test(issuer) ? [between, missing] : [missing, between];
}
