/**
 * Checks the built plugin with the npm package oidc-provider. The package issues a JWT only if the request names the
 * API with the parameter `resource` (RFC 8707); other requests get opaque tokens. The demo's lakehouse verifies the
 * tokens.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { startLakehouse } from '../../demo/lakehouse/lakehouse';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ADA, startBuiltPlugin, type Source } from '../support/plugin';
import { secretWatch } from '../support/secret-watch';
import { healthOf } from '../support/sign-in-lab';
import { type Checklist, type Cleanup } from './checklist';
import { assertAccepted, assertRejected, queryOutcome, type Rejection } from './oauth-outcomes';
import { startOidcProvider } from './oidc-provider-server';

const SECRET = randomBytes(48).toString('base64url');
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const publicKeys = ({ publicKey }: { publicKey: KeyObject }) => ({ keys: [publicKey.export({ format: 'jwk' })] });
const pem = ({ privateKey }: { privateKey: KeyObject }) =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const COMMON = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
const WITH_SECRET = { ...COMMON, client_secret: SECRET };
const WITH_KEY = { ...COMMON, token_endpoint_auth_method: 'private_key_jwt' };

const CLIENTS = [
  { ...WITH_SECRET, client_id: 'basic', token_endpoint_auth_method: 'client_secret_basic' },
  { ...WITH_SECRET, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' },
  { ...WITH_SECRET, client_id: 'secret-jwt', token_endpoint_auth_method: 'client_secret_jwt' },
  { ...WITH_KEY, client_id: 'rsa', jwks: publicKeys(RSA) },
  { ...WITH_KEY, client_id: 'ec', jwks: publicKeys(EC) },
  { ...WITH_KEY, client_id: 'ps-only', jwks: publicKeys(RSA), token_endpoint_auth_signing_alg: 'PS256' },
  { ...WITH_SECRET, client_id: 'other-grant', grant_types: ['refresh_token'] },
  { ...WITH_SECRET, client_id: 'bound', tls_client_certificate_bound_access_tokens: true },
];

interface Target {
  plugin: PluginProcess;
  /** `host:port` of a server that trusts the issuer. */
  host: string;
  issuer: string;
  audience: string;
}

let sourceCount = 0;

/**
 * A data source with its own uid. The value of its parameter `run` is unique, so the data source shares no token with
 * others.
 */
function sourceOf(
  { host, issuer, audience }: Target,
  oauthClientId: string,
  secureJsonData: MicromegasSecrets,
  changes: MicromegasSettings = {}
): Source {
  sourceCount += 1;
  const jsonData = {
    host,
    selectedAuthType: 'oauth2',
    oauthProvider: 'other',
    oauthIssuer: issuer,
    oauthClientId,
    oauthParameterName1: 'resource',
    oauthParameterValue1: audience,
    oauthParameterName2: 'run',
    oauthParameterValue2: String(sourceCount),
    ...changes,
  } as const;
  return { uid: `oidc-provider-${sourceCount}`, user: ADA, jsonData, secureJsonData };
}

const bySecret = { oauthClientSecret: SECRET };
const byKey = (keys: { privateKey: KeyObject }) => ({ oauthPrivateKey: pem(keys) });

async function checkMethods(list: Checklist, target: Target): Promise<void> {
  const key: MicromegasSettings = { oauthClientProof: 'private_key' };
  const signing: MicromegasSettings = { oauthClientProof: 'secret_jwt' };
  const cases: Array<[name: string, client: string, secrets: MicromegasSecrets, changes?: MicromegasSettings]> = [
    ['client_secret_basic', 'basic', bySecret],
    ['client_secret_post', 'post', bySecret],
    ['client_secret_basic, selected', 'basic', bySecret, { oauthSecretStyle: 'basic' }],
    ['client_secret_post, selected', 'post', bySecret, { oauthSecretStyle: 'post' }],
    ['client_secret_jwt with HS256', 'secret-jwt', bySecret, signing],
    ['client_secret_jwt with HS512', 'secret-jwt', bySecret, { ...signing, oauthSigningAlgorithm: 'HS512' }],
    ['private_key_jwt with RS256', 'rsa', byKey(RSA), key],
    ['private_key_jwt with PS256', 'rsa', byKey(RSA), { ...key, oauthSigningAlgorithm: 'PS256' }],
    ['private_key_jwt with ES256', 'ec', byKey(EC), key],
  ];
  for (const [name, client, secrets, changes] of cases) {
    await list.check(`oidc-provider: Save & test and a query succeed with ${name}`, () =>
      assertAccepted(target.plugin, sourceOf(target, client, secrets, changes))
    );
  }
}

async function checkMistakes(list: Checklist, target: Target): Promise<void> {
  const key: MicromegasSettings = { oauthClientProof: 'private_key' };
  const signing: MicromegasSettings = { oauthClientProof: 'secret_jwt' };
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cases: Array<[name: string, source: Source, expected: Rejection]> = [
    [
      'a wrong secret',
      sourceOf(target, 'post', { oauthClientSecret: 'a-secret-of-no-client' }),
      { query: 'provider_refused', advice: 'check-secret' },
    ],
    ['an unknown client', sourceOf(target, 'nobody', bySecret), { query: 'provider_refused', advice: 'check-secret' }],
    [
      'a secret that is sent although the client must use client_secret_jwt',
      sourceOf(target, 'secret-jwt', bySecret),
      { query: 'provider_refused', advice: 'compare-method' },
    ],
    [
      'client_secret_jwt for a client with client_secret_post',
      sourceOf(target, 'post', bySecret, signing),
      { query: 'provider_refused', advice: 'compare-algorithm' },
    ],
    [
      'a key that is not registered',
      sourceOf(target, 'rsa', byKey(stranger), key),
      { query: 'provider_refused', advice: 'check-private-key' },
    ],
    [
      'a signing algorithm that is not registered for the client',
      sourceOf(target, 'ps-only', byKey(RSA), key),
      { query: 'provider_refused', advice: 'compare-algorithm' },
    ],
    [
      'a client without the grant client_credentials',
      sourceOf(target, 'other-grant', bySecret),
      { query: 'provider_not_granted', advice: 'grant-not-allowed' },
    ],
    [
      'an API that the provider does not know',
      sourceOf(target, 'post', bySecret, { oauthParameterValue1: 'https://other.example.com' }),
      { query: 'provider_rejected_request', advice: 'resource-unknown' },
    ],
    [
      'a token that is bound to a client certificate',
      sourceOf(target, 'bound', bySecret),
      { query: 'provider_not_granted', advice: 'grant-invalid' },
    ],
    [
      'opaque tokens, without the parameter resource',
      sourceOf(target, 'post', bySecret, { oauthParameterName1: '', oauthParameterValue1: '' }),
      { query: 'token_refused', health: 'token_unusable', advice: 'resource-missing' },
    ],
  ];
  for (const [name, source, expected] of cases) {
    await list.check(`oidc-provider: explains ${name}`, () => assertRejected(target.plugin, source, expected));
  }
}

/** An assertion in a file serves one token request, because the provider remembers the `jti` of each assertion. */
async function checkReusedAssertion(list: Checklist, provider: Omit<Target, 'plugin'>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assertion'));
  const plugin = await startBuiltPlugin({
    GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder,
    GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1',
  });
  try {
    const oauthAssertionFile = join(folder, 'assertion');
    const write = async () =>
      writeFileSync(
        oauthAssertionFile,
        await new SignJWT({ jti: randomBytes(16).toString('hex') })
          .setProtectedHeader({ alg: 'RS256' })
          .setIssuer('rsa')
          .setSubject('rsa')
          .setAudience(provider.issuer)
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(RSA.privateKey)
      );
    const target = { ...provider, plugin };
    const source = () => sourceOf(target, 'rsa', {}, { oauthClientProof: 'assertion_file', oauthAssertionFile });
    await list.check('oidc-provider: an assertion from a file serves one token request', async () => {
      await write();
      await assertAccepted(plugin, source());
      const { code, report } = await healthOf(plugin, source());
      assert.equal(code, 'provider_refused', report);
    });
    await list.check('oidc-provider: a new assertion in the file ends the delay after the rejection', async () => {
      const waiting = source();
      assert.equal(await queryOutcome(plugin, waiting), 'provider_refused');
      await write();
      assert.equal(await queryOutcome(plugin, waiting), 'ok');
    });
  } finally {
    await plugin.shutdown();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param npm Path of npm. @throws {InstallError} when npm cannot install the provider. */
export async function checkOidcProvider(list: Checklist, cleanup: Cleanup, npm: string): Promise<void> {
  secretWatch.add(SECRET);
  const provider = await startOidcProvider(npm, CLIENTS);
  cleanup.add(provider.stop);
  const { issuer, audience } = provider;
  const lakehouse = await startLakehouse({ apiKeys: [], issuers: [{ issuer, audience }] });
  cleanup.add(() => lakehouse.close());
  const plugin = await startBuiltPlugin();
  cleanup.add(async () => void (await plugin.shutdown()));
  const target = { plugin, host: lakehouse.address, issuer, audience };
  await checkMethods(list, target);
  await checkMistakes(list, target);
  await checkReusedAssertion(list, target);
}
