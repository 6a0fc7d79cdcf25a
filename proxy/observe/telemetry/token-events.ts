/** Reports requests for access tokens, and rejections of tokens. */
import { type ErrorCode } from '../../base/errors/catalogue';

/**
 * The reasons for a token request:
 *
 * - `first`: there was no token.
 * - `renewal`: the token expires soon. Queries use it until the new one has arrived.
 * - `expired`: the token has expired, so queries wait.
 * - `rejected`: Micromegas rejected the token.
 * - `retry`: the last request failed.
 * - `check`: Save & test requested the token.
 */
export const TOKEN_REQUEST_REASONS = ['first', 'renewal', 'expired', 'rejected', 'retry', 'check'] as const;

export type TokenRequestReason = (typeof TOKEN_REQUEST_REASONS)[number];

interface TokenRequestEnd {
  reason: TokenRequestReason;
  code: ErrorCode | 'ok';
  durationMs: number;
}

/** The token or key of a call: of the service account, of the signed-in user, or the API key of the settings. */
export type CredentialKind = 'service_account' | 'user' | 'api_key';

/** Events contain no account, provider or token, because metrics must not contain them. */
export interface TokenEvents {
  /** A request for a token of the service account has ended. */
  tokenRequested(request: TokenRequestEnd): void;
  /** Micromegas rejected a token or key. */
  tokenRejected(kind: CredentialKind): void;
  /** A call to Micromegas is repeated: with a new token of the service account, or with the user's other token. */
  callRepeated(): void;
}
