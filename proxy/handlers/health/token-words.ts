/** What a health check tells of a token: what it says of itself, which rule it breaks, and clocks that differ. */
import { type TokenExplanation } from '../../../contract/health';
import { clockAhead, clockSentence } from '../../oidc/provider-clock';
import {
  explainToken,
  issuerDifference,
  tokenInWords,
  tokenProblem,
  type TokenProblem,
} from '../../oidc/token-problems';
import { duration } from '../../oidc/token-rules';
import { type AdviceKey } from '../../oidc/token-advice';
import { type AccessToken } from '../../oidc/token-source';
import { firstSentence } from './words';

/** A token that goes to the server. */
export interface SeenToken {
  readonly token: AccessToken;
  /** True for that of the user who asks; false for that of the service account. */
  readonly isOwn: boolean;
  /** As the settings name it; empty for a user's own token, about which the settings say nothing. */
  readonly issuer: string;
  /** As the settings ask for it, empty where they ask for none; undefined for a user's own token. */
  readonly audience?: string;
  /** As the discovery document or the form in the settings shows it. */
  readonly provider?: AdviceKey | undefined;
}

const CLOCK_ADVICE = 'Tokens may be refused before their time; set both clocks by a time server.';
const SIGN_IN_AGAIN = 'Sign out of Grafana and in again.';
const OWN_ADVICE =
  'Have the identity provider give people a token for Micromegas when they sign in to Grafana (audience and scopes are in the configuration of Grafana), or choose the other one as Forwarded token.';

function contextOf({ token, issuer, audience, provider }: SeenToken, nowMs: number) {
  return { issuer, audience, provider, nowMs, clockAheadMs: token.providerClockAheadMs ?? 0 };
}

/**
 * The token by the rules of Micromegas, for the details of the result. The advice of the rules is about the data source's
 * own settings: of a user's token, only what is wrong is told.
 *
 * @param nowMs Milliseconds since 1970.
 */
export function explanationOf(seen: SeenToken, nowMs: number): TokenExplanation {
  const explanation = explainToken(seen.token.description, contextOf(seen, nowMs));
  return seen.isOwn
    ? { ...explanation, rules: explanation.rules.map((rule) => ({ ...rule, text: firstSentence(rule.text) })) }
    : explanation;
}

/** The token in words, as far as it can be read. */
export function seenInWords({ token, isOwn }: SeenToken, nowMs: number): string {
  const { isJwt, expiryMs } = token.description;
  // Nothing but the token itself says when a user's token ends.
  const isEndUnknown = isOwn && expiryMs === undefined;
  const words = tokenInWords(token, nowMs).split(', ');
  const known = isEndUnknown ? words.slice(0, -1) : words;
  return [...(isJwt ? [] : ['a token that cannot be read']), ...known].join(', ');
}

/** The rule that the token breaks, with what to change for this kind of token. */
export function problemOf(seen: SeenToken, nowMs: number): TokenProblem | undefined {
  const { description } = seen.token;
  const problem = tokenProblem(description, contextOf(seen, nowMs));
  if (problem === undefined || !seen.isOwn) {
    return problem;
  }
  const hasEnded = description.expiryMs !== undefined && tokenProblem(description) === undefined;
  return { ...problem, advice: hasEnded ? SIGN_IN_AGAIN : OWN_ADVICE };
}

/** That the token names another issuer than the settings, if it does: the server must know the token's. */
export function issuerText({ token, issuer }: SeenToken): string | undefined {
  return issuerDifference(token.description, issuer)?.text;
}

/** What is wrong with the clocks, if anything is. */
export function clockWarning({ token: { providerClockAheadMs = 0 } }: SeenToken): string | undefined {
  return providerClockAheadMs === 0
    ? undefined
    : `${clockSentence("The provider's", providerClockAheadMs)} ${CLOCK_ADVICE}`;
}

/** The server's clock, where it differs from this machine's. @param serverTimeMs From its answer, if it says it. */
export function serverClockText(serverTimeMs: number | undefined, nowMs: number): string | undefined {
  const aheadMs = clockAhead(serverTimeMs, nowMs);
  return aheadMs === 0 ? undefined : clockSentence("The server's", aheadMs);
}

/**
 * That the token has ended by the server's clock, or by this machine's where the provider's is behind; undefined if it has
 * not.
 *
 * @param clocks This machine's, and the server's as its answer says it, in milliseconds since 1970.
 */
export function endedText(
  { token }: SeenToken,
  { nowMs, serverTimeMs }: { nowMs: number; serverTimeMs: number | undefined }
): string | undefined {
  const { expiryMs } = token.description;
  const { providerClockAheadMs = 0 } = token;
  if (expiryMs === undefined) {
    return undefined;
  }
  const providerText = providerClockAheadMs === 0 ? '' : `${clockSentence("The provider's", providerClockAheadMs)} `;
  if (serverTimeMs !== undefined) {
    const serverText = serverClockText(serverTimeMs, nowMs);
    return expiryMs <= serverTimeMs
      ? `${providerText}${serverText === undefined ? '' : `${serverText} `}By the server's clock the token ended ${duration(serverTimeMs - expiryMs)} ago.`
      : undefined;
  }
  return providerClockAheadMs < 0 && expiryMs <= nowMs
    ? `${providerText}By this machine's clock the token ended ${duration(nowMs - expiryMs)} ago.`
    : undefined;
}

/** Sentences about a token that was received and may not be accepted. */
export function tokenWarnings(seen: SeenToken, nowMs: number): string[] {
  const problem = problemOf(seen, nowMs);
  const parts = [problem && `${problem.text} ${problem.advice}`, clockWarning(seen)];
  return parts.filter((part) => part !== undefined);
}
