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
import { type AcceptedTokens } from '../../lakehouse/instances/accepted-tokens';
import { duration } from '../../lakehouse/oidc/token-rules';
import { type KeyFinding } from '../../lakehouse/oidc/token-source';

/** The observations of the backend about a rejected token. */
export interface RejectionSigns {
  issuer: string;
  audiences: readonly string[];
  keyId: string | undefined;
  /** The entry for MICROMEGAS_OIDC_CONFIG. Undefined if several audiences are possible. */
  entry: string | undefined;
  key: KeyFinding['status'] | undefined;
  serverHost: string;
  /**
   * True if the settings contain a certificate authority for the provider, or disable the verification of its
   * certificate.
   */
  hasOwnAuthority: boolean;
  /** True if the backend reaches the provider through a proxy. */
  usesProxy: boolean;
  /** True if the response contains the server's time, and the token has not expired according to that time. */
  isCurrentOnServer: boolean;
  /** The most similar token that the server has accepted. */
  accepted: ReturnType<AcceptedTokens['like']>;
  /** The headers of the response that name a proxy or gateway in front of the server. Micromegas sends none. */
  sender: readonly string[];
}

/**
 * The evidence for a cause, the strongest first: observed by the backend, likely because of an observation, the usual
 * cause, not excluded, or unlikely because of an observation.
 */
const EVIDENCE = ['observed', 'likely', 'usual', 'possible', 'unlikely'] as const;

/** A possible cause, and how strong its evidence is. */
export interface RejectionCause {
  readonly evidence: (typeof EVIDENCE)[number];
  readonly message: Message;
  /** Additional advice. */
  readonly advice?: Message;
}

/** The lines that the server writes to its log for each cause, see `serverLog`. */
const LOG = {
  configuration: ['Unknown issuer', 'Token audience mismatch'],
  access: ['Failed to fetch JWKS'],
  keys: ['not found in JWKS'],
  authorization: ['missing bearer token'],
} as const;

function serverLog(cause: keyof typeof LOG): { log: string[] } {
  return { log: LOG[cause].map((line) => `"${line}"`) };
}

function configuration({ entry, issuer, audiences, accepted }: RejectionSigns): RejectionCause {
  const log = serverLog('configuration');
  const advice = message('restart-server');
  if (accepted?.isSameAudience === true) {
    const ago = duration(accepted.agoMs);
    return { evidence: 'unlikely', message: message('cause-configuration-changed', { ago, ...log }), advice };
  }
  if (accepted !== undefined) {
    const known = { ago: duration(accepted.agoMs), known: accepted.audience };
    return { evidence: 'observed', message: message('cause-audience-other', { ...known, audiences, ...log }), advice };
  }
  const reason =
    entry === undefined
      ? message('cause-configuration-several', { issuer, audiences, ...log })
      : message('cause-configuration', { entry, ...log });
  return { evidence: 'usual', message: reason, advice };
}

/** The URL that the server reads to verify tokens of an issuer. */
export function discoveryUrlOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** The server cannot reach the issuer, or does not trust its certificate. */
function access({ issuer, hasOwnAuthority, usesProxy, serverHost, accepted }: RejectionSigns): RejectionCause {
  const url = discoveryUrlOf(issuer);
  // For the server, a loopback address means the server's own machine, so the server cannot reach an issuer with a
  // loopback address.
  const isLocal = isLoopback(urlOf(issuer)?.hostname ?? '') && !isLoopback(serverHost);
  const special = isLocal ? 'loopback' : hasOwnAuthority ? 'authority' : usesProxy ? 'proxy' : undefined;
  const code = special === undefined ? 'cause-issuer-access' : (`cause-issuer-access-${special}` as const);
  // The server has read the keys of an issuer whose token it accepted. It reads them again each hour.
  const isRead = accepted !== undefined;
  return {
    evidence: isRead ? 'possible' : isLocal ? 'observed' : special === undefined ? 'possible' : 'usual',
    message: message(code, { url, ...serverLog('access') }),
  };
}

function keys({ key, keyId, accepted }: RejectionSigns): RejectionCause {
  const log = serverLog('keys');
  if (key === 'unknown') {
    return { evidence: 'observed', message: message('cause-key-unlisted', log) };
  }
  const isNew = accepted?.keyId !== undefined && keyId !== undefined && accepted.keyId !== keyId;
  return isNew
    ? { evidence: 'likely', message: message('cause-key-new', { ago: duration(accepted.agoMs), ...log }) }
    : { evidence: 'possible', message: message('cause-old-keys', log) };
}

/** A proxy or gateway in front of the server removes the token, or replaces it with one of its own. */
export function authorization({ sender }: Pick<RejectionSigns, 'sender'>): RejectionCause {
  const log = serverLog('authorization');
  return sender.length === 0
    ? { evidence: 'possible', message: message('cause-authorization', log) }
    : { evidence: 'usual', message: message('cause-authorization-sender', { sender, ...log }) };
}

function serverClock({ isCurrentOnServer }: RejectionSigns): RejectionCause[] {
  return isCurrentOnServer ? [] : [{ evidence: 'possible', message: message('cause-server-clock') }];
}

/** The possible causes, the strongest evidence first. */
export function rejectionCauses(signs: RejectionSigns): RejectionCause[] {
  const rank = ({ evidence }: RejectionCause) => EVIDENCE.indexOf(evidence);
  const causes = [configuration(signs), access(signs), authorization(signs), ...serverClock(signs), keys(signs)];
  return causes.sort((one, other) => rank(one) - rank(other));
}
