/** Mistakes in the settings of Keycloak or of the data source. Save & test must explain each. */
import { randomBytes } from 'node:crypto';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ADA, type Source } from '../support/plugin';
import { secretWatch } from '../support/secret-watch';
import { type Checklist } from './checklist';
import { KeycloakAdmin } from './keycloak-admin';
import { type KeycloakServer } from './keycloak-server';
import { assertRejected, type Rejection } from './oauth-outcomes';
import { unknownKey } from './unknown-key';

const REALM = 'mistakes';
const SECRET = randomBytes(24).toString('base64url');

const mapper = (config: Record<string, string>) => ({
  name: 'audience',
  protocol: 'openid-connect',
  protocolMapper: 'oidc-audience-mapper',
  config: { 'included.custom.audience': 'micromegas', ...config },
});

const client = (clientId: string, changes: object = {}) => ({
  clientId,
  secret: SECRET,
  publicClient: false,
  serviceAccountsEnabled: true,
  standardFlowEnabled: false,
  ...changes,
});

const LIGHTWEIGHT = { 'client.use.lightweight.access.token.enabled': 'true' };

const SETTINGS = {
  clients: [
    client('usual'),
    client('with-roles'),
    client('reporting', { serviceAccountsEnabled: false }),
    client('mapper-off', { protocolMappers: [mapper({ 'access.token.claim': 'false', 'lightweight.claim': 'true' })] }),
    client('lightweight', {
      attributes: LIGHTWEIGHT,
      protocolMappers: [mapper({ 'access.token.claim': 'true', 'lightweight.claim': 'false' })],
    }),
    client('keyless', { clientAuthenticatorType: 'client-jwt' }),
    client('public', { publicClient: true, serviceAccountsEnabled: false }),
    client('certificate', { clientAuthenticatorType: 'client-x509' }),
    client('es256', {
      clientAuthenticatorType: 'client-jwt',
      attributes: { 'token.endpoint.auth.signing.alg': 'ES256' },
    }),
    client('disabled', { enabled: false }),
    client('disabled-account'),
  ],
  roles: { client: { reporting: [{ name: 'viewer' }] } },
  users: [
    {
      username: 'service-account-with-roles',
      serviceAccountClientId: 'with-roles',
      enabled: true,
      clientRoles: { reporting: ['viewer'] },
    },
    { username: 'service-account-disabled-account', serviceAccountClientId: 'disabled-account', enabled: false },
  ],
};

interface Case extends Rejection {
  name: string;
  client?: string;
  /** Path of the issuer. Default: that of the realm. */
  path?: string;
  secrets?: MicromegasSecrets;
  settings?: MicromegasSettings;
}

const SIGNED: Pick<Case, 'secrets' | 'settings'> = {
  secrets: { oauthPrivateKey: unknownKey() },
  settings: { oauthClientProof: 'private_key' },
};

const UNREADABLE = { query: 'provider_not_oidc' } as const;

const CASES: readonly Case[] = [
  {
    name: 'the audience of another client',
    client: 'with-roles',
    query: 'token_refused',
    health: 'token_audience_shared',
    advice: 'owner-keycloak-roles',
  },
  {
    name: 'a mapper that is not for access tokens',
    client: 'mapper-off',
    query: 'token_refused',
    health: 'token_audience_shared',
    advice: 'audience-keycloak-switches',
  },
  {
    name: 'a mapper that is not for lightweight access tokens',
    client: 'lightweight',
    query: 'token_refused',
    health: 'token_unusable',
    advice: 'audience-keycloak-lightweight',
  },
  {
    name: 'the method "Signed JWT with Client Secret" for a client with the authenticator "Signed JWT"',
    client: 'keyless',
    settings: { oauthClientProof: 'secret_jwt' },
    query: 'provider_client_method',
    advice: 'use-private-key',
  },
  {
    name: 'a client with the authenticator "Signed JWT" and no keys',
    client: 'keyless',
    ...SIGNED,
    query: 'provider_refused',
    advice: 'keycloak-no-keys',
  },
  {
    name: 'a secret for a client with the authenticator "Signed JWT"',
    client: 'keyless',
    query: 'provider_client_method',
    advice: 'use-signed-jwt',
  },
  {
    name: 'a secret for a client with the authenticator "X509 Certificate"',
    client: 'certificate',
    query: 'provider_refused',
    advice: 'keycloak-client-unknown',
  },
  {
    name: 'an RSA key for a client that must sign with ES256',
    client: 'es256',
    ...SIGNED,
    query: 'provider_algorithm',
    advice: 'use-algorithm',
  },
  { name: 'a public client', client: 'public', query: 'provider_not_granted', advice: 'keycloak-public-client' },
  {
    name: 'a client without a service account',
    client: 'reporting',
    query: 'provider_not_granted',
    advice: 'keycloak-service-account-off',
  },
  {
    name: 'a disabled service account',
    client: 'disabled-account',
    query: 'provider_not_granted',
    advice: 'keycloak-user-disabled',
  },
  {
    name: 'a wrong secret',
    secrets: { oauthClientSecret: 'a-secret-of-no-client' },
    query: 'provider_refused',
    advice: 'keycloak-secret-wrong',
  },
  { name: 'an unknown client', client: 'nobody', query: 'provider_refused', advice: 'keycloak-client-unknown' },
  { name: 'a disabled client', client: 'disabled', query: 'provider_refused', advice: 'keycloak-client-unknown' },
  {
    name: 'a disabled realm',
    path: '/realms/disabled',
    query: 'provider_not_granted',
    advice: 'keycloak-realm-disabled',
  },
  { name: 'a realm that requires HTTPS', path: '/realms/https-only', ...UNREADABLE, advice: 'keycloak-https-required' },
  { name: 'an unknown realm', path: '/realms/nowhere', ...UNREADABLE, advice: 'keycloak-realm-unknown' },
  {
    name: 'the issuer path of old Keycloak versions',
    path: `/auth/realms/${REALM}`,
    ...UNREADABLE,
    advice: 'keycloak-old-path',
  },
  { name: 'an issuer without a realm', path: '', ...UNREADABLE, advice: 'keycloak-realm-missing' },
];

function sourceOf(url: string, host: string, index: number, each: Case): Source {
  const { client: oauthClientId = 'usual', path = `/realms/${REALM}`, secrets, settings } = each;
  const jsonData = {
    host,
    selectedAuthType: 'oauth2',
    oauthProvider: 'keycloak',
    oauthIssuer: `${url}${path}`,
    oauthClientId,
    ...settings,
  } as const;
  return {
    uid: `keycloak-mistake-${index}`,
    user: ADA,
    jsonData,
    secureJsonData: secrets ?? { oauthClientSecret: SECRET },
  };
}

/** @param host `host:port` of a server that does not trust these realms. */
export async function checkKeycloakMistakes(
  list: Checklist,
  server: KeycloakServer,
  { plugin, host }: { plugin: PluginProcess; host: string }
): Promise<void> {
  secretWatch.add(SECRET);
  const areCreated = await list.check('keycloak: realms with mistakes are created', async () => {
    const admin = new KeycloakAdmin(server);
    await admin.createRealm(REALM, SETTINGS);
    await admin.createRealm('disabled', { enabled: false });
    await admin.createRealm('https-only', { sslRequired: 'all' });
  });
  if (!areCreated) {
    return;
  }
  for (const [index, each] of CASES.entries()) {
    await list.check(`keycloak: explains ${each.name}`, () =>
      assertRejected(plugin, sourceOf(server.url, host, index, each), each)
    );
  }
}
