import { type FieldMessages, providerProblems } from './provider-problems';
import { render } from '../messages/message';
import { applicationOf, auth0Issuer, entraIssuer, entraScope, providerOf, tenantOf } from '../settings/providers';
import { type MicromegasSettings } from '../settings/settings';

const TENANT = '11111111-2222-3333-4444-555555555555';
const ENTRA = entraIssuer(TENANT);
const SCOPE = 'api://lake/.default';

interface Case {
  name: string;
  settings: MicromegasSettings;
  problems?: Partial<Record<keyof FieldMessages, RegExp>>;
  warnings?: Partial<Record<keyof FieldMessages, RegExp>>;
}

const cases: Case[] = [
  { name: 'nothing filled in', settings: {} },
  { name: 'an issuer that is not a URL', settings: { oauthIssuer: 'idp', oauthProvider: 'okta' } },
  { name: 'another provider', settings: { oauthIssuer: 'https://idp.example/' } },
  { name: 'Entra ID', settings: { oauthIssuer: ENTRA, oauthScope: SCOPE } },
  {
    name: 'Entra ID of the US government',
    settings: { oauthIssuer: entraIssuer(TENANT, 'login.microsoftonline.us'), oauthScope: SCOPE },
  },
  {
    name: 'Entra ID for all tenants',
    settings: { oauthIssuer: 'https://login.microsoftonline.com/common/v2.0', oauthScope: SCOPE },
    problems: { oauthIssuer: /"common" means all tenants/ },
  },
  {
    name: 'Entra ID without a tenant',
    settings: { oauthIssuer: 'https://login.microsoftonline.com/v2.0', oauthScope: SCOPE },
    problems: { oauthIssuer: /Put the ID of your tenant/ },
  },
  {
    name: 'Entra ID with a domain as tenant',
    settings: { oauthIssuer: 'https://login.microsoftonline.com/example.com/v2.0', oauthScope: SCOPE },
    warnings: { oauthIssuer: /not "example.com"/ },
  },
  {
    name: 'Entra ID without v2.0',
    settings: { oauthIssuer: `https://login.microsoftonline.com/${TENANT}/`, oauthScope: SCOPE },
    warnings: { oauthIssuer: /\/v2\.0\. Enter exactly this/ },
  },
  {
    name: 'Entra ID without scope',
    settings: { oauthIssuer: ENTRA },
    problems: { oauthScope: /needs a scope to issue/ },
  },
  {
    name: 'Entra ID with a scope that does not end in /.default',
    settings: { oauthIssuer: ENTRA, oauthScope: 'api://lake/read' },
    problems: { oauthScope: /does not end in/ },
  },
  { name: 'Entra ID with the scope as a parameter', settings: { oauthIssuer: ENTRA, oauthParameterName1: 'scope' } },
  {
    name: 'Entra ID v1 without a resource',
    settings: { oauthIssuer: `https://sts.windows.net/${TENANT}/` },
    warnings: { oauthScope: /Application ID URI/ },
  },
  { name: 'Entra ID v1 with a scope', settings: { oauthIssuer: `https://sts.windows.net/${TENANT}/`, oauthScope: 'api://lake' } }, // prettier-ignore
  { name: 'Entra ID v1 with an audience', settings: { oauthIssuer: `https://sts.windows.net/${TENANT}/`, oauthAudience: 'api://lake' } }, // prettier-ignore
  { name: 'Entra ID v1 with a resource', settings: { oauthIssuer: `https://sts.windows.net/${TENANT}/`, oauthParameterName3: 'resource' } }, // prettier-ignore
  {
    name: 'Entra ID with an audience',
    settings: { oauthIssuer: ENTRA, oauthScope: SCOPE, oauthAudience: 'x' },
    warnings: { oauthAudience: /not sent/ },
  },
  {
    name: 'an unknown issuer with Entra ID selected as the provider',
    settings: { oauthIssuer: 'https://proxy.example/', oauthProvider: 'entra' },
    warnings: { oauthScope: /needs a scope to issue/ },
  },
  { name: 'Auth0', settings: { oauthIssuer: 'https://t.eu.auth0.com/', oauthAudience: 'lake' } },
  {
    name: 'Auth0 without slash and audience',
    settings: { oauthIssuer: 'https://t.eu.auth0.com' },
    warnings: { oauthIssuer: /https:\/\/t\.eu\.auth0\.com\/,/, oauthAudience: /default audience/ },
  },
  { name: 'Okta', settings: { oauthIssuer: 'https://t.okta.com/oauth2/default', oauthScope: 'lake' } },
  {
    name: "Okta's org server",
    settings: { oauthIssuer: 'https://t.okta.com', oauthScope: 'lake' },
    problems: { oauthIssuer: /https:\/\/t\.okta\.com\/oauth2\/default/ },
  },
  {
    name: 'an unknown issuer without a path, with Okta selected as the provider',
    settings: { oauthIssuer: 'https://login.example', oauthProvider: 'okta', oauthScope: 'lake' },
    warnings: { oauthIssuer: /org server/ },
  },
  {
    name: 'Okta without scope',
    settings: { oauthIssuer: 'https://t.okta.com/oauth2/default' },
    warnings: { oauthScope: /or a default scope of the authorization server/ },
  },
  {
    name: 'Okta with OpenID scopes',
    settings: { oauthIssuer: 'https://t.okta.com/oauth2/default', oauthScope: 'openid lake' },
    warnings: { oauthScope: /\(openid\)/ },
  },
  { name: 'Google', settings: { oauthIssuer: 'https://accounts.google.com', oauthAudience: 'lake' } },
  {
    name: 'Google with slash and without audience',
    settings: { oauthIssuer: 'https://accounts.google.com/' },
    problems: { oauthIssuer: /no slash/, oauthAudience: /audience that is configured on the Micromegas server/ },
  },
  { name: 'Keycloak', settings: { oauthIssuer: 'https://sso.example/realms/lake' } },
  {
    name: 'Keycloak with slash',
    settings: { oauthIssuer: 'https://sso.example/realms/lake/' },
    warnings: { oauthIssuer: /no slash/ },
  },
  {
    name: 'Cognito',
    settings: { oauthIssuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x' },
    warnings: { oauthIssuer: /\(aud\)/ },
  },
];

it.each(cases)('finds the problems and warnings, if any: $name', ({ settings, problems = {}, warnings = {} }) => {
  const found = providerProblems(settings);
  const rendered = (messages: FieldMessages) =>
    Object.fromEntries(Object.entries(messages).map(([field, each]) => [field, render(each)]));
  const matching = (expected: Partial<Record<string, RegExp>>) =>
    Object.fromEntries(
      Object.entries(expected).map(([field, message]) => [field, expect.stringMatching(message ?? /^$/)])
    );
  expect(rendered(found.problems)).toEqual(matching(problems));
  expect(rendered(found.warnings)).toEqual(matching(warnings));
});

it('recognises the provider by its issuer, else takes the provider that the settings select', () => {
  expect(providerOf({ oauthIssuer: 'https://t.okta.com/oauth2/a', oauthProvider: 'auth0' })).toBe('okta');
  expect(providerOf({ oauthIssuer: 'https://idp.example/', oauthProvider: 'auth0' })).toBe('auth0');
});

it('reads the tenant of an issuer, and converts application ID URIs and Auth0 domains', () => {
  expect(tenantOf(ENTRA)).toBe(TENANT);
  expect(tenantOf('https://idp.example/x')).toBeUndefined();
  expect(entraScope(' lake ')).toBe('lake/.default');
  expect(entraScope(SCOPE)).toBe(SCOPE);
  expect(entraScope('')).toBe('');
  expect(applicationOf(SCOPE)).toBe('api://lake');
  expect(auth0Issuer('t.eu.auth0.com')).toBe('https://t.eu.auth0.com/');
  expect(auth0Issuer('https://t.eu.auth0.com//')).toBe('https://t.eu.auth0.com/');
});
