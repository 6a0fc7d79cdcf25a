/**
 * Finds settings that do not fit their identity provider. The settings page shows the messages at the fields. The
 * backend rejects settings with a problem, and Save & test shows warnings.
 *
 * A problem prevents all queries. So a finding is a problem only if the provider's own rules make the settings fail. If
 * the finding depends on the configuration at the provider, it is a warning.
 */
import { message, type Message } from '../messages/message';
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
} from '../settings/providers';
import { type MicromegasSettings } from '../settings/settings';

/** Settings that a provider restricts. */
export type ProviderField = 'oauthIssuer' | 'oauthAudience' | 'oauthScope';

export type FieldMessages = Partial<Record<ProviderField, Message>>;

interface ProviderFindings {
  /** Settings that cannot work with this provider. */
  problems: FieldMessages;
  /** Settings that may fail with this provider, or have no effect. */
  warnings: FieldMessages;
}

/** Names of the additional parameters of the token request. */
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
  /** True if the provider is known by the issuer. False if it is known only by the selection in the settings. */
  isRecognised: boolean;
}

/** Names in an issuer that mean several tenants instead of one. */
const TENANTLESS = new Set(['common', 'organizations', 'consumers']);
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const NOTHING: ProviderFindings = { problems: {}, warnings: {} };
const problem = (messages: FieldMessages): ProviderFindings => ({ problems: messages, warnings: {} });
const warning = (messages: FieldMessages): ProviderFindings => ({ problems: {}, warnings: messages });

function entraIssuerFindings({ issuer, url }: Filled): ProviderFindings {
  const tenant = tenantOf(issuer);
  if (tenant === undefined) {
    return problem({
      oauthIssuer: message('entra-tenant-missing', { example: entraIssuer('<tenant id>', url.hostname) }),
    });
  }
  if (TENANTLESS.has(tenant.toLowerCase())) {
    return problem({ oauthIssuer: message('entra-tenant-shared', { tenant }) });
  }
  if (!GUID.test(tenant)) {
    return warning({ oauthIssuer: message('entra-tenant-is-domain', { tenant }) });
  }
  const isV1 = url.hostname === ENTRA_V1_HOST;
  const expected = isV1 ? `https://${ENTRA_V1_HOST}/${tenant}/` : entraIssuer(tenant, url.hostname);
  return issuer === expected ? NOTHING : warning({ oauthIssuer: message('entra-issuer-differs', { expected }) });
}

/**
 * Warns if no field names a resource. The v1 endpoint takes a resource instead of a scope. The endpoint has a default
 * resource, so the finding is only a warning.
 */
function entraResourceFindings({ scope, audience, parameters }: Filled): ProviderFindings {
  return scope !== '' || audience !== '' || parameters.includes('resource')
    ? NOTHING
    : warning({ oauthScope: message('entra-resource-missing') });
}

function entraScopeFindings({ scope, parameters }: Filled): ProviderFindings {
  if (scope === '') {
    return parameters.includes('scope') ? NOTHING : problem({ oauthScope: message('entra-scope-missing') });
  }
  const scopes = scope.split(/\s+/);
  if (!scopes.some((one) => one.toLowerCase().endsWith(DEFAULT_SCOPE))) {
    return problem({ oauthScope: message('entra-scope-not-default') });
  }
  return scopes.length > 1 ? warning({ oauthScope: message('entra-several-scopes') }) : NOTHING;
}

function entraFindings(filled: Filled): ProviderFindings {
  // An issuer that is not recognised may belong to another provider than the selected one.
  const issuer = filled.isRecognised ? entraIssuerFindings(filled) : NOTHING;
  const isV1 = filled.url.hostname === ENTRA_V1_HOST;
  const scope = isV1 ? entraResourceFindings(filled) : entraScopeFindings(filled);
  return {
    problems: filled.isRecognised ? { ...issuer.problems, ...scope.problems } : {},
    warnings: {
      ...issuer.warnings,
      ...scope.warnings,
      ...(!filled.isRecognised && scope.problems),
      ...(filled.audience !== '' && !isV1 && { oauthAudience: message('entra-audience-unused') }),
    },
  };
}

function auth0Findings({ issuer, url, audience, parameters }: Filled): ProviderFindings {
  const warnings: FieldMessages = {};
  if (url.pathname === '/' && !issuer.endsWith('/')) {
    warnings.oauthIssuer = message('auth0-issuer-without-slash', { expected: auth0Issuer(issuer) });
  }
  if (audience === '' && !parameters.includes('audience') && !parameters.includes('resource')) {
    warnings.oauthAudience = message('auth0-audience-missing');
  }
  return { problems: {}, warnings };
}

const OPENID_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

function oktaFindings({ issuer, url, scope, parameters, isRecognised }: Filled): ProviderFindings {
  const problems: FieldMessages = {};
  const warnings: FieldMessages = {};
  if (!/^\/oauth2\/[^/]+/.test(url.pathname)) {
    const target = isRecognised ? problems : warnings;
    target.oauthIssuer = message('okta-org-server', { example: `${url.origin}/oauth2/default` });
  } else if (issuer.endsWith('/')) {
    warnings.oauthIssuer = message('okta-issuer-with-slash');
  }
  const openId = scope.split(/\s+/).filter((one) => OPENID_SCOPES.has(one));
  if (scope === '' && !parameters.includes('scope')) {
    warnings.oauthScope = message('okta-scope-missing');
  } else if (openId.length > 0) {
    warnings.oauthScope = message('okta-openid-scope', { scopes: openId });
  }
  return { problems, warnings };
}

function googleFindings({ issuer, audience, scope, isRecognised }: Filled): ProviderFindings {
  const problems: FieldMessages = {};
  if (issuer !== GOOGLE_ISSUER && isRecognised) {
    problems.oauthIssuer = message('google-issuer-differs', { expected: GOOGLE_ISSUER });
  }
  if (audience === '' && isRecognised) {
    problems.oauthAudience = message('google-audience-missing');
  }
  return { problems, warnings: scope === '' ? {} : { oauthScope: message('google-scope-unused') } };
}

function keycloakFindings({ issuer }: Filled): ProviderFindings {
  return issuer.endsWith('/') ? warning({ oauthIssuer: message('keycloak-issuer-with-slash') }) : NOTHING;
}

/**
 * Problems and warnings of a data source that signs in with a service account. Empty if the issuer is not a URL.
 * `settings-problems.ts` has the checks that do not depend on the provider.
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
      return warning({ oauthIssuer: message('cognito-tokens-without-audience') });
    default:
      return NOTHING;
  }
}
