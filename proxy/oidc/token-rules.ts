/**
 * The rules that Micromegas has for access tokens (`rust/auth/src/oidc.rs`), each with what to change where when a token
 * breaks it. The server itself says no more than "invalid token".
 */
import { recogniseProvider } from '../../contract/providers';
import { type TokenRule } from '../../contract/health';
import { sortAudiences } from './shared-audiences';
import {
  adviceFor,
  type AdviceKey,
  ALGORITHM,
  audienceAdvice,
  ENCRYPTED,
  opaqueAdvice,
  sharedAudienceAdvice,
  sharedAudienceText,
  SUBJECT,
} from './token-advice';
import { type TokenDescription } from './token-source';

/** A rule that the token breaks, so that Micromegas refuses it. */
export interface TokenProblem {
  /** What the refusal is called: with another audience the server would have to be changed, not the token alone. */
  code: 'token_unusable' | 'token_audience_shared';
  /** One sentence: what is wrong. */
  text: string;
  /** What to change, and where. */
  advice: string;
}

/** What is known beside the token. */
export interface TokenContext {
  /** As the settings name it. */
  issuer?: string;
  /** What the settings ask for, empty where they ask for none. Undefined: the settings say nothing about the token. */
  audience?: string;
  /** Identifies the provider where the issuer does not: by the discovery document, or by the form in the settings. */
  provider?: AdviceKey | undefined;
  /** Milliseconds since 1970. Undefined: the end of the token is not looked at. */
  nowMs?: number;
  /** Milliseconds by which the provider's clock is ahead of this machine's (negative: behind). */
  clockAheadMs?: number;
}

export interface Rule {
  name: TokenRule['name'];
  problem(token: TokenDescription, context: TokenContext): TokenProblem | undefined;
  /** One sentence with the value of a token that keeps the rule. */
  found(token: TokenDescription, context: TokenContext): string;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  return seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Milliseconds until the token ends by the provider's clock; undefined when one of the two is not known. */
function leftMs({ expiryMs }: TokenDescription, { nowMs, clockAheadMs = 0 }: TokenContext): number | undefined {
  return expiryMs === undefined || nowMs === undefined ? undefined : expiryMs - (nowMs + clockAheadMs);
}

/** A rule that no configuration of the server makes up for. */
function unusable(text: string, advice: string): TokenProblem {
  return { code: 'token_unusable', text, advice };
}

function readableProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.isEncrypted === true) {
    return unusable(
      'The access token is encrypted, and Micromegas cannot read it.',
      adviceFor(ENCRYPTED, token, context)
    );
  }
  return token.isJwt
    ? undefined
    : unusable('The access token is opaque, not a JWT, and Micromegas cannot check it.', opaqueAdvice(token, context));
}

function audienceProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.audience === undefined) {
    return unusable('The access token names no audience (aud).', audienceAdvice(token, context));
  }
  const { own, shared } = sortAudiences(token);
  return own.length > 0
    ? undefined
    : {
        code: 'token_audience_shared',
        text: sharedAudienceText(shared),
        advice: sharedAudienceAdvice(shared, token, context),
      };
}

/** The audiences of a token that may stand for Micromegas, and what not to do with the others. */
function audienceFound(token: TokenDescription, { audience }: TokenContext): string {
  const { own, shared, forServer } = sortAudiences(token, audience);
  const others = shared.map((each) => each.audience).join(', ');
  const warning =
    others === ''
      ? ''
      : ` The token also names ${others}, which tokens of other clients name too: do not configure it.`;
  return forServer === undefined
    ? `The audiences are ${own.join(', ')}. Configure on the server the one that stands for Micromegas alone.${warning}`
    : `The audience is ${forServer}.${warning}`;
}

function expiryProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.expiryMs === undefined) {
    return unusable(
      'The access token names no end of its life (exp).',
      'Make the identity provider write exp into its access tokens.'
    );
  }
  const left = leftMs(token, context);
  return left === undefined || left > 0
    ? undefined
    : unusable(
        `The access token ended ${duration(-left)} ago by ${context.clockAheadMs ? "the provider's" : "this machine's"} clock (exp).`,
        'Check the clocks of the identity provider and of the machine of the proxy.'
      );
}

/** In the order in which they explain a refusal best: one that makes the rest unreadable comes first. */
export const RULES: readonly Rule[] = [
  { name: 'readable', problem: readableProblem, found: () => 'The token is a JWT that anyone can read.' },
  {
    name: 'algorithm',
    problem: (token, context) =>
      token.algorithm === 'RS256'
        ? undefined
        : unusable(
            `The access token is signed with ${token.algorithm ?? 'an unknown algorithm'}, and RS256 is the only one that Micromegas accepts.`,
            adviceFor(ALGORITHM, token, context)
          ),
    found: () => 'Signed with RS256.',
  },
  {
    name: 'issuer',
    problem: (token) =>
      token.issuer === undefined
        ? unusable(
            'The access token names no issuer (iss).',
            'Make the identity provider write iss into its access tokens.'
          )
        : undefined,
    found: (token, context) => {
      const difference = issuerDifference(token, context.issuer);
      return difference === undefined
        ? `The issuer is ${token.issuer ?? ''}.`
        : `${difference.text} ${difference.advice}`;
    },
  },
  {
    name: 'subject',
    problem: (token, context) =>
      token.subject === undefined
        ? unusable('The access token names no subject (sub).', adviceFor(SUBJECT, token, context))
        : undefined,
    found: (token) => `The subject is ${token.subject ?? ''}.`,
  },
  { name: 'audience', problem: audienceProblem, found: audienceFound },
  {
    name: 'expiry',
    problem: expiryProblem,
    found: (token, context) => {
      const left = leftMs(token, context);
      return left === undefined ? 'It says when it ends.' : `It ends in ${duration(left)}.`;
    },
  },
  {
    name: 'groups',
    problem: (token) =>
      token.hasUnreadableGroups === true
        ? unusable(
            'The groups in the access token are not a list of texts.',
            'Leave the claim groups out of the access token, or make it a list of texts.'
          )
        : undefined,
    found: () => 'The claim groups is missing or a list of texts.',
  },
];

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/$/, '');
}

/**
 * How the issuer in the token differs from the one in the settings, and what to tell the server. No rule of Micromegas,
 * which knows only its own configuration, but the usual reason why that names the wrong issuer.
 */
export function issuerDifference(
  { issuer: found }: TokenDescription,
  issuer?: string
): Omit<TokenProblem, 'code'> | undefined {
  if (found === undefined || issuer === undefined || issuer === '' || found === issuer) {
    return undefined;
  }
  const server = `Name ${found} as the issuer in the configuration of the Micromegas server, to the character`;
  const text = `The issuer in the token is ${found}, and the settings say ${issuer}.`;
  if (withoutSlash(found) === withoutSlash(issuer)) {
    return { text: `${text} The slash at the end is the only difference.`, advice: `${server}.` };
  }
  if (recogniseProvider(found) !== 'entra' || recogniseProvider(issuer) !== 'entra') {
    return { text, advice: `${server}.` };
  }
  const isV1 = new URL(found).hostname === 'sts.windows.net';
  const version = isV1 ? 'v1' : 'v2';
  const other = isV1 ? '2' : '1';
  return {
    text: `${text} The API in Entra ID asks for ${version} tokens.`,
    advice: `${server}, or set accessTokenAcceptedVersion to ${other} in the manifest of the API.`,
  };
}
