/**
 * Settings that cannot work with the identity provider they are for, or are likely not to. The settings page shows the
 * sentences at the fields; the proxy refuses the problems with the same ones and names the doubts in Save & Test.
 *
 * A problem refuses a save, so it is one only where the provider's own rules leave no way for it to work. What depends on
 * how the provider was set up is a doubt.
 */
import {
  auth0Issuer,
  DEFAULT_SCOPE,
  ENTRA_V1_HOST,
  entraIssuer,
  GOOGLE_ISSUER,
  providerOf,
  recogniseProvider,
  tenantOf,
  urlOf,
} from './providers';
import { type MicromegasSettings } from './settings';

/** Settings that a provider may have an opinion of. */
export type ProviderField = 'oauthIssuer' | 'oauthAudience' | 'oauthScope';

/** One sentence or two at each field. */
export type FieldSentences = Partial<Record<ProviderField, string>>;

export interface ProviderFindings {
  /** What cannot work with this provider, whatever is set up there. */
  problems: FieldSentences;
  /** What is likely to fail, but may be right. */
  doubts: FieldSentences;
}

/** Names of the extra parameters of the token request. */
function parameterNames(settings: MicromegasSettings): string[] {
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) =>
    /^oauthParameterName\d+$/.test(key) && typeof value === 'string' && value.trim() !== '' ? [value.trim()] : []
  );
}

interface Filled {
  issuer: string;
  url: URL;
  audience: string;
  scope: string;
  parameters: string[];
  /** True when the issuer itself shows the provider; false when only the form's choice names it. */
  isRecognised: boolean;
}

const TENANTLESS = new Set(['common', 'organizations', 'consumers']);
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const NOTHING: ProviderFindings = { problems: {}, doubts: {} };
const problem = (sentences: FieldSentences): ProviderFindings => ({ problems: sentences, doubts: {} });
const doubt = (sentences: FieldSentences): ProviderFindings => ({ problems: {}, doubts: sentences });

function entraIssuerFindings({ issuer, url }: Filled): ProviderFindings {
  const tenant = tenantOf(issuer);
  if (tenant === undefined) {
    return problem({
      oauthIssuer: `Put the id of your tenant into the issuer: ${entraIssuer('<tenant id>', url.hostname)}.`,
    });
  }
  if (TENANTLESS.has(tenant.toLowerCase())) {
    return problem({
      oauthIssuer: `"${tenant}" stands for all tenants, and a service account belongs to one: put the id of your tenant in its place.`,
    });
  }
  if (!GUID.test(tenant)) {
    return doubt({
      oauthIssuer: `Entra ID writes the id of the tenant into its tokens, not "${tenant}": enter the id, as the overview page of the tenant shows it.`,
    });
  }
  const isV1 = url.hostname === ENTRA_V1_HOST;
  const expected = isV1 ? `https://${ENTRA_V1_HOST}/${tenant}/` : entraIssuer(tenant, url.hostname);
  return issuer === expected ? NOTHING : doubt({ oauthIssuer: `Entra ID calls itself ${expected}, to the character.` });
}

/** The v1 endpoint takes a resource in place of a scope, from any of several fields, and has a default of its own. */
function entraResourceFindings({ scope, audience, parameters }: Filled): ProviderFindings {
  return scope !== '' || audience !== '' || parameters.includes('resource')
    ? NOTHING
    : doubt({
        oauthScope: 'Enter the Application ID URI of the API followed by /.default: it says what the token is for.',
      });
}

function entraScopeFindings({ scope, parameters }: Filled): ProviderFindings {
  const example = 'Enter the application id of the API followed by /.default.';
  if (scope === '') {
    return parameters.includes('scope')
      ? NOTHING
      : problem({ oauthScope: `Entra ID gives no token for the API without a scope. ${example}` });
  }
  const scopes = scope.split(/\s+/);
  if (!scopes.some((one) => one.toLowerCase().endsWith(DEFAULT_SCOPE))) {
    return problem({ oauthScope: `Entra ID refuses a scope that does not end in /.default. ${example}` });
  }
  return scopes.length > 1 ? doubt({ oauthScope: 'Entra ID takes the scope of one application here.' }) : NOTHING;
}

function entraFindings(filled: Filled): ProviderFindings {
  // Known by the choice in the form alone, it may be another provider that wants other things.
  const issuer = filled.isRecognised ? entraIssuerFindings(filled) : NOTHING;
  const isV1 = filled.url.hostname === ENTRA_V1_HOST;
  const scope = isV1 ? entraResourceFindings(filled) : entraScopeFindings(filled);
  return {
    problems: filled.isRecognised ? { ...issuer.problems, ...scope.problems } : {},
    doubts: {
      ...issuer.doubts,
      ...scope.doubts,
      ...(!filled.isRecognised && scope.problems),
      ...(filled.audience !== '' &&
        !isV1 && {
          oauthAudience: 'Entra ID knows no audience, so it is not sent: the scope says which API the token is for.',
        }),
    },
  };
}

function auth0Findings({ issuer, url, audience, parameters }: Filled): ProviderFindings {
  const doubts: FieldSentences = {};
  if (url.pathname === '/' && !issuer.endsWith('/')) {
    doubts.oauthIssuer = `Auth0 calls itself ${auth0Issuer(issuer)}, with a slash at the end.`;
  }
  if (audience === '' && !parameters.includes('audience') && !parameters.includes('resource')) {
    doubts.oauthAudience =
      'Without the identifier of the API, Auth0 gives a token that Micromegas cannot read, unless the tenant has a default audience.';
  }
  return { problems: {}, doubts };
}

const OPENID_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

function oktaFindings({ issuer, url, scope, parameters, isRecognised }: Filled): ProviderFindings {
  const problems: FieldSentences = {};
  const doubts: FieldSentences = {};
  if (!/^\/oauth2\/[^/]+/.test(url.pathname)) {
    const target = isRecognised ? problems : doubts;
    target.oauthIssuer = `This is Okta's org server, whose tokens are for Okta alone. Use a custom authorization server, for example ${url.origin}/oauth2/default.`;
  } else if (issuer.endsWith('/')) {
    doubts.oauthIssuer = 'Okta calls itself by an issuer without a slash at the end.';
  }
  const openId = scope.split(/\s+/).filter((one) => OPENID_SCOPES.has(one));
  if (scope === '' && !parameters.includes('scope')) {
    doubts.oauthScope =
      'Okta gives no token without a scope, unless the authorization server has a default one. Enter a scope that was added to it.';
  } else if (openId.length > 0) {
    doubts.oauthScope = `Okta gives no OpenID scope to a service account (${openId.join(', ')}): enter one that was added to the authorization server.`;
  }
  return { problems, doubts };
}

function googleFindings({ issuer, audience, scope, isRecognised }: Filled): ProviderFindings {
  const problems: FieldSentences = {};
  if (issuer !== GOOGLE_ISSUER && isRecognised) {
    problems.oauthIssuer = `Google calls itself ${GOOGLE_ISSUER}, without a slash or path.`;
  }
  if (audience === '' && isRecognised) {
    problems.oauthAudience =
      'Enter the audience that the Micromegas server expects: Google writes it into the token that it gives to a service account.';
  }
  const doubts: FieldSentences =
    scope === '' ? {} : { oauthScope: 'Google takes a scope or an audience, so the scope is not sent.' };
  return { problems, doubts };
}

function keycloakFindings({ issuer }: Filled): ProviderFindings {
  return issuer.endsWith('/')
    ? doubt({ oauthIssuer: 'Keycloak calls itself by an issuer without a slash at the end.' })
    : NOTHING;
}

function cognitoFindings(): ProviderFindings {
  return doubt({
    oauthIssuer:
      'Access tokens of AWS Cognito name no audience (aud), and Micromegas refuses such tokens. They work only when a pre token generation trigger of the user pool adds one.',
  });
}

/**
 * What cannot work, or is likely not to, with the provider of a data source that signs in with a service account. Fields
 * that are wrong for every provider are found by `issuerProblem` and the like.
 */
export function providerProblems(settings: MicromegasSettings): ProviderFindings {
  const issuer = settings.oauthIssuer?.trim() ?? '';
  const url = urlOf(issuer);
  if (url === undefined) {
    return NOTHING;
  }
  const filled: Filled = {
    issuer,
    url,
    audience: settings.oauthAudience?.trim() ?? '',
    scope: settings.oauthScope?.trim() ?? '',
    parameters: parameterNames(settings),
    isRecognised: recogniseProvider(issuer) !== 'other',
  };
  switch (providerOf(settings)) {
    case 'entra':
      return entraFindings(filled);
    case 'auth0':
      return auth0Findings(filled);
    case 'okta':
      return oktaFindings(filled);
    case 'google':
      return googleFindings(filled);
    case 'keycloak':
      return keycloakFindings(filled);
    case 'cognito':
      return cognitoFindings();
    default:
      return NOTHING;
  }
}
