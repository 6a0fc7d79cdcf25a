/**
 * Mistakes in the fields, files and clients of a data source with OAuth: Save & test names each with the field and the
 * step. The tests use the plugin protocol and simulated providers.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { endLoopback, listen } from '../../proxy/lakehouse/network/testing/loopback';
import { generic } from '../fakes/providers/generic';
import { keycloak } from '../fakes/providers/keycloak';
import { signingKey } from '../fakes/providers/signing-keys';
import { onlyFrame } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd, secretWatch } from '../support/secret-watch';
import { type TestedProvider, useSignInLab } from '../support/sign-in-lab';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mistakes-')));
const lab = useSignInLab({
  env: { GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder, GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1,id.example' },
});

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(endLoopback);

const withSecrets = (source: Source, secureJsonData: MicromegasSecrets): Source => ({ ...source, secureJsonData });
const ask = (source: Source) => runQuery(lab.plugin, source, { query: 'SELECT 1 AS one', version: 2 });

async function expectMistake(source: Source, code: ErrorCode, shown: RegExp): Promise<void> {
  const outcome = await lab.saveAndTest(source);
  expect(outcome.code).toBe(code);
  expect(outcome.report).toMatch(shown);
}

describe('a value in a field', () => {
  const REALM = 'https://id.example/realms/lake';

  it.each([
    ['that ends in /protocol/openid-connect', `${REALM}/protocol/openid-connect`],
    ['of the account console', `${REALM}/account`],
    ['of the admin console', 'https://id.example/admin/lake/console'],
  ])('is an issuer %s', async (_name, oauthIssuer) => {
    const settings: MicromegasSettings = { selectedAuthType: 'oauth2', oauthIssuer, oauthClientId: 'grafana' };
    const source = lab.source(settings, { oauthClientSecret: 'field-secret-0815' });
    await expectMistake(source, 'settings_invalid', new RegExp(`${REALM}(?![\\w/])`));
  });

  it.each([
    ['asterisks', '********', /consists of asterisks or dots.*Show the secret at the identity provider/],
    ['NAME=value', 'CLIENT_SECRET=0815-abcdef', /begins with the name of a variable and "=".*only the value after "="/],
    ['JSON', '{"client_secret":"0815-abcdef"}', /looks like JSON\. Enter only the value/],
  ])('is a secret that is %s', async (_name, oauthClientSecret, shown) => {
    const source = lab.oauth(await lab.provider(generic));
    await expectMistake(withSecrets(source, { oauthClientSecret }), 'provider_refused', shown);
  });

  it('is a secret whose variable was not set when Grafana read the provisioning file', async () => {
    const source = lab.oauth(await lab.provider(generic));
    const shown = /Client Secret: Enter the client secret\. If a provisioning file .* the variable is not set/;
    await expectMistake(withSecrets(source, { oauthClientSecret: '' }), 'settings_invalid', shown);
  });

  it('is an issuer with http:// at the HTTPS port of a web server that says so', async () => {
    const body = '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>';
    const port = await listen(
      createServer((_, response) => response.writeHead(400, { 'content-type': 'text/html', server: 'nginx' }).end(body))
    );
    const settings: MicromegasSettings = {
      selectedAuthType: 'oauth2',
      oauthIssuer: `http://127.0.0.1:${port}`,
      oauthClientId: 'grafana',
    };
    const source = lab.source(settings, { oauthClientSecret: 'field-secret-0815' });
    await expectMistake(source, 'provider_not_oidc', /HTTP 400, text\/html, Server: nginx.*with https:\/\//s);
  });
});

describe('a file', () => {
  const secretFile = (tested: TestedProvider, name: string, content?: string): Source => {
    const oauthSecretFile = join(folder, name);
    if (content !== undefined) {
      writeFileSync(oauthSecretFile, content);
    }
    return withSecrets(lab.oauth(tested, { oauthClientProof: 'secret_file', oauthSecretFile }), {});
  };

  it.each<{ name: string; content?: string; code: ErrorCode; shown: RegExp }>([
    {
      name: 'secret-missing',
      code: 'file_unreadable',
      shown: /There is no such file: .*secret-missing\..*that the user account/s,
    },
    { name: 'secret-empty', content: '\n', code: 'file_unreadable', shown: /secret-empty.*empty/s },
    {
      name: 'secret-wrong',
      content: 'a-wrong-secret-0815',
      code: 'provider_refused',
      shown: /that Secret file contains the secret of this client/,
    },
    {
      name: 'secret-as-variable',
      content: 'CLIENT_SECRET=0815-abcdef',
      code: 'provider_refused',
      shown: /begins with the name of a variable/,
    },
  ])('with the secret: $name', async ({ name, content, code, shown }) => {
    await expectMistake(secretFile(await lab.provider(generic), name, content), code, shown);
  });

  /** An assertion that a platform wrote some seconds ago. */
  async function assertionOf(lifetimeSeconds: number, audience: string): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const key = await signingKey('client-rsa');
    const assertion = await new SignJWT({ jti: `${lifetimeSeconds} ${audience}` })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer('system:serviceaccount:monitoring:grafana')
      .setSubject('system:serviceaccount:monitoring:grafana')
      .setAudience(audience)
      .setIssuedAt(nowSeconds - 3600)
      .setExpirationTime(nowSeconds + lifetimeSeconds)
      .sign(key.privateKey);
    secretWatch.add(assertion);
    return assertion;
  }

  it.each<{ name: string; content?: (tested: TestedProvider) => Promise<string>; code: ErrorCode; shown: RegExp }>([
    { name: 'assertion-missing', code: 'file_unreadable', shown: /assertion-missing/ },
    {
      name: 'assertion-no-jwt',
      content: async () => 'no-jwt-at-all',
      code: 'provider_refused',
      shown: /The content of Assertion file is not a JWT\. Check the path/,
    },
    {
      name: 'assertion-expired',
      content: ({ provider }) => assertionOf(-600, provider.issuer),
      code: 'provider_refused',
      shown: /The assertion in Assertion file expired at \S+Z, by the clock of .* must renew the file/,
    },
    {
      name: 'assertion-other-audience',
      content: () => assertionOf(600, 'https://other.example.com'),
      code: 'provider_refused',
      shown: /is for the audience "https:\/\/other\.example\.com"\. Most identity providers accept only their issuer/,
    },
  ])('with the assertion: $name', async ({ name, content, code, shown }) => {
    const tested = await lab.provider(generic);
    const oauthAssertionFile = join(folder, name);
    if (content !== undefined) {
      writeFileSync(oauthAssertionFile, await content(tested));
    }
    const source = lab.oauth(tested, { oauthClientProof: 'assertion_file', oauthAssertionFile });
    await expectMistake(withSecrets(source, {}), code, shown);
  });
});

describe('claims that Micromegas does not check', () => {
  it.each<[string, Record<string, unknown>]>([
    ['azp of another client', { azp: 'another-client' }],
    ['azp that is no string', { azp: ['a', 'b'] }],
    ['groups as a string', { groups: 'operators' }],
    ['nbf in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('cause neither an error nor a warning: %s', async (_name, claims) => {
    const tested = await lab.provider(keycloak);
    Object.assign(tested.provider.behaviour.tokens.claims, claims);
    const source = lab.oauth(tested);
    const { ok, report, details } = await lab.saveAndTest(source);
    expect(ok ? '' : report).toBe('');
    expect(details.stages.filter(({ status }) => status === 'warning')).toEqual([]);
    expect(onlyFrame(await ask(source)).rowCount).toBe(1);
  });
});

describe('two data sources with one client', () => {
  it('share a token, but not the failure of a wrong secret', async () => {
    const tested = await lab.provider(keycloak);
    const right = lab.oauth(tested);
    const wrong = withSecrets(lab.oauth(tested), { oauthClientSecret: 'the-old-secret-0815' });
    onlyFrame(await ask(right));
    await expectMistake(wrong, 'provider_refused', /Keycloak knows the client, but its secret is another one/);
    expect((await ask(wrong)).status).toBe(401);
    // Neither the failure nor the delay after it concerns the other data source.
    onlyFrame(await ask(right));
    onlyFrame(await ask(lab.oauth(tested)));
    expect((await lab.saveAndTest(right)).ok).toBe(true);
  });

  it('do not share a token if they ask for another audience', async () => {
    const tested = await lab.provider(generic);
    const other = lab.oauth(tested, { oauthAudience: 'another-api' });
    onlyFrame(await ask(lab.oauth(tested)));
    await lab.saveAndTest(other);
    expect(tested.provider.tokenRequests.map(({ form }) => form.get('audience'))).toEqual([
      tested.saved.jsonData.oauthAudience,
      'another-api',
    ]);
  });

  it('recover both when the secret is changed at the provider and then in both', async () => {
    const tested = await lab.provider(keycloak);
    const [one, two] = [lab.oauth(tested), lab.oauth(tested)];
    onlyFrame(await ask(one));
    tested.provider.client.secret = 'the-new-secret-at-the-provider';
    lab.micromegas.revokeTokens();
    expect((await ask(one)).status).toBe(401);
    expect((await ask(two)).status).toBe(401);
    const corrected = { oauthClientSecret: 'the-new-secret-at-the-provider' };
    for (const source of [one, two]) {
      onlyFrame(await ask({ ...withSecrets(source, corrected), updatedMs: 1 }));
    }
  });
});

it("a server whose clock is behind accepts the token, and the provider's clock is not blamed", async () => {
  lab.micromegas.behaviour.clockAheadSeconds = -610;
  const { ok, report } = await lab.saveAndTest(lab.oauth(await lab.provider(keycloak)));
  lab.micromegas.behaviour.clockAheadSeconds = 0;
  expect(ok ? '' : report).toBe('');
  expect(report).not.toMatch(/provider's clock/);
});

expectNoSecretsAtEnd();
