/**
 * The built plugin with a real Keycloak, which the commands of its documentation page set up. The servers that verify the tokens
 * are the demo's lakehouse and, if the run has one, a real Micromegas.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ClientProof, type MicromegasSecrets } from '../../contract/settings';
import { startLakehouse, type Lakehouse, type LakehouseOptions } from '../../demo/lakehouse/lakehouse';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ErrorCode } from '../../proxy/errors/catalogue';
import { readFrames } from '../support/frames';
import { ADA, runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { healthOf } from '../support/sign-in-lab';
import { type Checklist, type Cleanup } from './checklist';
import { KeycloakAdmin } from './keycloak-admin';
import { KeycloakCommands, type PageVariables } from './keycloak-commands';
import { type KeycloakServer } from './keycloak-server';

const REALM = 'conformance';
const AUDIENCE = 'micromegas';
const QUERY = 'SELECT count(*) AS n FROM log_entries';

const failedFrame = z.object({ code: z.string() });

type ClientName = 'with-secret' | 'with-secret-jwt' | 'with-key' | 'unmapped';

/** How a data source proves to Keycloak that it is the client. */
interface Credentials {
  proof: ClientProof;
  secrets: MicromegasSecrets;
}

/** A realm with one client for each method of authentication. All but `unmapped` have an audience mapper. */
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

/** A private key that no client of the realm has. */
function unknownKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

let sourceCount = 0;

/**
 * A data source with a new uid, so that the plugin reuses no result of Save & test. Data sources with the same settings share a
 * token.
 *
 * @param scope With a scope that no other data source has, the plugin requests a new token.
 */
function sourceOf(
  { host, realm }: Target,
  client: ClientName,
  { proof, secrets } = realm.credentials[client],
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
      oauthClientProof: proof,
      ...(scope !== '' && { oauthScope: scope }),
    },
    secureJsonData: secrets,
  };
}

/** @returns The error code of a failed query, `ok` for a result with rows, else `no rows`. */
async function queryOutcome(plugin: PluginProcess, source: Source): Promise<string> {
  const response = await runQuery(plugin, source, { query: QUERY, version: 2, timeFilter: false, autoLimit: false });
  const [frame] = readFrames(response);
  if (response.error !== '') {
    return failedFrame.parse(frame.meta.custom).code;
  }
  return frame.rowCount > 0 ? 'ok' : 'no rows';
}

async function assertAccepted({ plugin }: Target, source: Source): Promise<void> {
  const { ok, text } = await healthOf(plugin, source);
  assert.ok(ok, text);
  assert.equal(await queryOutcome(plugin, source), 'ok');
}

/** @param code Error code of the query. @param explained Error code of Save & test. */
async function assertRejected(
  { plugin }: Target,
  source: Source,
  code: ErrorCode,
  explained: ErrorCode = code
): Promise<void> {
  const outcome = await healthOf(plugin, source);
  assert.equal(outcome.code, explained, outcome.text);
  assert.equal(await queryOutcome(plugin, source), code);
}

/** Creates the realm and its clients. @returns Undefined when a command failed. */
export async function setUpRealm(list: Checklist, server: KeycloakServer): Promise<KeycloakRealm | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'kcadm'));
  let realm: KeycloakRealm | undefined;
  try {
    await list.check('keycloak: the commands of docs/sign-in/keycloak.md create all clients', async () => {
      await new KeycloakAdmin(server).createRealm(REALM);
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
          'with-secret': { proof: 'secret', secrets: { oauthClientSecret: secret } },
          'with-secret-jwt': { proof: 'secret_jwt', secrets: { oauthClientSecret: signingSecret } },
          unmapped: { proof: 'secret', secrets: { oauthClientSecret: unmappedSecret } },
          // The file that openssl wrote has attributes before the key.
          'with-key': {
            proof: 'private_key',
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
  await list.check(`keycloak: ${name}, Save & test and a query with the client secret`, () =>
    assertAccepted(target, sourceOf(target, 'with-secret'))
  );
  await list.check(`keycloak: ${name}, Save & test and a query with Signed JWT`, () =>
    assertAccepted(target, sourceOf(target, 'with-key'))
  );
  await list.check(`keycloak: ${name}, Save & test and a query with Signed JWT with Client Secret`, () =>
    assertAccepted(target, sourceOf(target, 'with-secret-jwt'))
  );
  await list.check(`keycloak: ${name}, Save & test explains a client without an audience mapper`, async () => {
    const source = sourceOf(target, 'unmapped');
    const { code, text, details } = await healthOf(target.plugin, source);
    assert.equal(code, 'token_audience_shared', text);
    // A server that is configured for this audience would accept nearly every client of the realm.
    assert.equal(details.token?.serverConfig, undefined);
    assert.equal(await queryOutcome(target.plugin, source), 'token_refused');
  });
}

/** Keycloak rejects these requests, so there is no token to send to a server. */
async function checkWrongAuthenticators(list: Checklist, target: Target): Promise<void> {
  await list.check('keycloak: rejects a secret for a client that is set to Signed JWT', () =>
    assertRejected(
      target,
      sourceOf(target, 'with-key', { proof: 'secret', secrets: { oauthClientSecret: 'a-secret-of-no-client' } }),
      'provider_client_method'
    )
  );
  await list.check('keycloak: rejects a secret for a client that is set to Signed JWT with Client Secret', () => {
    const { secrets } = target.realm.credentials['with-secret-jwt'];
    return assertRejected(
      target,
      sourceOf(target, 'with-secret-jwt', { proof: 'secret', secrets }),
      'provider_client_method'
    );
  });
  await list.check('keycloak: rejects a private key for a client with a secret', () =>
    assertRejected(
      target,
      sourceOf(target, 'with-secret', { proof: 'private_key', secrets: { oauthPrivateKey: unknownKey() } }),
      'provider_client_method'
    )
  );
}

/** After a restart, a lakehouse reads the provider's keys again. */
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
    const { code, text } = await healthOf(plugin, withNewToken());
    assert.equal(code, 'token_refused', text);
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await lakehouse.restart();
    await assertAccepted(target, withNewToken());
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
    await assertAccepted(target, withoutToken);
    await assertAccepted(target, source);
  });
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
  const issuers = [{ issuer: realm.issuer, audience: realm.audience }];
  const lakehouse = new RestartableLakehouse({ apiKeys: [], issuers });
  await lakehouse.restart();
  cleanup.add(() => lakehouse.close());
  const plugin = await startBuiltPlugin();
  cleanup.add(async () => void (await plugin.shutdown()));
  const target = { plugin, host: lakehouse.host, realm };
  await checkSignIns(list, 'demo lakehouse', target);
  await checkWrongAuthenticators(list, target);
  await checkKeyRotation(list, { server, lakehouse, target });
  await checkRestart(list, server, target);
  return realm;
}

/** Checks the sign-ins with a real Micromegas. @param host `host:port` of a server that trusts the realm's issuer. */
export function checkKeycloakWithMicromegas(
  list: Checklist,
  plugin: PluginProcess,
  host: string,
  realm: KeycloakRealm
): Promise<void> {
  return checkSignIns(list, 'real Micromegas', { plugin, host, realm });
}
