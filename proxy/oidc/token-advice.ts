/** What to change at which identity provider when an access token breaks a rule of Micromegas. */
import { recogniseProvider, type RecognisedProvider } from '../../contract/providers';
import { type AudienceOwner, type SharedAudience } from './shared-audiences';
import { type ProviderProduct, type TokenDescription } from './token-source';

/** A provider, as far as advice differs. */
export type AdviceKey = RecognisedProvider | ProviderProduct;

/** Advice that differs between providers; `other` is for all that are not named. */
export type Advice = Readonly<Partial<Record<AdviceKey, string>> & { other: string }>;

/** What decides about the advice, beside the token. */
interface Known {
  /** As the settings name it. */
  issuer?: string;
  /** As the settings ask for it; undefined where they say nothing about the token. */
  audience?: string;
  /** Identifies the provider where the issuer does not: by the discovery document, or by the form in the settings. */
  provider?: AdviceKey | undefined;
}

/** The provider as the settings name it; where they do not tell, as the discovery document or the token does. */
function keyOf(token: TokenDescription, { issuer, provider }: Known): AdviceKey {
  const configured = recogniseProvider(issuer);
  const recognised = configured === 'other' ? recogniseProvider(token.issuer) : configured;
  return recognised === 'other' ? (token.product ?? provider ?? 'other') : recognised;
}

export function adviceFor(advice: Advice, token: TokenDescription, known: Known): string {
  return advice[keyOf(token, known)] ?? advice.other;
}

export const ENCRYPTED: Advice = {
  auth0: 'In Auth0, switch off token encryption (JWE) in the settings of the API.',
  other: 'Switch off token encryption (JWE) for this API at the identity provider.',
};

const OPAQUE: Advice = {
  auth0: 'Fill in Audience with the Identifier of the API in Auth0: without it, Auth0 issues opaque tokens.',
  okta: 'Use a custom authorization server of Okta as OIDC Issuer (https://<domain>/oauth2/default).',
  google: 'Paste the JSON key of a service account as the client secret: Google then issues an ID token.',
  hydra:
    'In Hydra, set strategies.access_token to jwt in the configuration of the server, or access_token_strategy to jwt for this client.',
  other: 'Make the identity provider issue access tokens as JWTs for this client.',
};

/** Hydra and others write `aud` only when it is asked for, and some issue a JWT only then. */
const EMPTY_AUDIENCE: Advice = {
  auth0: '',
  okta: '',
  google: '',
  entra: '',
  keycloak: '',
  cognito: '',
  hydra:
    'Audience is empty: fill it in with the name that the Micromegas server expects, and allow it for the client in Hydra (audience of the client).',
  other: 'Audience is empty: fill it in with the name that the Micromegas server expects.',
};

export const ALGORITHM: Advice = {
  auth0: 'In Auth0, choose RS256 as the JSON Web Token signing algorithm of the API.',
  keycloak: 'In Keycloak, choose RS256 as the access token signature algorithm of the client.',
  other: 'Choose RS256 as the signing algorithm of this API at the identity provider.',
};

export const SUBJECT: Advice = {
  // Keycloak 26.5: only a token of a user, or one that comes with a refresh token, needs the scope.
  keycloak:
    'In Keycloak, switch off "Use refresh tokens for client credentials grant" of the client (Advanced), or give it the client scope "basic", which holds the mapper for sub.',
  other: 'Make the identity provider write sub into its access tokens.',
};

const COGNITO =
  'Access tokens of AWS Cognito name no audience and cannot be used, unless a pre token generation trigger of the user pool adds one. Use an API key or another provider.';

const KEYCLOAK_MAPPER =
  'In Keycloak, add an audience mapper to the client (Client scopes > …-dedicated > Configure a new mapper > Audience), with an audience that stands for Micromegas alone.';

const AUDIENCE: Advice = {
  keycloak: KEYCLOAK_MAPPER,
  cognito: COGNITO,
  hydra: 'Hydra writes into aud what the request asks for in Audience, if the client is allowed it.',
  other:
    'Make the identity provider write aud into its access tokens; in Keycloak, add an audience mapper. Access tokens of AWS Cognito have none and cannot be used.',
};

const SHARED: Advice = {
  keycloak: KEYCLOAK_MAPPER,
  entra:
    'Register an API for Micromegas in Entra ID (Expose an API), and fill in Application ID URI with it: the scope is then api://…/.default.',
  auth0: 'Create an API for Micromegas in Auth0, and fill in Audience with its Identifier.',
  okta: 'Create a custom authorization server in Okta, with an audience of its own, and enter it as OIDC Issuer.',
  google: 'Fill in Audience with a name for your Micromegas server.',
  hydra: 'Fill in Audience with a name for your Micromegas server, and allow it for the client in Hydra.',
  other: 'Register Micromegas as an API of its own at the identity provider, and fill in Audience with its name.',
};

/** Continues "an audience, which …". */
const OWNERS: Readonly<Record<AudienceOwner, string>> = {
  keycloak: 'belongs to Keycloak itself, and tokens of other clients of the realm name it too',
  microsoft: 'belongs to an API of Microsoft, and tokens of other applications name it too',
  'auth0-management': "belongs to Auth0's Management API, and tokens of other applications name it too",
  'auth0-userinfo': 'belongs to the user information of the identity provider, and tokens of any client name it',
  google: 'belongs to an API of Google, and tokens of other clients name it too',
  'identity-server': 'stands for all APIs of the identity provider, and tokens of any client name it',
  aws: 'belongs to AWS, and tokens of other clients name it too',
  kubernetes: 'belongs to the Kubernetes API, and tokens of any service account name it',
  issuer: 'is the identity provider itself, and tokens of other clients name it too',
};

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** What to do about an empty Audience; nothing where the settings have one or say nothing about the token. */
function emptyAudienceAdvice(token: TokenDescription, known: Known): string {
  return known.audience === '' ? adviceFor(EMPTY_AUDIENCE, token, known) : '';
}

export function opaqueAdvice(token: TokenDescription, known: Known): string {
  return joined(adviceFor(OPAQUE, token, known), emptyAudienceAdvice(token, known));
}

/** For a token without `aud`. */
export function audienceAdvice(token: TokenDescription, known: Known): string {
  return joined(emptyAudienceAdvice(token, known), adviceFor(AUDIENCE, token, known));
}

/** @param shared All audiences of the token, at least one. */
export function sharedAudienceText(shared: readonly SharedAudience[]): string {
  const [first, ...others] = shared;
  if (first === undefined) {
    return '';
  }
  const rest = others.map(({ audience, owner }) => ` It also names ${audience}, which ${OWNERS[owner]}.`);
  return `The audience of the access token is ${first.audience}, which ${OWNERS[first.owner]}.${rest.join('')}`;
}

export function sharedAudienceAdvice(shared: readonly SharedAudience[], token: TokenDescription, known: Known): string {
  const names = shared.map(({ audience }) => audience).join(', ');
  return joined(
    `Do not configure ${names} on the server: it would accept the tokens of all these clients.`,
    adviceFor(SHARED, token, known)
  );
}
