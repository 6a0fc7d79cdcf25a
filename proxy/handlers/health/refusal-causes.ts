/**
 * Why a server may refuse a token that looks right from here. Micromegas says "invalid token" to all of them, so the
 * causes are listed by likelihood, and what can be seen from here moves one to the front or leaves one out.
 *
 * Source: Micromegas `rust/auth/src/oidc.rs`. It discovers the issuer itself on first use, compares issuer and audience to
 * the character, allows no leeway for `exp`, and keeps the keys of a provider for an hour.
 */
import { isLoopback } from '../../../contract/host';
import { urlOf } from '../../../contract/providers';
import { type KeyFinding } from '../../oidc/token-source';

export type RefusalCause =
  /** The provider does not publish the key that signed the token. */
  | { readonly kind: 'key-unlisted' }
  /** @param config The value of MICROMEGAS_OIDC_CONFIG; undefined when several audiences may be meant. */
  | {
      readonly kind: 'configuration';
      readonly issuer: string;
      readonly audiences: readonly string[];
      readonly config: string | undefined;
    }
  /** The server cannot reach the issuer, or does not trust its certificate. */
  | { readonly kind: 'issuer-access'; readonly issuer: string; readonly sign: 'loopback' | 'own-authority' | undefined }
  | { readonly kind: 'server-clock' }
  /** The server still has the keys from before a change. */
  | { readonly kind: 'old-keys' };

/** What can be seen from here. */
export interface RefusalSigns {
  /** Of the token. */
  issuer: string;
  audiences: readonly string[];
  config: string | undefined;
  key: KeyFinding['status'] | undefined;
  serverHost: string;
  /** The data source trusts the provider by a certificate authority from the settings, or does not verify it. */
  hasOwnAuthority: boolean;
  /** The answer carried the server's time, and the token has not ended by it. */
  isServerTimeRight: boolean;
}

/** In the order of likelihood. */
export function refusalCauses(signs: RefusalSigns): RefusalCause[] {
  const { issuer, audiences, config, key, serverHost, hasOwnAuthority, isServerTimeRight } = signs;
  const isLocal = isLoopback(urlOf(issuer)?.hostname ?? '') && !isLoopback(serverHost);
  const access: RefusalCause = {
    kind: 'issuer-access',
    issuer,
    sign: isLocal ? 'loopback' : hasOwnAuthority ? 'own-authority' : undefined,
  };
  return [
    ...(key === 'unknown' ? [{ kind: 'key-unlisted' } as const] : []),
    // Loopback on the server's machine is another place: such an issuer cannot work there.
    ...(isLocal ? [access] : []),
    { kind: 'configuration', issuer, audiences, config },
    ...(isLocal ? [] : [access]),
    ...(isServerTimeRight ? [] : [{ kind: 'server-clock' } as const]),
    ...(key === 'unknown' ? [] : [{ kind: 'old-keys' } as const]),
  ];
}

const SIGNS = {
  loopback: " The issuer is on loopback, which on the server's machine is another place.",
  'own-authority':
    ' The data source trusts the provider by a certificate authority of its own, or without verification: the server needs that authority as well.',
} as const;

function causeText(cause: RefusalCause): string {
  switch (cause.kind) {
    case 'key-unlisted':
      return 'The provider does not publish the key of the token: look at its keys.';
    case 'configuration':
      return cause.config === undefined
        ? `MICROMEGAS_OIDC_CONFIG on the server must name the issuer ${cause.issuer}, to the character, and the one of the audiences ${cause.audiences.join(', ')} that stands for Micromegas alone.`
        : `MICROMEGAS_OIDC_CONFIG on the server must contain ${cause.config}, to the character.`;
    case 'issuer-access': {
      const url = `${cause.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const sign = cause.sign === undefined ? '' : SIGNS[cause.sign];
      return `The server must be able to read ${url} itself and trust its certificate: if it cannot, its log says "Failed to discover OIDC metadata".${sign}`;
    }
    case 'server-clock':
      return "The server's clock may be ahead, so that the token has ended there.";
    case 'old-keys':
      return 'The provider may have changed its keys: Micromegas keeps them for an hour.';
  }
}

/** The causes as a numbered list in one paragraph. */
export function causesInWords(causes: readonly RefusalCause[]): string {
  const items = causes.map((cause, index) => `(${index + 1}) ${causeText(cause)}`);
  return `Check in this order, the most likely cause first: ${items.join(' ')}`;
}
