/**
 * The rules of Micromegas for access tokens (`rust/auth/src/oidc.rs`), and what to change at the provider or the server
 * when a token breaks a rule. The server itself says only "invalid token". Messages never contain a token or its
 * signature.
 */
import { type TokenExplanation, type TokenRule } from '../../../contract/resources/health';
import { message, type Message } from '../../../contract/messages/message';
import { shortResult, MAX_SENTENCES } from '../../../contract/messages/sentences';
import { ENTRA_V1_HOST, recogniseProvider, urlOf } from '../../../contract/settings/providers';
import { sortAudiences, withoutSlash } from './shared-audiences';
import {
  adviceFor,
  type AdviceKey,
  audienceAdvice,
  opaqueAdvice,
  sharedAudienceAdvice,
  sharedAudienceMessages,
} from './token-advice';
import { type AccessToken, type TokenDescription } from './token-source';
import { type SettingsInUse } from './client-credentials';

/** The problem of a token that breaks a rule, with advice. */
export interface TokenProblem {
  /**
   * `token_audience_shared`: tokens of other clients contain the same audiences, so no server may be configured for
   * these audiences.
   */
  code: 'token_unusable' | 'token_audience_shared';
  /** One sentence that describes the problem. */
  messages: readonly Message[];
  /** One or two sentences of advice. */
  advice: readonly Message[];
  /** Less likely causes and details. */
  more: readonly Message[];
}

/** Facts in addition to the token. */
export interface TokenContext {
  /** The issuer in the settings. */
  issuer?: string;
  /**
   * The audience in the settings; empty if the settings have none. Undefined: the settings do not apply to the token.
   */
  audience?: string;
  /**
   * The provider according to the discovery document or the settings form. Used if the issuer does not identify the
   * provider.
   */
  provider?: AdviceKey | undefined;
  /** Settings of the token request. Undefined: the settings do not apply to the token. */
  settings?: SettingsInUse;
  /** Milliseconds since 1970. Undefined: the expiry time is not checked. */
  nowMs?: number;
  /** Milliseconds by which the provider's clock is ahead of this machine's (negative: behind). */
  clockAheadMs?: number;
}

interface Rule {
  name: TokenRule['name'];
  problem(token: TokenDescription, context: TokenContext): TokenProblem | undefined;
  /** Messages for a token that keeps the rule. */
  found(token: TokenDescription, context: TokenContext): Message[];
}

/** A duration for a message, rounded: `90 s`, `50 min`, `24 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  return seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/**
 * Milliseconds until the token expires by the provider's clock; undefined when the expiry time or the current time is
 * not known.
 */
function leftMs({ expiryMs }: TokenDescription, { nowMs, clockAheadMs = 0 }: TokenContext): number | undefined {
  return expiryMs === undefined || nowMs === undefined ? undefined : expiryMs - (nowMs + clockAheadMs);
}

/** Maximum number of sentences of advice. The other two sentences are the summary of the failure and the problem. */
const MAX_ADVICE = MAX_SENTENCES - 2;

function problemWith(code: TokenProblem['code'], messages: readonly Message[], all: readonly Message[]): TokenProblem {
  const { shown: advice, more } = shortResult(all, MAX_ADVICE);
  return { code, messages: messages.slice(0, 1), advice, more: [...messages.slice(1), ...more] };
}

/** A problem that no configuration of the server solves. @param advice The most important first. */
function unusable(message: Message, advice: readonly Message[]): TokenProblem {
  return problemWith('token_unusable', [message], advice);
}

function readableProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.isEncrypted === true) {
    return unusable(message('token-encrypted'), adviceFor('encrypted', token, context));
  }
  return token.isJwt ? undefined : unusable(message('token-opaque'), opaqueAdvice(token, context));
}

function algorithmProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  const { algorithm } = token;
  if (algorithm === 'RS256') {
    return undefined;
  }
  const problem =
    algorithm === undefined ? message('token-unknown-algorithm') : message('token-other-algorithm', { algorithm });
  return unusable(problem, adviceFor('algorithm', token, context));
}

function audienceProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.audience === undefined) {
    return unusable(message('token-no-audience'), audienceAdvice(token, context));
  }
  const { own, shared } = sortAudiences(token);
  return own.length > 0
    ? undefined
    : problemWith(
        'token_audience_shared',
        sharedAudienceMessages(shared),
        sharedAudienceAdvice(shared, token, context)
      );
}

/** The audiences that may belong to Micromegas, and a warning of shared audiences. */
function audienceFound(token: TokenDescription, { audience }: TokenContext): Message[] {
  const { own, shared, forServer } = sortAudiences(token, audience);
  const found =
    forServer === undefined
      ? message('token-audiences', { audiences: own })
      : message('token-audience', { audience: forServer });
  const audiences = shared.map((each) => each.audience);
  return audiences.length === 0 ? [found] : [found, message('token-shared-audiences', { audiences })];
}

function expiryProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.expiryMs === undefined) {
    return unusable(message('token-no-expiry'), [message('expiry-missing-other')]);
  }
  const left = leftMs(token, context);
  if (left === undefined || left > 0) {
    return undefined;
  }
  const code = context.clockAheadMs ? 'token-expired-by-provider' : 'token-expired-here';
  return unusable(message(code, { duration: duration(-left) }), [message('check-clocks')]);
}

/**
 * The order matters: the first broken rule explains a rejection best. A token that breaks the rule `readable` cannot be
 * checked against the other rules.
 */
const RULES: readonly Rule[] = [
  { name: 'readable', problem: readableProblem, found: () => [message('token-readable')] },
  { name: 'algorithm', problem: algorithmProblem, found: () => [message('token-algorithm')] },
  {
    name: 'issuer',
    problem: ({ issuer }) =>
      issuer === undefined ? unusable(message('token-no-issuer'), [message('issuer-other')]) : undefined,
    found: (token, context) => {
      const difference = issuerDifference(token, context.issuer);
      return difference === undefined
        ? [message('token-issuer', { issuer: token.issuer ?? '' })]
        : [...difference.messages, ...difference.advice];
    },
  },
  {
    name: 'subject',
    problem: (token, context) =>
      token.subject === undefined
        ? unusable(message('token-no-subject'), adviceFor('subject', token, context))
        : undefined,
    found: ({ subject = '' }) => [message('token-subject', { subject })],
  },
  { name: 'audience', problem: audienceProblem, found: audienceFound },
  {
    name: 'expiry',
    problem: expiryProblem,
    found: (token, context) => {
      const left = leftMs(token, context);
      return [
        left === undefined ? message('token-has-expiry') : message('token-expires-in', { duration: duration(left) }),
      ];
    },
  },
  {
    name: 'groups',
    problem: ({ hasUnreadableGroups }) =>
      hasUnreadableGroups === true ? unusable(message('token-bad-groups'), [message('groups-other')]) : undefined,
    found: () => [message('token-groups')],
  },
];

/**
 * The first problem of the token by the rules of Micromegas. Undefined if the token breaks no rule that can be checked
 * here.
 *
 * @param context Makes the advice more exact. With `nowMs`, an expired token breaks a rule.
 */
export function tokenProblem(token: TokenDescription, context: TokenContext = {}): TokenProblem | undefined {
  for (const rule of RULES) {
    const problem = rule.problem(token, context);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/**
 * Checks a token against all rules of Micromegas, and returns the result of each rule. If the token cannot be read,
 * `readable` is the only rule in the list.
 *
 * @param hasAdvice False for a user's token: the advice is about the settings of the data source.
 */
export function explainToken(
  token: TokenDescription,
  context: TokenContext & { issuer: string; nowMs: number; clockAheadMs: number },
  hasAdvice = true
): TokenExplanation {
  const checked = RULES.map(({ name, problem: check, found }): TokenRule => {
    const problem = check(token, context);
    if (problem === undefined) {
      const messages = found(token, context);
      return { name, status: 'ok', text: hasAdvice ? messages : messages.slice(0, 1) };
    }
    return { name, status: 'broken', text: hasAdvice ? [...problem.messages, ...problem.advice] : problem.messages };
  });
  const rules = checked[0]?.status === 'ok' ? checked : checked.slice(0, 1);
  const isAccepted = rules.every(({ status }) => status === 'ok');
  const serverConfig = isAccepted ? serverConfigFor(token, context.audience) : undefined;
  return { rules, ...(serverConfig !== undefined && { serverConfig }) };
}

/**
 * Issuer, subject, audience, algorithm and time left, as far as they are known.
 * @param nowMs Milliseconds since 1970.
 */
export function tokenParts({ description, expiresAtMs }: AccessToken, nowMs: number): Message[] {
  const { issuer, subject, audience, algorithm } = description;
  const parts = [
    issuer !== undefined && message('part-issuer', { issuer }),
    subject !== undefined && message('part-subject', { subject }),
    audience !== undefined && message('part-audience', { audiences: audience }),
    algorithm !== undefined && message('part-algorithm', { algorithm }),
    message('part-time-left', { duration: duration(expiresAtMs - nowMs) }),
  ];
  return parts.filter((part) => part !== false);
}

/**
 * The value of `MICROMEGAS_OIDC_CONFIG`, as JSON, that makes the server accept this token. Undefined if the token has
 * no issuer, or no audience for the server (see `AudienceFinding.forServer`).
 *
 * @param wanted The audience in the settings, which is preferred if the token has several.
 */
export function serverConfigFor(token: TokenDescription, wanted?: string): string | undefined {
  const entry = serverEntryFor(token, wanted);
  return entry === undefined ? undefined : `{"issuers":[${entry}]}`;
}

/**
 * The entry of the list `issuers` in the value of `MICROMEGAS_OIDC_CONFIG`, as JSON. Undefined in the same cases as
 * `serverConfigFor`.
 */
export function serverEntryFor(token: TokenDescription, wanted?: string): string | undefined {
  const { issuer } = token;
  const { forServer: audience } = sortAudiences(token, wanted);
  return issuer === undefined || audience === undefined ? undefined : JSON.stringify({ issuer, audience });
}

/**
 * Describes how the issuer in the token differs from the issuer in the settings, and how to configure the server.
 * Undefined if the issuers are equal, or if one is missing. Micromegas has no rule about this difference, since it does
 * not know the data source. But the difference is the usual reason for a wrong issuer in the server's configuration.
 */
export function issuerDifference(
  { issuer: found }: TokenDescription,
  configured?: string
): Pick<TokenProblem, 'messages' | 'advice'> | undefined {
  if (found === undefined || configured === undefined || configured === '' || found === configured) {
    return undefined;
  }
  if (withoutSlash(found) === withoutSlash(configured)) {
    const difference = message('issuer-differs-by-slash', { found, configured });
    return { messages: [difference], advice: [message('configure-issuer', { found })] };
  }
  const difference = message('issuer-differs', { found, configured });
  if (recogniseProvider(found) !== 'entra' || recogniseProvider(configured) !== 'entra') {
    return { messages: [difference], advice: [message('configure-issuer', { found })] };
  }
  const isV1 = urlOf(found)?.hostname === ENTRA_V1_HOST;
  return {
    messages: [difference, message(isV1 ? 'entra-asks-for-v1' : 'entra-asks-for-v2')],
    advice: [message('configure-issuer-or-version', { found, version: isV1 ? 2 : 1 })],
  };
}
