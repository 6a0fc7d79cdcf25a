/**
 * The rules that Micromegas has for access tokens (`rust/auth/src/oidc.rs`), each with what to change where when a token
 * breaks it. The server itself says no more than "invalid token".
 */
import { recogniseProvider, type RecognisedProvider } from '../../contract/providers';
import { type TokenRule } from '../../contract/health';
import { type TokenDescription } from './token-source';

/** A rule that the token breaks, so that Micromegas refuses it. */
export interface TokenProblem {
  /** One sentence: what is wrong. */
  text: string;
  /** What to change, and where. */
  advice: string;
}

/** What is known beside the token. */
export interface TokenContext {
  /** As the settings name it. */
  issuer?: string;
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

/** Advice that differs between providers; `other` is for all that are not named. */
type Advice = Readonly<Partial<Record<RecognisedProvider, string>> & { other: string }>;

/** The provider as the settings name it; where they do not tell, as the token does. */
function adviceFor(advice: Advice, token: TokenDescription, { issuer }: TokenContext): string {
  const configured = recogniseProvider(issuer);
  return advice[configured === 'other' ? recogniseProvider(token.issuer) : configured] ?? advice.other;
}

const ENCRYPTED: Advice = {
  auth0: 'In Auth0, switch off token encryption (JWE) in the settings of the API.',
  other: 'Switch off token encryption (JWE) for this API at the identity provider.',
};

const OPAQUE: Advice = {
  auth0: 'Fill in Audience with the Identifier of the API in Auth0: without it, Auth0 gives opaque tokens.',
  okta: 'Use a custom authorization server of Okta as OIDC Issuer (https://<domain>/oauth2/default).',
  google: 'Paste the JSON key of a service account as the client secret: Google then gives an ID token.',
  other:
    'Make the identity provider issue a JWT: with Auth0 fill in Audience, with Okta use a custom authorization server.',
};

const ALGORITHM: Advice = {
  auth0: 'In Auth0, choose RS256 as the JSON Web Token signing algorithm of the API.',
  keycloak: 'In Keycloak, choose RS256 as the access token signature algorithm of the client.',
  other: 'Choose RS256 as the signing algorithm of this API at the identity provider.',
};

const SUBJECT: Advice = {
  keycloak: 'In Keycloak, give the client the client scope "basic", which holds the mapper for sub.',
  other: 'Make the identity provider write sub into its access tokens; in Keycloak, give the client the scope "basic".',
};

const COGNITO =
  'Access tokens of AWS Cognito name no audience and cannot be used, unless a pre token generation trigger of the user pool adds one. Use an API key or another provider.';

const AUDIENCE: Advice = {
  keycloak: 'In Keycloak, add an audience mapper to the client, with the audience that the Micromegas server expects.',
  cognito: COGNITO,
  other:
    'Make the identity provider write aud into its access tokens; in Keycloak, add an audience mapper. Access tokens of AWS Cognito have none and cannot be used.',
};

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.round(seconds / 60);
  return seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Milliseconds until the token ends by the provider's clock; undefined when one of the two is not known. */
function leftMs({ expiryMs }: TokenDescription, { nowMs, clockAheadMs = 0 }: TokenContext): number | undefined {
  return expiryMs === undefined || nowMs === undefined ? undefined : expiryMs - (nowMs + clockAheadMs);
}

function readableProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.isEncrypted === true) {
    return {
      text: 'The access token is encrypted, and Micromegas cannot read it.',
      advice: adviceFor(ENCRYPTED, token, context),
    };
  }
  return token.isJwt
    ? undefined
    : {
        text: 'The access token is opaque, not a JWT, and Micromegas cannot check it.',
        advice: adviceFor(OPAQUE, token, context),
      };
}

function expiryProblem(token: TokenDescription, context: TokenContext): TokenProblem | undefined {
  if (token.expiryMs === undefined) {
    return {
      text: 'The access token names no end of its life (exp).',
      advice: 'Make the identity provider write exp into its access tokens.',
    };
  }
  const left = leftMs(token, context);
  return left === undefined || left > 0
    ? undefined
    : {
        text: `The access token ended ${duration(-left)} ago (exp).`,
        advice: 'Check the clocks of the identity provider and of the machine of the proxy.',
      };
}

/** In the order in which they explain a refusal best: one that makes the rest unreadable comes first. */
export const RULES: readonly Rule[] = [
  { name: 'readable', problem: readableProblem, found: () => 'The token is a JWT that anyone can read.' },
  {
    name: 'algorithm',
    problem: (token, context) =>
      token.algorithm === 'RS256'
        ? undefined
        : {
            text: `The access token is signed with ${token.algorithm ?? 'an unknown algorithm'}, and RS256 is the only one that Micromegas accepts.`,
            advice: adviceFor(ALGORITHM, token, context),
          },
    found: () => 'Signed with RS256.',
  },
  {
    name: 'issuer',
    problem: (token) =>
      token.issuer === undefined
        ? {
            text: 'The access token names no issuer (iss).',
            advice: 'Make the identity provider write iss into its access tokens.',
          }
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
        ? { text: 'The access token names no subject (sub).', advice: adviceFor(SUBJECT, token, context) }
        : undefined,
    found: (token) => `The subject is ${token.subject ?? ''}.`,
  },
  {
    name: 'audience',
    problem: (token, context) =>
      token.audience === undefined
        ? { text: 'The access token names no audience (aud).', advice: adviceFor(AUDIENCE, token, context) }
        : undefined,
    found: (token) => {
      const audience = token.audience ?? [];
      const isForAll = audience.length === 1 && audience[0] === 'account';
      return isForAll
        ? `The audience is account, which every client of the realm has. ${AUDIENCE.keycloak ?? ''}`
        : `The audience is ${audience.join(', ')}.`;
    },
  },
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
        ? {
            text: 'The groups in the access token are not a list of texts.',
            advice: 'Leave the claim groups out of the access token, or make it a list of texts.',
          }
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
export function issuerDifference({ issuer: found }: TokenDescription, issuer?: string): TokenProblem | undefined {
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
