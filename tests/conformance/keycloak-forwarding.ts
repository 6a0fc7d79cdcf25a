/**
 * Checks forwarded tokens of a user who signed in to Grafana with Keycloak. The server accepts the ID token, but not
 * the access token, whose audience is `account`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ADA, type Source } from '../support/plugin';
import { secretWatch } from '../support/secret-watch';
import { healthOf } from '../support/sign-in-lab';
import { type Checklist } from './checklist';
import { assertAccepted, queryOutcome } from './oauth-outcomes';

/** The client with which Grafana signs users in. Its ID is the audience of ID tokens. */
export const LOGIN_CLIENT = 'grafana-login';
const SECRET = randomBytes(24).toString('base64url');
const PASSWORD = randomBytes(24).toString('base64url');

/** Fields of Keycloak's `RealmRepresentation`. */
export const LOGIN_SETTINGS = {
  clients: [{ clientId: LOGIN_CLIENT, secret: SECRET, publicClient: false, directAccessGrantsEnabled: true }],
  users: [
    {
      username: 'ada',
      enabled: true,
      email: 'ada@example.com',
      emailVerified: true,
      firstName: 'Ada',
      lastName: 'Lovelace',
      credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    },
  ],
};

const tokensJson = z.object({ access_token: z.string(), id_token: z.string() });

/** The headers with which Grafana forwards the tokens of a user. */
async function forwardedTokens(issuer: string): Promise<Record<string, string>> {
  const form = {
    grant_type: 'password',
    client_id: LOGIN_CLIENT,
    client_secret: SECRET,
    username: 'ada',
    password: PASSWORD,
    scope: 'openid',
  };
  const response = await fetch(`${issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token: accessToken, id_token: idToken } = tokensJson.parse(await response.json());
  [accessToken, idToken].forEach((token) => secretWatch.add(token));
  return { Authorization: `Bearer ${accessToken}`, 'X-Id-Token': idToken };
}

/** @param host `host:port` of a server that trusts the issuer with the audience `LOGIN_CLIENT`. */
export async function checkKeycloakForwarding(
  list: Checklist,
  name: string,
  { plugin, host, issuer }: { plugin: PluginProcess; host: string; issuer: string }
): Promise<void> {
  [SECRET, PASSWORD].forEach((secret) => secretWatch.add(secret));
  const sourceOf = (oauthForwardedToken: 'auto' | 'access'): Source => ({
    uid: `keycloak-forwarding-${name}-${oauthForwardedToken}`,
    user: ADA,
    jsonData: { host, selectedAuthType: 'oauth2', oauthPassThru: true, oauthForwardedToken },
    secureJsonData: {},
  });
  await list.check(
    `keycloak: ${name}, with Forwarded token = Automatic, the server accepts a user's query`,
    async () => {
      const headers = await forwardedTokens(issuer);
      assert.equal(await queryOutcome(plugin, sourceOf('auto'), { headers }), 'ok');
      await assertAccepted(plugin, sourceOf('auto'), { headers });
    }
  );
  await list.check(`keycloak: ${name}, the server rejects the access token of a user`, async () => {
    const headers = await forwardedTokens(issuer);
    const { code, report } = await healthOf(plugin, sourceOf('access'), headers);
    assert.equal(code, 'identity_refused', report);
    assert.equal(await queryOutcome(plugin, sourceOf('access'), { headers }), 'identity_refused');
  });
}
