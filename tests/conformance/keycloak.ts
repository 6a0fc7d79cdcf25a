/**
 * The built plugin with a real Keycloak that is set up by the commands of its documentation page, in front of servers
 * that verify the tokens: the demo's lakehouse, and a real Micromegas where there is one.
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
import { type Checklist } from './checklist';
import { type Cleanup } from './cleanup';
import { KeycloakAdmin } from './keycloak-admin';
import { KeycloakCommands, type PageVariables } from './keycloak-commands';
import { type KeycloakServer } from './keycloak-server';

const REALM = 'conformance';
const AUDIENCE = 'micromegas';
const QUERY = 'SELECT count(*) AS n FROM log_entries';

const failedFrame = z.object({ code: z.string() });

type ClientName = 'with-secret' | 'with-secret-jwt' | 'with-key' | 'unmapped';

/** What a data source signs in with. */
interface Credentials {
  proof: ClientProof;
  secrets: MicromegasSecrets;
}

/** A realm with a client for each way to authenticate. All but `unmapped` have an audience mapper. */
export interface KeycloakRealm {
  readonly issuer: string;
  readonly audience: string;
  readonly credentials: Readonly<Record<ClientName, Credentials>>;
}

/** A server in place of Micromegas, for these checks. */
interface Target {
  plugin: PluginProcess;
  /** `host:port`. */
  host: string;
  realm: KeycloakRealm;
}

/** A key that belongs to no client. */
function strangeKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

let sourceCount = 0;

/**
 * A data source with a uid of its own, so that no result of Save & Test is shared with an earlier one. Data sources of the
 * same settings share a token.
 *
 * @param scope Makes the plugin ask for another token.
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

/** @returns Code of the failure, or `ok` when there are rows. */
async function queryOutcome(plugin: PluginProcess, source: Source): Promise<string> {
  const response = await runQuery(plugin, source, { query: QUERY, version: 2, timeFilter: false, autoLimit: false });
  const [frame] = readFrames(response);
  if (response.error !== '') {
    return failedFrame.parse(frame.meta.custom).code;
  }
  return frame.rowCount > 0 ? 'ok' : 'no rows';
}

async function assertWorks({ plugin }: Target, source: Source): Promise<void> {
  const { ok, text } = await healthOf(plugin, source);
  assert.ok(ok, text);
  assert.equal(await queryOutcome(plugin, source), 'ok');
}

/** @param explained What Save & Test makes of the code of the query. */
async function assertRefused(
  { plugin }: Target,
  source: Source,
  code: ErrorCode,
  explained: ErrorCode = code
): Promise<void> {
  const outcome = await healthOf(plugin, source);
  assert.equal(outcome.code, explained, outcome.text);
  assert.equal(await queryOutcome(plugin, source), code);
}

/** Sets the realm up. @returns Undefined when the commands failed. */
export async function setUpRealm(list: Checklist, server: KeycloakServer): Promise<KeycloakRealm | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'kcadm'));
  let realm: KeycloakRealm | undefined;
  try {
    await list.check(
      'keycloak: the commands of docs/sign-in/keycloak.md create clients with and without mapper',
      async () => {
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
            // As openssl writes it, with attributes before the key.
            'with-key': {
              proof: 'private_key',
              secrets: { oauthPrivateKey: readFileSync(join(folder, 'key.pem'), 'utf8') },
            },
          },
        };
      }
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return realm;
}

/** Sign-in by each way, and what refuses it. */
async function checkSignIns(list: Checklist, name: string, target: Target): Promise<void> {
  await list.check(`keycloak: ${name}, Save & Test and a query with the client secret`, () =>
    assertWorks(target, sourceOf(target, 'with-secret'))
  );
  await list.check(`keycloak: ${name}, Save & Test and a query with Signed JWT`, () =>
    assertWorks(target, sourceOf(target, 'with-key'))
  );
  await list.check(`keycloak: ${name}, Save & Test and a query with Signed JWT with Client Secret`, () =>
    assertWorks(target, sourceOf(target, 'with-secret-jwt'))
  );
  await list.check(`keycloak: ${name}, a client without an audience mapper`, async () => {
    const source = sourceOf(target, 'unmapped');
    const { code, text, details } = await healthOf(target.plugin, source);
    assert.equal(code, 'token_audience_shared', text);
    // With such a line the server would let nearly every client of the realm in.
    assert.equal(details.token?.serverConfig, undefined);
    assert.equal(await queryOutcome(target.plugin, source), 'token_refused');
  });
}

/** Keycloak's own refusals: no server is asked. */
async function checkWrongAuthenticators(list: Checklist, target: Target): Promise<void> {
  await list.check('keycloak: a secret sent to a client that is set to Signed JWT', () =>
    assertRefused(
      target,
      sourceOf(target, 'with-key', { proof: 'secret', secrets: { oauthClientSecret: 'a-secret-of-none' } }),
      'provider_client_method'
    )
  );
  await list.check('keycloak: a secret sent to a client that is set to Signed JWT with Client Secret', () => {
    const { secrets } = target.realm.credentials['with-secret-jwt'];
    return assertRefused(
      target,
      sourceOf(target, 'with-secret-jwt', { proof: 'secret', secrets }),
      'provider_client_method'
    );
  });
  await list.check('keycloak: a private key sent to a client with a secret', () =>
    assertRefused(
      target,
      sourceOf(target, 'with-secret', { proof: 'private_key', secrets: { oauthPrivateKey: strangeKey() } }),
      'provider_client_method'
    )
  );
}

/** A lakehouse that starts anew has not read the provider's keys yet. */
class RestartableLakehouse {
  readonly #options: LakehouseOptions;
  #lakehouse: Lakehouse | undefined;

  constructor(options: LakehouseOptions) {
    this.#options = options;
  }

  get host(): string {
    if (this.#lakehouse === undefined) {
      throw new Error('The lakehouse was not started.');
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
  const newcomer = () => sourceOf(target, 'with-secret', undefined, 'profile');
  await list.check('keycloak: queries go on after the signing key has been replaced', async () => {
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await new KeycloakAdmin(server).rotateSigningKey(REALM);
    assert.equal(await queryOutcome(plugin, source), 'ok');
  });
  await list.check('keycloak: tokens of the new key are refused until the server reads the keys again', async () => {
    const { code, text } = await healthOf(plugin, newcomer());
    assert.equal(code, 'token_refused', text);
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await lakehouse.restart();
    await assertWorks(target, newcomer());
    assert.equal(await queryOutcome(plugin, source), 'ok');
  });
}

async function checkRestart(list: Checklist, server: KeycloakServer, target: Target): Promise<void> {
  const { plugin } = target;
  const source = sourceOf(target, 'with-secret');
  const newcomer = sourceOf(target, 'with-secret', undefined, 'email');
  await list.check('keycloak: queries go on with the token while Keycloak is down', async () => {
    assert.equal(await queryOutcome(plugin, source), 'ok');
    await server.pause();
    assert.equal(await queryOutcome(plugin, source), 'ok');
    assert.equal(await queryOutcome(plugin, newcomer), 'provider_unreachable');
  });
  await list.check('keycloak: gives new tokens after its restart', async () => {
    await server.resume();
    await assertWorks(target, newcomer);
    await assertWorks(target, source);
  });
}

/** All that needs no real Micromegas. @returns The realm, for `checkKeycloakWithMicromegas`. */
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

/** The same sign-ins in front of a real Micromegas. @param host `host:port` of a server that is told the realm's issuer. */
export function checkKeycloakWithMicromegas(
  list: Checklist,
  plugin: PluginProcess,
  host: string,
  realm: KeycloakRealm
): Promise<void> {
  return checkSignIns(list, 'real Micromegas', { plugin, host, realm });
}
