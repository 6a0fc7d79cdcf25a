import { issuerProblem } from './settings-problems';

describe('the URL of an endpoint or a page in place of the issuer', () => {
  const KEYCLOAK = 'https://id.example/realms/lake';

  it.each([
    [`${KEYCLOAK}/protocol/openid-connect`, KEYCLOAK],
    [`${KEYCLOAK}/protocol/openid-connect/token`, KEYCLOAK],
    [`${KEYCLOAK}/account`, KEYCLOAK],
    [`${KEYCLOAK}/account/#/personal-info`, KEYCLOAK],
    ['https://id.example/admin/lake/console', KEYCLOAK],
    ['https://id.example/auth/admin/lake/console/#/lake/clients', 'https://id.example/auth/realms/lake'],
    ['https://dev-1.okta.com/oauth2/default/v1/token', 'https://dev-1.okta.com/oauth2/default'],
    ['https://dev-1.okta.com/oauth2/default/.well-known/oauth-authorization-server', 'https://dev-1.okta.com/oauth2/default'],
    ['https://login.microsoftonline.com/t/oauth2/v2.0/token', 'https://login.microsoftonline.com/t/v2.0'],
    ['https://lake.eu.auth0.com/oauth/token', 'https://lake.eu.auth0.com'],
    ['https://hydra.example/oauth2/token', 'https://hydra.example'],
  ])('is a problem that names the issuer: %s', (url, expected) => {
    expect(issuerProblem(url)).toMatchObject({ code: 'issuer-has-more', values: { expected } });
  }); // prettier-ignore

  it.each([
    KEYCLOAK,
    `${KEYCLOAK}/`,
    'https://dev-1.okta.com/oauth2/default',
    'https://login.microsoftonline.com/t/v2.0',
    'https://id.example/oauth2',
    'https://id.example/realms/account',
    'https://id.example/account',
  ])('is not found in an issuer: %s', (url) => {
    expect(issuerProblem(url)).toBeUndefined();
  });
});
