/**
 * Explains an access token by the rules of Micromegas (`rust/auth/src/oidc.rs`), which itself says no more than
 * "invalid token". What a token must have: RS256, and the claims iss, sub, aud and exp in plain sight.
 */
import { type AccessToken, type TokenDescription } from './token-source';

/** A rule that the token breaks, so that Micromegas refuses it. */
export interface TokenProblem {
  /** One sentence: what is wrong. */
  text: string;
  /** What to change, and where. */
  advice: string;
}

interface Rule extends TokenProblem {
  isBroken: (token: TokenDescription) => boolean;
}

/** In the order in which they explain a refusal best: one that makes the rest unreadable comes first. */
const RULES: readonly Rule[] = [
  {
    isBroken: (token) => token.isEncrypted === true,
    text: 'The access token is encrypted, and Micromegas cannot read it.',
    advice: 'Switch off token encryption (JWE) for this API at the identity provider.',
  },
  {
    isBroken: (token) => !token.isJwt,
    text: 'The access token is opaque, not a JWT, and Micromegas cannot check it.',
    advice:
      'Make the identity provider issue a JWT: with Auth0 fill in Audience, with Okta use a custom authorization server.',
  },
  {
    isBroken: (token) => token.algorithm !== 'RS256',
    text: 'The access token is not signed with RS256, the only algorithm that Micromegas accepts.',
    advice: 'Choose RS256 as the signing algorithm of this API at the identity provider.',
  },
  {
    isBroken: (token) => token.issuer === undefined,
    text: 'The access token names no issuer (iss).',
    advice: 'Make the identity provider write iss into its access tokens.',
  },
  {
    isBroken: (token) => token.subject === undefined,
    text: 'The access token names no subject (sub).',
    advice:
      'Make the identity provider write sub into its access tokens; in Keycloak, give the client the scope "basic".',
  },
  {
    isBroken: (token) => token.audience === undefined,
    text: 'The access token names no audience (aud).',
    advice:
      'Make the identity provider write aud into its access tokens; in Keycloak, add an audience mapper. Access tokens of AWS Cognito have none and cannot be used.',
  },
  {
    isBroken: (token) => token.expiryMs === undefined,
    text: 'The access token names no end of its life (exp).',
    advice: 'Make the identity provider write exp into its access tokens.',
  },
  {
    isBroken: (token) => token.hasUnreadableGroups === true,
    text: 'The groups in the access token are not a list of texts.',
    advice: 'Leave the claim groups out of the access token, or make it a list of texts.',
  },
];

/** The first rule of Micromegas that the token breaks, or undefined when it breaks none that can be seen from here. */
export function tokenProblem(token: TokenDescription): TokenProblem | undefined {
  const rule = RULES.find(({ isBroken }) => isBroken(token));
  return rule && { text: rule.text, advice: rule.advice };
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  return seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** The token in words: issuer, subject, audience, algorithm and time left, as far as they can be read. */
export function tokenInWords({ description, expiresAtMs }: AccessToken, nowMs: number): string {
  const { issuer, subject, audience, algorithm } = description;
  const parts = [
    issuer !== undefined && `issuer ${issuer}`,
    subject !== undefined && `subject ${subject}`,
    audience !== undefined && `audience ${audience.join(', ')}`,
    algorithm !== undefined && `signed with ${algorithm}`,
    `${duration(expiresAtMs - nowMs)} left`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

/** What `MICROMEGAS_OIDC_CONFIG` of the server must contain for this token, as JSON; undefined if that cannot be said. */
export function serverConfigFor({ issuer, audience }: TokenDescription): string | undefined {
  return issuer === undefined || audience === undefined
    ? undefined
    : JSON.stringify({ issuers: [{ issuer, audience: audience[0] }] });
}
