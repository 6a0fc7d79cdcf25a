/**
 * The methods of client authentication: secrets in the body or the header, signed assertions, certificates for Entra
 * ID, and keys of Google's service accounts. The simulated provider verifies every claim of an assertion.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type MicromegasSettings, type SigningAlgorithm } from '../../contract/settings/settings';
import { auth0 } from '../fakes/providers/auth0';
import { entra, entraOldEndpoint } from '../fakes/providers/entra';
import { generic } from '../fakes/providers/generic';
import { google } from '../fakes/providers/google';
import { keycloak } from '../fakes/providers/keycloak';
import { okta } from '../fakes/providers/okta';
import { type ProviderRules } from '../fakes/providers/rules';
import { signingKey } from '../fakes/providers/signing-keys';
import { APPLICATION } from '../support/certificates';
import { onlyFrame } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab, type ProviderOptions, type TestedProvider } from '../support/sign-in-lab';

const lab = useSignInLab();

type Prepare = (tested: TestedProvider) => MicromegasSettings;

interface ClientMethod {
  name: string;
  rules: ProviderRules;
  options?: ProviderOptions;
  /** Changes the secrets. Returns further settings. */
  prepare: Prepare;
  /** Expected members of the assertion's header. */
  header?: (tested: TestedProvider) => Record<string, unknown>;
}

const withRsa: Prepare = ({ provider, saved }) => {
  saved.secrets = { oauthPrivateKey: provider.client.rsa.privatePem };
  return { oauthClientProof: 'private_key' };
};
const withEc: Prepare = ({ provider, saved }) => {
  saved.secrets = { oauthPrivateKey: provider.client.ec.privatePem };
  return { oauthClientProof: 'private_key', oauthKeyId: provider.client.ec.kid };
};

/** Signs with the client secret, which is not sent. */
const withSecretJwt =
  (oauthSigningAlgorithm?: SigningAlgorithm): Prepare =>
  () => ({ oauthClientProof: 'secret_jwt', ...(oauthSigningAlgorithm && { oauthSigningAlgorithm }) });

const METHODS: ClientMethod[] = [
  { name: 'Auth0, private key', rules: auth0, prepare: withRsa, header: () => ({ alg: 'RS256' }) },
  {
    name: 'Auth0, private key with PS256',
    rules: auth0,
    prepare: (tested) => ({ ...withRsa(tested), oauthSigningAlgorithm: 'PS256' }),
    header: () => ({ alg: 'PS256' }),
  },
  {
    name: 'Okta, private key with its id',
    rules: okta,
    prepare: (tested) => ({ ...withRsa(tested), oauthKeyId: tested.provider.client.rsa.kid }),
    header: ({ provider }) => ({ alg: 'RS256', kid: provider.client.rsa.kid }),
  },
  { name: 'Okta, EC key', rules: okta, prepare: withEc, header: () => ({ alg: 'ES256' }) },
  { name: 'Keycloak, private key', rules: keycloak, prepare: withRsa, header: () => ({ alg: 'RS256' }) },
  {
    name: 'Keycloak, client secret as key',
    rules: keycloak,
    prepare: withSecretJwt(),
    header: () => ({ alg: 'HS256' }),
  },
  ...(['HS256', 'HS384', 'HS512'] as const).map((alg) => ({
    name: `another provider, client secret as key with ${alg}`,
    rules: generic,
    prepare: withSecretJwt(alg),
    header: () => ({ alg, typ: 'JWT' }),
  })),
  { name: 'another provider, EC key', rules: generic, prepare: withEc, header: () => ({ alg: 'ES256' }) },
  {
    name: 'Entra ID, certificate',
    rules: entra,
    options: { clientCertificate: APPLICATION },
    prepare: (tested) => ({ ...withRsa(tested), oauthCertificate: APPLICATION.certificate }),
    header: ({ provider }) => ({ alg: 'PS256', typ: 'JWT', 'x5t#S256': provider.client.thumbprintSha256 }),
  },
  {
    name: 'Entra ID, certificate with RS256',
    rules: entra,
    options: { clientCertificate: APPLICATION },
    prepare: (tested) => ({
      ...withRsa(tested),
      oauthCertificate: APPLICATION.certificate,
      oauthSigningAlgorithm: 'RS256',
    }),
    header: ({ provider }) => ({ alg: 'RS256', 'x5t#S256': provider.client.thumbprintSha256 }),
  },
];

describe('assertions', () => {
  it.each(METHODS)('signs in with an assertion: $name', async ({ rules, options, prepare, header }) => {
    const tested = await lab.provider(rules, options);
    const source = lab.oauth(tested, prepare(tested));
    const { ok, report } = await lab.saveAndTest(source);
    expect(ok ? '' : report).toBe('');
    // The next assertion must be a new one, because providers accept each assertion only once.
    lab.micromegas.revokeTokens();
    expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
    const assertions = tested.provider.tokenRequests.map(({ form }) => form.get('client_assertion') ?? '');
    expect(assertions).toHaveLength(2);
    for (const assertion of assertions) {
      expect(decodeProtectedHeader(assertion)).toMatchObject(header?.(tested) ?? {});
    }
    expect(new Set(assertions.map((assertion) => decodeJwt(assertion).jti)).size).toBe(2);
    expect(tested.provider.tokenRequests.every(({ form }) => !form.has('client_secret'))).toBe(true);
  });

  it.each([
    ['Auth0', auth0, {}],
    ['Entra ID', entra, { clientCertificate: APPLICATION }],
    ['Okta', okta, {}],
    ['Keycloak', keycloak, {}],
  ])('reports that %s rejects an assertion signed with another key', async (_name, rules, options) => {
    const tested = await lab.provider(rules, options);
    const other = await signingKey('other-client-key');
    tested.saved.secrets = { oauthPrivateKey: other.privatePem };
    const certificate = rules === entra ? { oauthCertificate: APPLICATION.certificate } : {};
    const outcome = await lab.saveAndTest(lab.oauth(tested, { oauthClientProof: 'private_key', ...certificate }));
    expect(outcome.ok).toBe(false);
    expect(`${outcome.code} ${outcome.report}`).toMatch(/^(provider_refused|settings_invalid) /);
    expect(outcome.report).toMatch(/key|certificate/i);
  });

  it('reports that a provider rejects an assertion because the clock of the provider is behind', async () => {
    const tested = await lab.provider(auth0);
    tested.provider.behaviour.clockAheadSeconds = -600;
    const { code, report } = await lab.saveAndTest(lab.oauth(tested, withRsa(tested)));
    expect(code).toBe('provider_clock');
    expect(report).toMatch(/clock/);
  });
});

describe('secrets', () => {
  const cases: Array<{ name: string; prepare: Prepare; by: 'post' | 'basic'; requests: number }> = [
    { name: 'in the body by default', prepare: () => ({}), by: 'post', requests: 1 },
    {
      name: 'in the header if the provider rejects it in the body',
      prepare: ({ provider }) => {
        provider.client.onlyBy = 'basic';
        return {};
      },
      by: 'basic',
      requests: 2,
    },
    {
      name: 'in the header if the settings say so',
      prepare: ({ provider }) => {
        provider.client.onlyBy = 'basic';
        return { oauthSecretStyle: 'basic' };
      },
      by: 'basic',
      requests: 1,
    },
    {
      name: 'unencoded in the header if the settings say so',
      prepare: ({ provider }) => {
        provider.client.onlyBy = 'basic';
        provider.client.decodesBasic = false;
        return { oauthSecretStyle: 'basic_unencoded' };
      },
      by: 'basic',
      requests: 1,
    },
    {
      name: 'in the body if the settings say so',
      prepare: () => ({ oauthSecretStyle: 'post' }),
      by: 'post',
      requests: 1,
    },
  ];

  it.each(cases)('sends the secret $name', async ({ prepare, by, requests }) => {
    const tested = await lab.provider(generic);
    const source = lab.oauth(tested, prepare(tested));
    expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
    expect(tested.provider.tokenRequests).toHaveLength(requests);
    expect(tested.provider.tokenRequests.at(-1)?.client.by).toBe(by);
    // The plugin remembers the method that the provider accepts.
    lab.micromegas.revokeTokens();
    onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' }));
    expect(tested.provider.tokenRequests).toHaveLength(requests + 1);
  });

  it('sends additional parameters, including secret ones', async () => {
    const tested = await lab.provider(entraOldEndpoint);
    tested.saved.secrets.oauthParameterValue2 = 'secret-parameter-value';
    const source = lab.oauth(tested, { oauthParameterName2: 'claims_hint' });
    expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
    const { form } = tested.provider.tokenRequests[0];
    expect([form.get('resource'), form.get('claims_hint')]).toEqual([
      tested.saved.jsonData.oauthParameterValue1,
      'secret-parameter-value',
    ]);
  });
});

describe("keys of Google's service accounts", () => {
  const keys: Array<{ name: string; secret: (pem: string, file: string) => string; isBare?: boolean }> = [
    { name: 'the key file', secret: (_pem, file) => file },
    { name: 'the key file with CRLF line ends', secret: (_pem, file) => JSON.stringify(JSON.parse(file), undefined, 2).replaceAll('\n', '\r\n') }, // prettier-ignore
    { name: 'the private key without the rest of the key file', secret: (pem) => pem, isBare: true },
    {
      name: 'the private key with escaped line breaks',
      secret: (pem) => JSON.stringify(pem).slice(1, -1),
      isBare: true,
    },
    { name: 'the private key in quotes', secret: (pem) => JSON.stringify(pem), isBare: true },
    { name: 'the private key on one line', secret: (pem) => pem.replaceAll('\n', ' '), isBare: true },
  ];

  it.each(keys)('accepts $name', async ({ secret, isBare = false }) => {
    const tested = await lab.provider(google);
    const { provider, saved } = tested;
    const file = saved.secrets.oauthClientSecret ?? '';
    saved.secrets.oauthClientSecret = secret(provider.client.rsa.privatePem, file);
    const { ok, report } = await lab.saveAndTest(lab.oauth(tested));
    expect(ok ? '' : report).toBe('');
    const assertion = provider.tokenRequests[0].form.get('assertion') ?? '';
    // The private key alone has no key id, so Google tries all keys of the account.
    const { alg, kid } = decodeProtectedHeader(assertion);
    expect({ alg, kid }).toEqual({ alg: 'RS256', kid: isBare ? undefined : provider.client.rsa.kid });
    expect(decodeJwt(assertion)).toMatchObject({
      iss: provider.client.id,
      sub: provider.client.id,
      aud: provider.tokenEndpoint,
      target_audience: saved.serverAudience,
    });
  });

  it('reports a revoked key', async () => {
    const tested = await lab.provider(google);
    tested.provider.client.rsa = await signingKey('a-newer-google-key');
    const { code, report } = await lab.saveAndTest(lab.oauth(tested));
    expect(code).toBe('provider_refused');
    expect(report).toMatch(/key/i);
  });
});

expectNoSecretsAtEnd();
