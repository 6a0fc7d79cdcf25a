/**
 * Checks the built plugin with a real Keycloak, which is set up with the commands of docs/admin/sign-in/keycloak.md.
 * The servers that verify the tokens are the demo's lakehouse and, if the run has one, a real Micromegas server.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { type ClientAuthentication, type MicromegasSecrets } from '../../contract/settings/settings';
import { startLakehouse, type Lakehouse, type LakehouseOptions } from '../../demo/lakehouse/lakehouse';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ADA, startBuiltPlugin, type Source } from '../support/plugin';
import { healthOf } from '../support/sign-in-lab';
import { type Checklist, type Cleanup } from './checklist';
import { KeycloakAdmin } from './keycloak-admin';
import { KeycloakCommands, type PageVariables } from './keycloak-commands';
import { checkKeycloakForwarding, LOGIN_CLIENT, LOGIN_SETTINGS } from './keycloak-forwarding';
import { checkKeycloakMistakes } from './keycloak-mistakes';
import { type KeycloakServer } from './keycloak-server';
import { assertAccepted, assertRejected, queryOutcome } from './oauth-outcomes';
import { unknownKey } from './unknown-key';

const REALM = 'conformance';
const AUDIENCE = 'micromegas';

type ClientName = 'with-secret' | 'with-secret-jwt' | 'with-key' | 'unmapped';

/** A method of client authentication at Keycloak. */
interface Credentials {
  method: ClientAuthentication;
  secrets: MicromegasSecrets;
}

/** A realm with a client for each method of authentication, and the client `unmapped`, which has no audience mapper. */
export interface KeycloakRealm {
  readonly issuer: string;
  readonly audience: string;
  readonly credentials: Readonly<Record<ClientName, Credentials>>;
}

/** A server that verifies the realm's tokens, and a plugin to query it. */
interface Target {
  plugin: PluginProcess;
  /** `host:port`. */
  host: string;
  realm: KeycloakRealm;
}

let sourceCount = 0;

/**
 * A data source with a new uid, so that the plugin reuses no result of Save & test. Data sources with the same settings
 * share a token.
 *
 * @param scope With a scope that no other data source has, the plugin requests a new token.
 */
function sourceOf(
  { host, realm }: Target,
  client: ClientName,
  { method, secrets } = realm.credentials[client],
  scope = ''
): Source {
  sourceCount += 1;
  return {
    uid: `keycloak-${sourceCount}`,
    user: ADA,
    jsonData: {
      host,
      selectedAuthType: 'oauth2',
      oauthProvider: 'keycloak',
      oauthIssuer: realm.issuer,
      oauthClientId: client,
      oauthClientProof: method,
      ...(scope !== '' && { oauthScope: scope }),
    },
    secureJsonData: secrets,
  };
}

/** Creates the realm and its clients. @returns Undefined when a command failed. */
export async function setUpRealm(list: Checklist, server: KeycloakServer): Promise<KeycloakRealm | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'kcadm'));
  let realm: KeycloakRealm | undefined;
  try {
    await list.check('keycloak: the commands of docs/admin/sign-in/keycloak.md create all clients', async () => {
      await new KeycloakAdmin(server).createRealm(REALM, LOGIN_SETTINGS);
      const commands = new KeycloakCommands(server, folder);
      const page = (client: ClientName): PageVariables => ({ REALM, CLIENT_ID: client, AUDIENCE });
      const [secret] = await commands.run(['log-in', 'client', 'audience'], page('with-secret'));
      const [signingSecret] = await commands.run(['client', 'audience', 'secret-jwt'], page('with-secret-jwt'));
      const [unmappedSecret] = await commands.run(['client'], page('unmapped'));
      await commands.run(['client', 'audience', 'signed-jwt'], page('with-key'));
      realm = {
        issuer: `${server.url}/realms/${REALM}`,
        audience: AUDIENCE,
        credentials: {
          'with-secret': { method: 'secret', secrets: { oauthClientSecret: secret } },
          'with-secret-jwt': { method: 'secret_jwt', secrets: { oauthClientSecret: signingSecret } },
          unmapped: { method: 'secret', secrets: { oauthClientSecret: unmappedSecret } },
          // The file that openssl wrote has attributes before the key.
          'with-key': {
            method: 'private_key',
            secrets: { oauthPrivateKey: readFileSync(join(folder, 'key.pem'), 'utf8') },
          },
        },
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return realm;
}

/** Checks each method of authentication, and a token that the server rejects. */
async function checkSignIns(list: Checklist, name: string, target: Target): Promise<void> {
  await list.check(`keycloak: ${name}, Save & test and a query succeed with the client secret`, () =>
    assertAccepted(target.plugin, sourceOf(target, 'with-secret'))
  );
  await list.check(`keycloak: ${name}, Save & test and a query succeed with "Signed JWT"`, () =>
    assertAccepted(target.plugin, sourceOf(target, 'with-key'))
  );
  await list.check(`keycloak: ${name}, Save & test and a query succeed with "Signed JWT with Client Secret"`, () =>
    assertAccepted(target.plugin, sourceOf(target, 'with-secret-jwt'))
  );
  await list.check(`keycloak: ${name}, Save & test explains a client without an audience mapper`, async () => {
    const source = sourceOf(target, 'unmapped');
    const { code, report, details } = await healthOf(target.plugin, source);
    assert.equal(code, 'token_audience_shared', report);
    // A server that is configured for this audience would accept nearly every client of the realm.
    assert.equal(details.token?.serverConfig, undefined);
    assert.equal(await queryOutcome(target.plugin, source), 'token_refused');
  });
}

/** Checks token requests that Keycloak rejects. So no query reaches a Micromegas server. */
async function checkWrongAuthenticators(list: Checklist, target: Target): Promise<void> {
  await list.check('keycloak: rejects a secret for a client that uses "Signed JWT"', () =>
    assertRejected(
      target.plugin,
      sourceOf(target, 'with-key', { method: 'secret', secrets: { oauthClientSecret: 'a-secret-of-no-client' } }),
      { query: 'provider_client_method' }
    )
  );
  await list.check('keycloak: rejects a secret for a client that uses "Signed JWT with Client Secret"', () => {
    const { secrets } = target.realm.credentials['with-secret-jwt'];
    return assertRejected(target.plugin, sourceOf(target, 'with-secret-jwt', { method: 'secret', secrets }), {
      query: 'provider_client_method',
    });
  });
  await list.check('keycloak: rejects a private key for a client with a secret', () =>
    assertRejected(
      target.plugin,
      sourceOf(target, 'with-secret', { method: 'private_key', secrets: { oauthPrivateKey: unknownKey() } }),
      { query: 'provider_client_method' }
    )
  );
}

/** A demo lakehouse that can be restarted, at the same address, to make it read the provider's keys again. */
class RestartableLakehouse {
  readonly #options: LakehouseOptions;
  #lakehouse: Lakehouse | undefined;

  constructor(options: LakehouseOptions) {
    this.#options = options;
  }

  get host(): string {
    if (this.#lakehouse === undefined) {
      throw new Error('The lakehouse has not started.');
    }
    return this.#lakehouse.address;
  }

  async restart(): Promise<void> {
    await this.close();
    this.#lakehouse = await startLakehouse(this.#options);
    this.#options.port = Number(new URL(`http://${this.host}`).port);
  }

  async close(): Promise<void> {
    await this.#lakehouse?.close();
    this.#lakehouse = undefined;
  }
}

/** The `kid` of a new token. */
async function signingKey({ issuer, credentials }: KeycloakRealm): Promise<string | undefined> {
  const { oauthClientSecret = '' } = credentials['with-secret'].secrets;
  const form = { grant_type: 'client_credentials', client_id: 'with-secret', client_secret: oauthClientSecret };
  const url = `${issuer}/protocol/openid-connect/token`;
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return decodeProtectedHeader(z.object({ access_token: z.string() }).parse(await response.json()).access_token).kid;
}

/**
 * Keycloak publishes a new key before it signs with this key. The lakehouse reads the keys again only after an hour, so
 * the test restarts the lakehouse.
 */
async function checkKeyChange(
  list: Checklist,
  { server, lakehouse, target }: { server: KeycloakServer; lakehouse: RestartableLakehouse; target: Target }
): Promise<void> {
  await list.check(
    'keycloak: the server accepts tokens of a new key if the server read the key before Keycloak used it',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kcadm'));
      try {
        const commands = new KeycloakCommands(server, folder);
        const page: PageVariables = { REALM, CLIENT_ID: 'with-secret', AUDIENCE };
        const oldKey = await signingKey(target.realm);
        const lines = await commands.run(['log-in', 'new-key'], page);
        assert.equal(await signingKey(target.realm), oldKey);
        await lakehouse.restart();
        await commands.run(['activate-key'], { ...page, KEY: lines.at(-1) });
        assert.notEqual(await signingKey(target.realm), oldKey);
        await assertAccepted(target.plugin, sourceOf(target, 'with-secret', undefined, 'roles'));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  );
}

async function checkKeyRotation(
  list: Checklist,
  { server, lakehouse, target }: { server: KeycloakServer; lakehouse: RestartableLakehouse; target: Target }
): Promise<void> {
  const { plugin } = target;
  const source = sourceOf(target, 'with-secret');
  const withNewToken = () => sourceOf(target, 'with-secret', undefined, 'profile');
  await list.check('keycloak: queries keep working after the signing key was replaced', async () => {
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await new KeycloakAdmin(server).rotateSigningKey(REALM);
    assert.equal(await queryOutcome(plugin, source), 'ok');
  });
  await list.check('keycloak: the server rejects tokens of the new key until it reads the keys again', async () => {
    const { code, report } = await healthOf(plugin, withNewToken());
    assert.equal(code, 'token_refused', report);
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await lakehouse.restart();
    await assertAccepted(target.plugin, withNewToken());
    assert.equal(await queryOutcome(plugin, source), 'ok');
  });
}

async function checkRestart(list: Checklist, server: KeycloakServer, target: Target): Promise<void> {
  const { plugin } = target;
  const source = sourceOf(target, 'with-secret');
  const withoutToken = sourceOf(target, 'with-secret', undefined, 'email');
  await list.check('keycloak: queries keep working with a cached token while Keycloak is down', async () => {
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await server.pause();
    assert.equal(await queryOutcome(plugin, source), 'ok');
    assert.equal(await queryOutcome(plugin, withoutToken), 'provider_unreachable');
  });
  await list.check('keycloak: the plugin gets new tokens after a restart of Keycloak', async () => {
    await server.resume();
    await assertAccepted(target.plugin, withoutToken);
    await assertAccepted(target.plugin, source);
  });
}

/** The issuers in the configuration of a server: one for service accounts, and one for the ID tokens of users. */
export function issuersOf({ issuer, audience }: KeycloakRealm): Array<{ issuer: string; audience: string }> {
  return [audience, LOGIN_CLIENT].map((each) => ({ issuer, audience: each }));
}

/** Runs the checks that need no real Micromegas. @returns The realm, for `checkKeycloakWithMicromegas`. */
export async function checkKeycloak(
  list: Checklist,
  server: KeycloakServer,
  cleanup: Cleanup
): Promise<KeycloakRealm | undefined> {
  const realm = await setUpRealm(list, server);
  if (realm === undefined) {
    return undefined;
  }
  const lakehouse = new RestartableLakehouse({ apiKeys: [], issuers: issuersOf(realm) });
  await lakehouse.restart();
  cleanup.add(() => lakehouse.close());
  const plugin = await startBuiltPlugin();
  cleanup.add(async () => void (await plugin.shutdown()));
  const target = { plugin, host: lakehouse.host, realm };
  await checkSignIns(list, 'demo lakehouse', target);
  await checkWrongAuthenticators(list, target);
  await checkKeycloakMistakes(list, server, { plugin, host: lakehouse.host });
  await checkKeycloakForwarding(list, 'demo lakehouse', { plugin, host: lakehouse.host, issuer: realm.issuer });
  await checkKeyChange(list, { server, lakehouse, target });
  await checkKeyRotation(list, { server, lakehouse, target });
  await checkRestart(list, server, target);
  return realm;
}

/** Checks the sign-ins with a real Micromegas. @param host `host:port` of a server with the entries of `issuersOf`. */
export async function checkKeycloakWithMicromegas(
  list: Checklist,
  plugin: PluginProcess,
  host: string,
  realm: KeycloakRealm
): Promise<void> {
  await checkSignIns(list, 'real Micromegas', { plugin, host, realm });
  await checkKeycloakForwarding(list, 'real Micromegas', { plugin, host, issuer: realm.issuer });
}
