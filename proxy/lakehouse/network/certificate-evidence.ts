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

export type TlsProblem =
  `tls-${'other-name' | 'expired' | 'not-yet-valid' | 'authority-unknown' | 'without-http1' | 'not-spoken' | 'failed'}`;

/** The first pattern that matches the code of Node or OpenSSL is used. */
const TLS_PROBLEMS: ReadonlyArray<readonly [pattern: RegExp, problem: TlsProblem]> = [
  [/ALTNAME|HOSTNAME_MISMATCH/, 'tls-other-name'],
  [/HAS_EXPIRED/, 'tls-expired'],
  [/NOT_YET_VALID/, 'tls-not-yet-valid'],
  [/SELF_SIGNED|UNABLE_TO_|UNTRUSTED/, 'tls-authority-unknown'],
  [/NO_APPLICATION_PROTOCOL/, 'tls-without-http1'],
  [/WRONG_VERSION|EPROTO|PACKET_LENGTH|UNSUPPORTED_PROTOCOL|HTTP_REQUEST/, 'tls-not-spoken'],
];

/** What happened in a TLS handshake. Node's own messages contain advice that does not apply to a plugin. */
export function tlsProblemOf(code: string): TlsProblem {
  const [, problem = 'tls-failed'] = TLS_PROBLEMS.find(([pattern]) => pattern.test(code)) ?? [];
  return problem;
}

/**
 * Who issued the certificate, and its names if they are the problem.
 *
 * @param expected The name that the certificate must have.
 */
export function certificateEvidence(
  { certificate }: CertificateError,
  problem: TlsProblem,
  expected: string
): Message[] {
  const { subject, issuer, hosts } = certificate;
  return [
    message('certificate-presented', { subject: shown(subject), issuer: shown(issuer) }),
    ...(problem === 'tls-other-name' && hosts !== ''
      ? [message('certificate-names', { expected, names: shown(hosts) })]
      : []),
  ];
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
