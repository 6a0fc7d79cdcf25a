/** Settings of service accounts, client authentication and forwarded identities. */
import { generateKeyPairSync } from 'node:crypto';
import { TEST_CERTIFICATE, TEST_KEY } from '../flight-sql/testing/tls-fixture';
import { Secret } from '../../observe/logging/secret';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type DataSourceAuth } from './read-auth';
import { problemOf, saved, settingsOf } from './testing/settings-bench';

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const BASE = { host: 'a:1', selectedAuthType: 'oauth2', oauthIssuer: 'https://idp.example/', oauthClientId: 'grafana' };
const GOOGLE = { host: 'a:1', selectedAuthType: 'oauth2', oauthIssuer: 'https://accounts.google.com', oauthAudience: 'lake' }; // prettier-ignore
const EMAIL = 'lake@project.iam.gserviceaccount.com';
const JSON_KEY = JSON.stringify({
  type: 'service_account',
  client_email: EMAIL,
  private_key_id: 'k1',
  private_key: rsaKey,
  token_uri: 'https://oauth2.googleapis.com/token',
});

type Json = Record<string, unknown>;
type Secrets = Record<string, string>;

function oauthOf(json: Json, secrets: Secrets = {}): Extract<DataSourceAuth, { kind: 'oauth2' }> {
  const { auth } = settingsOf(saved(json, secrets));
  if (auth.kind !== 'oauth2') {
    throw new Error(`Expected OAuth, found ${auth.kind}`);
  }
  return auth;
}

function credentialsOf(json: Json, secrets: Secrets = {}): ClientCredentials {
  const { credentials } = oauthOf(json, secrets);
  if (credentials === undefined) {
    throw new Error('Expected a service account');
  }
  return credentials;
}

/** The value with secrets revealed. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) {
    return value.reveal();
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, revealed(item)]))
    : value;
}

describe('client authentication', () => {
  interface Case {
    name: string;
    json: Json;
    secrets?: Secrets;
    authentication: unknown;
  }
  const cases: Case[] = [
    { name: 'a client secret', json: {}, secrets: { oauthClientSecret: ' hush ' }, authentication: { kind: 'secret', secret: 'hush', style: 'auto' } }, // prettier-ignore
    { name: 'a client secret with a style', json: { oauthSecretStyle: 'basic_unencoded' }, secrets: { oauthClientSecret: 's' }, authentication: { kind: 'secret', secret: 's', style: 'basic_unencoded' } }, // prettier-ignore
    { name: 'a client secret with an invalid style', json: { oauthSecretStyle: 'carrier pigeon' }, secrets: { oauthClientSecret: 's' }, authentication: { kind: 'secret', secret: 's', style: 'auto' } }, // prettier-ignore
    { name: 'a client secret for signing', json: { oauthClientProof: 'secret_jwt' }, secrets: { oauthClientSecret: 's' }, authentication: { kind: 'secret-jwt', secret: 's', algorithm: 'HS256' } }, // prettier-ignore
    { name: 'a client secret for signing with HS512', json: { oauthClientProof: 'secret_jwt', oauthSigningAlgorithm: 'HS512' }, secrets: { oauthClientSecret: 's' }, authentication: { kind: 'secret-jwt', secret: 's', algorithm: 'HS512' } }, // prettier-ignore
    { name: 'a secret in a file', json: { oauthClientProof: 'secret_file', oauthSecretFile: '/run/s', oauthSecretStyle: 'post' }, authentication: { kind: 'secret-file', path: '/run/s', style: 'post' } }, // prettier-ignore
    { name: 'a client assertion in a file', json: { oauthClientProof: 'assertion_file', oauthAssertionFile: '/run/a' }, authentication: { kind: 'assertion-file', path: '/run/a' } }, // prettier-ignore
    {
      name: 'a private key with all options',
      json: {
        oauthClientProof: 'private_key',
        oauthSigningAlgorithm: 'ES256',
        oauthKeyId: 'k1',
        oauthCertificate: TEST_CERTIFICATE,
      },
      secrets: { oauthPrivateKey: TEST_KEY },
      authentication: {
        kind: 'private-key',
        key: TEST_KEY,
        algorithm: 'ES256',
        keyId: 'k1',
        certificate: TEST_CERTIFICATE,
      },
    },
    { name: 'a private key on one line', json: { oauthClientProof: 'private_key' }, secrets: { oauthPrivateKey: rsaKey.replaceAll('\n', '\\n') }, authentication: { kind: 'private-key', key: rsaKey } }, // prettier-ignore
  ];
  it.each(cases)('uses $name', ({ json, secrets, authentication }) => {
    expect(revealed(credentialsOf({ ...BASE, ...json }, secrets).authentication)).toEqual(authentication);
  });

  it.each<{ name: string; json: Json; secrets: Secrets; problem: RegExp }>([
    { name: 'no secret', json: {}, secrets: {}, problem: /^Client Secret: Enter/ },
    { name: 'no private key', json: { oauthClientProof: 'private_key' }, secrets: {}, problem: /^Private Key: Enter/ },
    { name: 'text that is not a key', json: { oauthClientProof: 'private_key' }, secrets: { oauthPrivateKey: 'x' }, problem: /^Private Key: / }, // prettier-ignore
    { name: 'an algorithm that does not fit the key', json: { oauthClientProof: 'private_key', oauthSigningAlgorithm: 'RS256' }, secrets: { oauthPrivateKey: TEST_KEY }, problem: /^Signing [Aa]lgorithm: RS256/ }, // prettier-ignore
    { name: 'an invalid algorithm', json: { oauthClientProof: 'private_key', oauthSigningAlgorithm: 'HS256' }, secrets: { oauthPrivateKey: rsaKey }, problem: /^Signing algorithm: "HS256"/ }, // prettier-ignore
    { name: 'no secret for signing', json: { oauthClientProof: 'secret_jwt' }, secrets: {}, problem: /^Client Secret: Enter/ }, // prettier-ignore
    { name: 'a client secret, and an algorithm that needs a private key', json: { oauthClientProof: 'secret_jwt', oauthSigningAlgorithm: 'RS256' }, secrets: { oauthClientSecret: 's' }, problem: /^Signing algorithm: "RS256"/ }, // prettier-ignore
    { name: "another key's certificate", json: { oauthClientProof: 'private_key', oauthCertificate: TEST_CERTIFICATE }, secrets: { oauthPrivateKey: rsaKey }, problem: /^Certificate: / }, // prettier-ignore
    { name: 'no file', json: { oauthClientProof: 'secret_file' }, secrets: {}, problem: /^Secret file: Enter/ },
    { name: 'a relative file', json: { oauthClientProof: 'assertion_file', oauthAssertionFile: 'token' }, secrets: {}, problem: /^Assertion file: .*root/ }, // prettier-ignore
  ])('is rejected with $name', ({ json, secrets, problem }) => {
    const error = problemOf(saved({ ...BASE, ...json }, secrets));
    expect(error).toMatchObject({ code: 'settings_invalid', detail: expect.stringMatching(problem) });
  });
});

describe('Google', () => {
  const key = { email: EMAIL, privateKey: rsaKey };
  it.each([
    { name: 'the JSON key, which names the account', json: {}, secret: JSON_KEY, key: { ...key, keyId: 'k1', tokenUri: 'https://oauth2.googleapis.com/token' } }, // prettier-ignore
    { name: 'the private key and the e-mail', json: { oauthClientId: EMAIL }, secret: rsaKey.replaceAll('\n', '\\n'), key }, // prettier-ignore
    { name: 'the provider Google of the settings form, without an issuer', json: { oauthIssuer: '', oauthProvider: 'google' }, secret: JSON_KEY, key: expect.objectContaining(key) }, // prettier-ignore
    { name: 'another issuer in the settings form for Google', json: { oauthIssuer: 'http://127.0.0.1:9', oauthProvider: 'google' }, secret: JSON_KEY, key: expect.objectContaining(key) }, // prettier-ignore
  ])('accepts $name', ({ json, secret, key: expected }) => {
    const credentials = credentialsOf({ ...GOOGLE, ...json }, { oauthClientSecret: secret });
    expect(revealed(credentials.authentication)).toEqual({ kind: 'google-key', key: expected });
    expect(credentials).toMatchObject({ clientId: EMAIL, audience: 'lake' });
    expect(credentials.issuer).not.toBe('');
  });

  it('accepts the private key in its own field', () => {
    const json = { ...GOOGLE, oauthClientProof: 'private_key', oauthClientId: EMAIL, oauthKeyId: 'k9' };
    expect(credentialsOf(json, { oauthPrivateKey: rsaKey }).authentication).toMatchObject({
      kind: 'google-key',
      key: { email: EMAIL, keyId: 'k9' },
    });
  });

  it.each<{ name: string; secrets: Secrets; problem: RegExp }>([
    { name: 'a missing key', secrets: {}, problem: /Service account key \(JSON\): Paste the JSON key/ },
    {
      name: 'a client secret',
      secrets: { oauthClientSecret: 'GOCSPX-1' },
      problem: /Service account key \(JSON\): .*JSON key/,
    },
    { name: 'the key without the account', secrets: { oauthClientSecret: rsaKey }, problem: /Service account key \(JSON\): .*Client ID/ }, // prettier-ignore
  ])('rejects $name', ({ secrets, problem }) => {
    expect(problemOf(saved(GOOGLE, secrets)).detail).toMatch(problem);
  });

  it('does not parse JSON in the secret of another provider', () => {
    expect(revealed(credentialsOf(BASE, { oauthClientSecret: JSON_KEY }).authentication)).toMatchObject({ kind: 'secret', secret: JSON_KEY }); // prettier-ignore
  });
});

describe('a setting that does not suit the provider', () => {
  const secrets = { oauthClientSecret: 's' };

  it('is reported as a problem of its field', () => {
    const error = problemOf(saved({ ...BASE, oauthIssuer: 'https://t.okta.com' }, secrets));
    expect(error.detail).toMatch(/^OIDC Issuer: .*org server/);
  });

  it('is reported only as a warning if it may be valid', () => {
    const { warnings } = settingsOf(saved({ ...BASE, oauthIssuer: 'https://t.eu.auth0.com/' }, secrets));
    expect(warnings).toEqual([expect.stringMatching(/^Audience \(API Identifier\): .*Auth0/)]);
  });

  it('is ignored without a service account', () => {
    const json = { ...BASE, oauthIssuer: 'https://t.okta.com', oauthPassThru: true };
    expect(settingsOf(saved(json)).warnings).toEqual([]);
  });
});

describe('extra parameters', () => {
  const parametersOf = (json: Json, secrets: Secrets = {}) =>
    credentialsOf({ ...BASE, ...json }, { oauthClientSecret: 's', ...secrets }).parameters.map(([name, value]) => [
      name,
      value.reveal(),
    ]);

  it('are sorted by their numbers, and secret values replace readable ones', () => {
    const json = {
      oauthParameterName10: 'c',
      oauthParameterValue10: '3',
      oauthParameterName2: 'b',
      oauthParameterValue2: 'readable',
      oauthParameterName1: 'a',
      oauthParameterValue1: 1,
    };
    expect(parametersOf(json, { oauthParameterValue2: 'hidden' })).toEqual([
      ['a', '1'],
      ['b', 'hidden'],
      ['c', '3'],
    ]);
  });

  it('are not sent without a value, and cause a warning', () => {
    expect(parametersOf({ oauthParameterName1: 'resource' })).toEqual([]);
    const { warnings } = settingsOf(saved({ ...BASE, oauthParameterName1: 'resource' }, { oauthClientSecret: 's' }));
    expect(warnings).toEqual([expect.stringMatching(/"resource" has no value/)]);
  });

  it.each([
    { name: 'a parameter that the data source sets', json: { oauthParameterName1: 'client_secret', oauthParameterValue1: 'x' }, problem: /"client_secret" is set by/ }, // prettier-ignore
    { name: 'no name', json: { oauthParameterName1: '', oauthParameterValue1: 'x' }, problem: /no name/ },
    { name: 'a name with a space', json: { oauthParameterName1: 'a b', oauthParameterValue1: 'x' }, problem: /not a parameter name/ }, // prettier-ignore
  ])('are rejected with $name', ({ json, problem }) => {
    expect(problemOf(saved({ ...BASE, ...json }, { oauthClientSecret: 's' })).detail).toMatch(problem);
  });
});

it('warns when a parameter has the name of a field that is not empty', () => {
  const json = { ...BASE, oauthScope: 'a', oauthParameterName1: 'scope', oauthParameterValue1: 'x' };
  expect(settingsOf(saved(json, { oauthClientSecret: 's' })).warnings).toEqual([
    expect.stringMatching(/field for "scope".*sends the value from this list/),
  ]);
});

it('uses the field labels of the settings form for the provider', () => {
  const entra = { ...BASE, oauthProvider: 'entra', oauthIssuer: 'https://login.microsoftonline.com/common/v2.0' };
  const { detail } = problemOf(saved(entra, { oauthClientSecret: 's' }));
  expect(detail).toMatch(/^Directory \(tenant\) ID: "common".* Application ID URI: /);
  const google = { ...GOOGLE, oauthProvider: 'google', oauthAudience: '' };
  expect(problemOf(saved(google)).detail).toMatch(/^Service account key \(JSON\): .*Target audience: /);
});

describe('forwarding', () => {
  it('needs no service account', () => {
    const auth = oauthOf({ host: 'a:1', selectedAuthType: 'oauth2', oauthPassThru: true });
    expect(auth).toEqual({ kind: 'oauth2', forwarding: { fallback: false, token: 'auto' } });
  });

  it('has priority over a stored API key', () => {
    expect(oauthOf({ host: 'a:1', selectedAuthType: 'oauth2', oauthPassThru: true }, { token: 'key' }).kind).toBe(
      'oauth2'
    );
  });

  it('needs a service account for the fallback', () => {
    const json = { host: 'a:1', selectedAuthType: 'oauth2', oauthPassThru: true, oauthPassThruFallback: true };
    expect(problemOf(saved(json)).detail).toMatch(/OIDC Issuer: .*Client ID: .*/);
    const auth = oauthOf({ ...BASE, ...json, oauthForwardedToken: 'id' }, { oauthClientSecret: 's' });
    expect(auth).toMatchObject({ forwarding: { fallback: true, token: 'id' }, credentials: { clientId: 'grafana' } });
  });

  it('has no effect on other kinds of sign-in, and causes a warning', () => {
    const { auth, warnings } = settingsOf(saved({ host: 'a:1', oauthPassThru: true }, { token: 'key' }));
    expect(auth.kind).toBe('token');
    expect(warnings).toEqual([expect.stringMatching(/^Forward the user's OAuth identity: /)]);
  });
});

it('shows no secrets when printed', () => {
  const settings = settingsOf(
    saved(
      { ...BASE, oauthParameterName1: 'a', secureMetadataName1: 'x-team', oauthProxyUrl: 'http://proxy:1' },
      { oauthClientSecret: 'hush-1', oauthParameterValue1: 'hush-2', secureMetadataValue1: 'hush-3', oauthProxyPassword: 'hush-4' } // prettier-ignore
    )
  );
  expect(JSON.stringify(settings)).not.toContain('hush');
});
