/**
 * The possible causes for the rejection of a token that breaks no rule of Micromegas, sorted by evidence.
 *
 * Source: Micromegas `rust/auth/src/oidc.rs`. The server discovers the issuer on first use, compares every character of
 * issuer and audience, allows no leeway for `exp`, and caches the keys of a provider for an hour. Its log names the
 * cause.
 */
import { isLoopback } from '../../../contract/settings/host';
import { message, type Message } from '../../../contract/messages/message';
import { urlOf } from '../../../contract/settings/providers';
import { type KeyFinding } from '../../lakehouse/oidc/token-source';

/** The observations of the backend about a rejected token. */
export interface RejectionSigns {
  issuer: string;
  audiences: readonly string[];
  /** The entry for MICROMEGAS_OIDC_CONFIG. Undefined if several audiences are possible. */
  entry: string | undefined;
  key: KeyFinding['status'] | undefined;
  serverHost: string;
  /**
   * True if the settings contain a certificate authority for the provider, or disable the verification of its
   * certificate.
   */
  hasOwnAuthority: boolean;
  /** True if the response contains the server's time, and the token has not expired according to that time. */
  isCurrentOnServer: boolean;
}

/** The evidence for a cause, the strongest first: observed by the backend, the usual cause, or not excluded. */
const EVIDENCE = ['observed', 'usual', 'possible'] as const;

/** A possible cause, and how strong its evidence is. */
export interface RejectionCause {
  readonly evidence: (typeof EVIDENCE)[number];
  readonly message: Message;
  /** Additional advice. */
  readonly advice?: Message;
  /** The lines that the server writes to its log for this cause. */
  readonly logLines: readonly string[];
}

function configuration({ entry, issuer, audiences }: RejectionSigns): RejectionCause {
  const reason =
    entry === undefined
      ? message('cause-configuration-several', { issuer, audiences })
      : message('cause-configuration', { entry });
  return {
    evidence: 'usual',
    message: reason,
    advice: message('restart-server'),
    logLines: ['Unknown issuer', 'Token audience mismatch'],
  };
}

/** The server cannot reach the issuer, or does not trust its certificate. */
function access({ issuer, hasOwnAuthority, serverHost }: RejectionSigns): RejectionCause {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  // For the server, a loopback address means the server's own machine, so the server cannot reach an issuer with a
  // loopback address.
  const isLocal = isLoopback(urlOf(issuer)?.hostname ?? '') && !isLoopback(serverHost);
  const code = hasOwnAuthority ? 'cause-issuer-access-authority' : 'cause-issuer-access';
  return {
    evidence: isLocal ? 'observed' : 'possible',
    message: message(isLocal ? 'cause-issuer-access-loopback' : code, { url }),
    logLines: ['Failed to fetch JWKS'],
  };
}

function keys({ key }: RejectionSigns): RejectionCause {
  const isUnlisted = key === 'unknown';
  return {
    evidence: isUnlisted ? 'observed' : 'possible',
    message: message(isUnlisted ? 'cause-key-unlisted' : 'cause-old-keys'),
    logLines: ['not found in JWKS'],
  };
}

function serverClock({ isCurrentOnServer }: RejectionSigns): RejectionCause[] {
  return isCurrentOnServer ? [] : [{ evidence: 'possible', message: message('cause-server-clock'), logLines: [] }];
}

/** The possible causes, the strongest evidence first. */
export function rejectionCauses(signs: RejectionSigns): RejectionCause[] {
  const rank = ({ evidence }: RejectionCause) => EVIDENCE.indexOf(evidence);
  const causes = [configuration(signs), access(signs), ...serverClock(signs), keys(signs)];
  return causes.sort((one, other) => rank(one) - rank(other));
}
