/** Advice, by identity provider, for an access token that breaks a rule of Micromegas. */
import { message, type Message, type PlainCode } from '../../../contract/messages/message';
import { recogniseProvider, type RecognisedProvider } from '../../../contract/settings/providers';
import { isNeeded } from './advised-changes';
import { type SettingsInUse } from './client-credentials';
import { type SharedAudience } from './shared-audiences';
import { type ProviderProduct, type TokenDescription } from './token-source';

/** Providers with their own advice. */
export type AdviceKey = RecognisedProvider | ProviderProduct;

/** Advice by provider. `other` is for all providers that the table does not name. */
type AdviceTable = Readonly<Partial<Record<AdviceKey, PlainCode>> & { other: PlainCode }>;

/** Facts that select the advice, in addition to the token. */
interface Known {
  /** The issuer in the settings. */
  issuer?: string;
  /** The audience in the settings. Undefined where the settings do not apply to the token. */
  audience?: string;
  /** The provider according to the discovery document or the settings form. Used if no issuer identifies it. */
  provider?: AdviceKey | undefined;
  /** Undefined where the settings do not apply to the token. */
  settings?: SettingsInUse;
}

const ENCRYPTED: AdviceTable = { auth0: 'encrypted-auth0', other: 'encrypted-other' };

const OPAQUE: AdviceTable = {
  auth0: 'opaque-auth0',
  okta: 'opaque-okta',
  google: 'opaque-google',
  hydra: 'opaque-hydra',
  other: 'opaque-other',
};

const ALGORITHM: AdviceTable = {
  auth0: 'algorithm-auth0',
  keycloak: 'algorithm-keycloak',
  other: 'algorithm-other',
};

// Keycloak 26.5: if no refresh token comes with it, a token of a service account has a subject even without the client
// scope `basic`.
const SUBJECT: AdviceTable = { keycloak: 'subject-keycloak', other: 'subject-other' };

const AUDIENCE: AdviceTable = {
  keycloak: 'audience-keycloak',
  cognito: 'audience-cognito',
  hydra: 'audience-hydra',
  other: 'audience-other',
};

const OWN_AUDIENCE: AdviceTable = {
  keycloak: 'audience-keycloak',
  entra: 'own-audience-entra',
  auth0: 'own-audience-auth0',
  okta: 'own-audience-okta',
  google: 'own-audience-google',
  hydra: 'own-audience-hydra',
  other: 'own-audience-other',
};

const TABLES = { encrypted: ENCRYPTED, algorithm: ALGORITHM, subject: SUBJECT } as const;

/** The issuer in the settings identifies the provider best, then the token, then `provider`. */
function keyOf(token: TokenDescription, { issuer, provider }: Known): AdviceKey {
  const configured = recogniseProvider(issuer);
  const recognised = configured === 'other' ? recogniseProvider(token.issuer) : configured;
  return recognised === 'other' ? (token.product ?? provider ?? 'other') : recognised;
}

/** The advice for the provider of the token. If the settings already follow it, the advice `other`. */
function fromTable(table: AdviceTable, token: TokenDescription, known: Known): Message {
  const own = message(table[keyOf(token, known)] ?? table.other);
  return isNeeded(own, known.settings ?? {}) ? own : message(table.other);
}

/** Advice for a token that is encrypted, is not signed with RS256, or has no subject. */
export function adviceFor(rule: keyof typeof TABLES, token: TokenDescription, known: Known): Message[] {
  return [fromTable(TABLES[rule], token, known)];
}

/**
 * Advice for Hydra and unknown providers (`other`) if the settings have no audience. These providers may write `aud`
 * only if the request has an audience, and some issue a JWT only for such a request. Empty for other providers, and if
 * the settings do not apply to the token.
 */
function emptyAudienceAdvice(token: TokenDescription, known: Known): Message[] {
  if (known.settings?.hasAudience !== false) {
    return [];
  }
  switch (keyOf(token, known)) {
    case 'hydra':
      return [message('audience-empty-hydra')];
    case 'other':
      return [message('audience-empty')];
    default:
      return [];
  }
}

/** Advice for a provider that may follow RFC 8707, if the token request does not name the API. */
function resourceAdvice(token: TokenDescription, known: Known): Message[] {
  const isUnknown = keyOf(token, known) === 'other' && known.settings?.hasResource === false;
  return isUnknown ? [message('resource-missing')] : [];
}

/**
 * Advice for an opaque token. For an unknown provider (`other`), advice about missing parameters of the request comes
 * first, because the backend knows that they are missing.
 */
export function opaqueAdvice(token: TokenDescription, known: Known): Message[] {
  const usual = fromTable(OPAQUE, token, known);
  const empty = emptyAudienceAdvice(token, known);
  return keyOf(token, known) === 'other' ? [...empty, ...resourceAdvice(token, known), usual] : [usual, ...empty];
}

/** Advice for Keycloak: a mapper for the audience may exist that does not write into this token. */
function mapperAdvice(token: TokenDescription, known: Known): Message[] {
  return keyOf(token, known) === 'keycloak' ? [message('audience-keycloak-switches')] : [];
}

/** Advice for a token without `aud`. */
export function audienceAdvice(token: TokenDescription, known: Known): Message[] {
  const usual = [fromTable(AUDIENCE, token, known), ...mapperAdvice(token, known)];
  return token.isLightweight === true && keyOf(token, known) === 'keycloak'
    ? [message('audience-keycloak-lightweight'), ...usual]
    : [...emptyAudienceAdvice(token, known), ...usual];
}

/** One sentence for each shared audience. */
export function sharedAudienceMessages(shared: readonly SharedAudience[]): Message[] {
  return shared.map(({ audience, owner }, index) =>
    message(index === 0 ? 'token-shared-audience' : 'token-shared-audience-too', {
      audience,
      owner: message(`owner-${owner}`),
    })
  );
}

/**
 * Advice for a token whose audiences are all shared: do not configure them for the server, and request an audience for
 * Micromegas alone.
 */
export function sharedAudienceAdvice(
  shared: readonly SharedAudience[],
  token: TokenDescription,
  known: Known
): Message[] {
  const audiences = shared.map(({ audience }) => audience);
  const own = fromTable(OWN_AUDIENCE, token, known);
  return [message('do-not-configure', { audiences }), own, ...mapperAdvice(token, known)];
}
