/**
 * The differences between identity providers in token requests: the URL of the discovery document, the parameters, and
 * the client authentication.
 */
import {
  ENTRA_V1_HOST,
  recogniseProvider,
  type RecognisedProvider,
  tenantOf,
} from '../../../contract/settings/providers';
import { type ClientCredentials } from './client-credentials';
import { withoutSlash } from './shared-audiences';

/** Rules for an assertion that the client signs (RFC 7523). */
export interface AssertionRules {
  /** Values of `aud` that the provider accepts. The second one is tried when the first is rejected. */
  readonly audiences: ReadonlyArray<'issuer' | 'token-endpoint'>;
  readonly lifetimeSeconds: number;
  /** Default algorithm of an RSA key with a certificate. */
  readonly certificateAlgorithm: 'RS256' | 'PS256';
  /** True: with RS256, the header also has the SHA-1 thumbprint of the certificate (`x5t`). */
  readonly wantsOldThumbprint: boolean;
}

/** The rules for requests to one kind of provider. */
export interface ProviderRules {
  /** Returns the URL of the discovery document. */
  discoveryUrl(issuer: string): string;
  /** Parameters of the request in addition to the parameters of the grant. @param tokenEndpoint URL of the request. */
  parameters(credentials: ClientCredentials, tokenEndpoint: string): Array<readonly [string, string]>;
  /**
   * If the provider lists both ways to send the secret, or none, the first request uses this one: the form (`post`) or
   * the Authorization header (`basic`).
   */
  readonly firstSecretMethod: 'post' | 'basic';
  readonly assertion: AssertionRules;
}

function wellKnown(issuer: string): string {
  const url = new URL(issuer);
  url.pathname = `${withoutSlash(url.pathname)}/.well-known/openid-configuration`;
  return url.href;
}

function audienceAndScope({ audience, scope }: ClientCredentials): Array<readonly [string, string]> {
  return [...(audience ? [['audience', audience] as const] : []), ...(scope ? [['scope', scope] as const] : [])];
}

const DEFAULT_RULES: ProviderRules = {
  discoveryUrl: wellKnown,
  parameters: audienceAndScope,
  firstSecretMethod: 'post',
  assertion: {
    // Current servers accept the issuer, as the OAuth working group now requires. Older servers accept only their token
    // endpoint, as RFC 7523 suggests.
    audiences: ['issuer', 'token-endpoint'],
    lifetimeSeconds: 60,
    certificateAlgorithm: 'RS256',
    wantsOldThumbprint: false,
  },
};

/** The issuer of v1 tokens serves no discovery document, so the document of the login host is used. */
function entraDiscoveryUrl(issuer: string): string {
  const tenant = tenantOf(issuer);
  return new URL(issuer).hostname === ENTRA_V1_HOST && tenant !== undefined
    ? wellKnown(`https://login.microsoftonline.com/${tenant}`)
    : wellKnown(issuer);
}

/**
 * The v2 endpoint rejects `resource` and knows no `audience`. The v1 endpoint requires `resource` in place of a scope.
 */
function entraParameters(credentials: ClientCredentials, tokenEndpoint: string): Array<readonly [string, string]> {
  const { audience, scope } = credentials;
  const { pathname } = new URL(tokenEndpoint);
  if (pathname.endsWith('/oauth2/v2.0/token')) {
    return scope ? [['scope', scope]] : [];
  }
  if (!pathname.endsWith('/oauth2/token')) {
    // The endpoint does not belong to Entra ID, so the settings form for Entra ID was chosen by mistake.
    return audienceAndScope(credentials);
  }
  const resource = audience || scope?.split(/\s+/)[0]?.replace(/\/\.default$/i, '');
  return resource ? [['resource', resource]] : [];
}

const RULES: Readonly<Record<RecognisedProvider, ProviderRules>> = {
  other: DEFAULT_RULES,
  keycloak: DEFAULT_RULES,
  google: DEFAULT_RULES,
  cognito: { ...DEFAULT_RULES, firstSecretMethod: 'basic' },
  auth0: { ...DEFAULT_RULES, assertion: { ...DEFAULT_RULES.assertion, audiences: ['issuer'] } },
  okta: {
    ...DEFAULT_RULES,
    firstSecretMethod: 'basic',
    assertion: { ...DEFAULT_RULES.assertion, audiences: ['token-endpoint'] },
  },
  entra: {
    ...DEFAULT_RULES,
    discoveryUrl: entraDiscoveryUrl,
    parameters: entraParameters,
    assertion: {
      audiences: ['token-endpoint'],
      lifetimeSeconds: 300,
      certificateAlgorithm: 'PS256',
      wantsOldThumbprint: true,
    },
  },
};

/** The provider that the issuer identifies, or else the provider of the settings form. */
export function providerKind({ issuer, provider }: ClientCredentials): RecognisedProvider {
  const recognised = recogniseProvider(issuer);
  return recognised === 'other' ? (provider ?? 'other') : recognised;
}

/** The rules of the provider that `providerKind` finds. */
export function rulesFor(credentials: ClientCredentials): ProviderRules {
  return RULES[providerKind(credentials)];
}
