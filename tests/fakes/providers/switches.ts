/**
 * Situations of a sign-in, most of which are problems. A switch changes the saved settings, the client's registration,
 * or the behaviour of the provider.
 */
import { type SavedForm } from './rules';
import { type ProviderSimulator } from './simulator';

export interface Situation {
  provider: ProviderSimulator;
  saved: SavedForm;
}

export type Switch = (situation: Situation) => void;

const tokens = (change: (traits: ProviderSimulator['behaviour']['tokens']) => void): Switch => {
  return ({ provider }) => change(provider.behaviour.tokens);
};

export const SWITCHES = {
  ok: () => undefined,
  wrongSecret: ({ saved }) => {
    saved.secrets.oauthClientSecret = 'the-value-of-an-older-secret';
  },
  unknownClient: ({ saved }) => {
    saved.jsonData.oauthClientId = 'somebody-else';
  },
  missingAudience: ({ saved }) => {
    saved.jsonData.oauthAudience = '';
  },
  wrongAudience: ({ saved }) => {
    saved.jsonData.oauthAudience = 'https://unknown.example.com';
  },
  missingScope: ({ saved }) => {
    saved.jsonData.oauthScope = '';
  },
  wrongScope: ({ saved }) => {
    saved.jsonData.oauthScope = 'write:everything';
  },
  noGrant: ({ provider }) => {
    provider.client.isGranted = false;
  },
  wrongTenant: ({ provider, saved }) => {
    const { issuerPath } = provider.rules;
    const other = `${issuerPath.replace(/[^/]+(\/v2\.0)?\/?$/, '')}00000000-0000-4000-8000-000000000000`;
    saved.jsonData.oauthIssuer = `${provider.origin}${other}${issuerPath.endsWith('/v2.0') ? '/v2.0' : ''}`;
  },
  expiredSecret: ({ provider }) => {
    provider.client.isSecretExpired = true;
  },
  rateLimited: ({ provider }) => {
    provider.behaviour.rateLimitedTimes = 1000;
  },
  down: ({ provider }) => {
    provider.behaviour.fault = 'down';
  },
  htmlError: ({ provider }) => {
    provider.behaviour.fault = 'htmlError';
  },
  redirect: ({ provider }) => {
    provider.behaviour.fault = 'redirect';
  },
  badJson: ({ provider }) => {
    provider.behaviour.fault = 'badJson';
  },
  noExpiresIn: ({ provider }) => {
    provider.behaviour.noExpiresIn = true;
  },
  clockAhead: ({ provider }) => {
    provider.behaviour.clockAheadSeconds = 7200;
  },
  clockSlightlyAhead: ({ provider }) => {
    provider.behaviour.clockAheadSeconds = 120;
  },
  clockBehind: ({ provider }) => {
    provider.behaviour.clockAheadSeconds = -7200;
  },
  unreachable: ({ saved }) => {
    // Nothing listens on port 9.
    saved.jsonData.oauthIssuer = 'http://127.0.0.1:9';
  },
  tokenHostDiffers: ({ provider }) => {
    provider.behaviour.isTokenHostOther = true;
  },
  tokenHostNamed: ({ provider, saved }) => {
    provider.behaviour.isTokenHostOther = true;
    saved.jsonData.oauthEndpointHosts = new URL(provider.tokenEndpoint).host;
  },
  discovery400: ({ provider }) => {
    provider.behaviour.discovery = 400;
  },
  discovery404: ({ provider }) => {
    provider.behaviour.discovery = 404;
  },
  discoveryRedirect: ({ provider }) => {
    provider.behaviour.discovery = 'redirect';
  },
  otherIssuer: ({ provider }) => {
    provider.behaviour.discovery = 'otherIssuer';
  },
  issuerTemplate: ({ provider }) => {
    provider.behaviour.discovery = 'issuerTemplate';
  },
  noTokenEndpoint: ({ provider }) => {
    provider.behaviour.discovery = 'noTokenEndpoint';
  },
  issuerNoSlash: ({ saved }) => {
    const { oauthIssuer = '' } = saved.jsonData;
    saved.jsonData.oauthIssuer = oauthIssuer.endsWith('/') ? oauthIssuer.slice(0, -1) : `${oauthIssuer}/`;
  },
  shortLife: tokens((traits) => {
    traits.lifeSeconds = 300;
  }),
  opaqueToken: tokens((traits) => {
    traits.isOpaque = true;
  }),
  hs256: tokens((traits) => {
    traits.algorithm = 'HS256';
  }),
  ps256: tokens((traits) => {
    traits.algorithm = 'PS256';
  }),
  noAud: tokens((traits) => {
    traits.without.push('aud');
  }),
  noSub: tokens((traits) => {
    traits.without.push('sub');
  }),
  audList: tokens((traits) => {
    traits.isAudienceList = true;
  }),
  otherAud: tokens((traits) => {
    traits.claims.aud = 'account';
  }),
  otherSlash: tokens((traits) => {
    traits.hasOtherSlash = true;
  }),
  oddGroups: tokens((traits) => {
    traits.claims.groups = 7;
  }),
} satisfies Record<string, Switch>;

export type SwitchName = keyof typeof SWITCHES;
