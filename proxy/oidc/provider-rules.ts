/**
 * What differs between identity providers when a token is asked for: where discovery is, which parameters the request
 * has, and what an assertion must say. All of it is here, so that the grants know no provider by name.
 */
import { ENTRA_V1_HOST, recogniseProvider, type RecognisedProvider, tenantOf } from '../../contract/providers';
import { type ClientCredentials } from './client-credentials';

/** Of an assertion that the client signs (`private_key_jwt`, RFC 7523). */
export interface AssertionRules {
  /** Which `aud` the provider takes. With two, the second is tried once when the first is refused. */
  readonly audiences: ReadonlyArray<'issuer' | 'token-endpoint'>;
  readonly lifetimeSeconds: number;
  /** Algorithm of an RSA key with a certificate, where the settings choose none. */
  readonly certificateAlgorithm: 'RS256' | 'PS256';
  /** True: with RS256 also the SHA-1 thumbprint of the certificate (`x5t`) goes along. */
  readonly wantsOldThumbprint: boolean;
}

export interface ProviderRules {
  /** Address of the discovery document. */
  discoveryUrl(issuer: string): string;
  /** What the request asks for, beside the grant. @param tokenEndpoint Where it goes. */
  parameters(credentials: ClientCredentials, tokenEndpoint: string): Array<readonly [string, string]>;
  /** Where the secret goes first, if the provider lists both ways or none. */
  readonly firstSecretMethod: 'post' | 'basic';
  readonly assertion: AssertionRules;
}

function wellKnown(issuer: string): string {
  const url = new URL(issuer);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
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
    // The issuer is what the OAuth working group now asks for, and what current servers take; older ones took their
    // token endpoint only, as RFC 7523 suggests.
    audiences: ['issuer', 'token-endpoint'],
    lifetimeSeconds: 60,
    certificateAlgorithm: 'RS256',
    wantsOldThumbprint: false,
  },
};

/** The issuer of v1 tokens has no discovery document of its own: it is at the host where people sign in. */
function entraDiscoveryUrl(issuer: string): string {
  const tenant = tenantOf(issuer);
  return new URL(issuer).hostname === ENTRA_V1_HOST && tenant !== undefined
    ? wellKnown(`https://login.microsoftonline.com/${tenant}`)
    : wellKnown(issuer);
}

/** The v2 endpoint refuses `resource` and knows no `audience`; the v1 endpoint wants `resource` in place of a scope. */
function entraParameters(credentials: ClientCredentials, tokenEndpoint: string): Array<readonly [string, string]> {
  const { audience, scope } = credentials;
  const { pathname } = new URL(tokenEndpoint);
  if (pathname.endsWith('/oauth2/v2.0/token')) {
    return scope ? [['scope', scope]] : [];
  }
  if (!pathname.endsWith('/oauth2/token')) {
    // Neither of the two: the form was set to the wrong provider.
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

/** The provider that credentials belong to: the one that the issuer shows, else the one that the form was set to. */
export function providerKind({ issuer, provider }: ClientCredentials): RecognisedProvider {
  const recognised = recogniseProvider(issuer);
  return recognised === 'other' ? (provider ?? 'other') : recognised;
}

export function rulesFor(credentials: ClientCredentials): ProviderRules {
  return RULES[providerKind(credentials)];
}
