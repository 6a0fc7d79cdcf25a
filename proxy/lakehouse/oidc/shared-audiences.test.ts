import { sortAudiences, type AudienceOwner } from './shared-audiences';

const KEYCLOAK = 'https://kc.example/realms/lake';
const MASTER = 'https://kc.example/realms/master';
const ENTRA = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';
const AUTH0 = 'https://lake.eu.auth0.com/';
const OKTA_ORG = 'https://lake.okta.com';
const OTHER = 'https://idp.example';

const shared: Array<[issuer: string, audience: string, owner: AudienceOwner]> = [
  [KEYCLOAK, 'account', 'keycloak'],
  [KEYCLOAK, 'realm-management', 'keycloak'],
  [KEYCLOAK, 'broker', 'keycloak'],
  [KEYCLOAK, 'security-admin-console', 'keycloak'],
  [MASTER, 'master-realm', 'keycloak'],
  [MASTER, 'lake-realm', 'keycloak'],
  [ENTRA, '00000003-0000-0000-c000-000000000000', 'microsoft'],
  [ENTRA, '00000002-0000-0000-c000-000000000000', 'microsoft'],
  [ENTRA, '00000003-0000-0ff1-ce00-000000000000', 'microsoft'],
  [ENTRA, '00000009-0000-0000-C000-000000000000', 'microsoft'],
  [ENTRA, '797f4846-ba00-4fd7-ba43-dac1f8f63013', 'microsoft'],
  [ENTRA, 'https://graph.microsoft.com', 'microsoft'],
  [ENTRA, 'https://graph.microsoft.com/', 'microsoft'],
  [ENTRA, 'https://management.azure.com', 'microsoft'],
  [ENTRA, 'https://management.core.windows.net/', 'microsoft'],
  [ENTRA, 'https://lake.sharepoint.com', 'microsoft'],
  [ENTRA, 'api://AzureADTokenExchange', 'microsoft'],
  [AUTH0, 'https://lake.eu.auth0.com/api/v2/', 'auth0-management'],
  [AUTH0, 'https://lake.eu.auth0.com/userinfo', 'auth0-userinfo'],
  ['https://login.example.com/', 'https://lake.eu.auth0.com/api/v2/', 'auth0-management'],
  [OKTA_ORG, OKTA_ORG, 'issuer'],
  [OTHER, `${OTHER}/`, 'issuer'],
  [OTHER, `${OTHER}/resources`, 'identity-server'],
  ['https://accounts.google.com', 'https://www.googleapis.com/oauth2/v4/token', 'google'],
  [OTHER, 'sts.amazonaws.com', 'aws'],
  ['https://kubernetes.default.svc.cluster.local', 'https://kubernetes.default.svc', 'kubernetes'],
];

it.each(shared)('with issuer %s, %s is a shared audience (%s)', (issuer, audience, owner) => {
  expect(sortAudiences({ isJwt: true, issuer, audience: [audience] })).toEqual({
    own: [],
    shared: [{ audience, owner }],
    forServer: undefined,
  });
});

const own: Array<[issuer: string, audience: string]> = [
  [KEYCLOAK, 'micromegas'],
  [KEYCLOAK, 'lake-realm'],
  [OTHER, 'account'],
  [ENTRA, '5d0d9a3e-1111-2222-3333-444444444444'],
  [ENTRA, 'api://5d0d9a3e-1111-2222-3333-444444444444'],
  [AUTH0, 'https://lake.example.com/api/v2/'],
  ['https://lake.okta.com/oauth2/default', 'api://default'],
  ['https://accounts.google.com', '123-abc.apps.googleusercontent.com'],
  [OTHER, 'https://notgoogleapis.com'],
  [OTHER, 'https://graph.microsoft.com.example.com'],
];

it.each(own)('with issuer %s, %s may be the audience of Micromegas', (issuer, audience) => {
  expect(sortAudiences({ isJwt: true, issuer, audience: [audience] })).toEqual({
    own: [audience],
    shared: [],
    forServer: audience,
  });
});

it.each([
  { audience: ['account', 'micromegas'], wanted: undefined, forServer: 'micromegas' },
  { audience: ['a', 'b'], wanted: undefined, forServer: undefined },
  { audience: ['a', 'b'], wanted: 'b', forServer: 'b' },
  { audience: ['account'], wanted: 'account', forServer: undefined },
  { audience: ['a', 'b'], wanted: '', forServer: undefined },
  { audience: undefined, wanted: 'a', forServer: undefined },
])(
  'with audiences $audience and setting $wanted, the audience for the server is $forServer',
  ({ audience, wanted, forServer }) => {
    expect(sortAudiences({ isJwt: true, issuer: KEYCLOAK, audience }, wanted).forServer).toBe(forServer);
  }
);
