import { Secret } from '../../observe/logging/secret';
import { type ClientCredentials } from './client-credentials';
import { rulesFor } from './provider-rules';
import { createTestBench, failureOf, oauthError, signal, type TestBench } from './testing/test-bench';

const TENANT = '11111111-2222-3333-4444-555555555555';
const ENTRA = 'https://login.microsoftonline.com';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

/** Requests a token at Entra ID's host, which is the test provider. Returns the form without the credentials. */
async function askEntra(changes: Partial<ClientCredentials>, endpoint: string): Promise<Record<string, string>> {
  const { issuer = `${ENTRA}/${TENANT}/v2.0` } = changes;
  bench.provider.onDiscovery = () =>
    bench.provider.document({ issuer, token_endpoint: `${ENTRA}/${TENANT}${endpoint}` });
  await bench.source({ issuer, ...changes }, { fetch: bench.fetchAt(ENTRA) }).getToken(signal);
  const [request] = bench.provider.tokenRequests;
  expect(request?.path).toBe(`/${TENANT}${endpoint}`);
  const { client_id, client_secret, grant_type, ...rest } = Object.fromEntries(request?.form ?? []);
  expect([client_id, client_secret, grant_type]).not.toContain(undefined);
  return rest;
}

describe('Entra ID', () => {
  it('receives a scope and no audience at its v2 endpoint', async () => {
    const form = await askEntra({ scope: 'api://lake/.default', audience: 'api://lake' }, '/oauth2/v2.0/token');
    expect(form).toEqual({ scope: 'api://lake/.default' });
    expect(bench.provider.discoveries).toEqual([`/${TENANT}/v2.0/.well-known/openid-configuration`]);
  });

  it('is recognized by the issuer of v1 tokens, and receives a resource at its v1 endpoint', async () => {
    const issuer = `https://sts.windows.net/${TENANT}/`;
    const form = await askEntra({ issuer, scope: 'api://lake/.default' }, '/oauth2/token');
    expect(form).toEqual({ resource: 'api://lake' });
    expect(bench.provider.discoveries).toEqual([`/${TENANT}/.well-known/openid-configuration`]);
  });

  it.each([
    {
      name: 'receives the audience as resource',
      changes: { audience: 'api://lake' },
      form: { resource: 'api://lake' },
    },
    { name: 'receives no resource without audience and scope', changes: {}, form: {} },
    {
      name: 'receives the resource of an additional parameter',
      changes: { scope: 'x/.default', parameters: [['resource', new Secret('api://other')]] as const },
      form: { resource: 'api://other' },
    },
  ])('$name at its v1 endpoint', async ({ changes, form }) => {
    const issuer = `https://sts.windows.net/${TENANT}/`;
    expect(await askEntra({ issuer, ...changes }, '/oauth2/token')).toEqual(form);
  });

  it('reports a missing scope when only the audience is set', async () => {
    const issuer = `${ENTRA}/${TENANT}/v2.0`;
    bench.provider.onDiscovery = () =>
      bench.provider.document({ issuer, token_endpoint: `${ENTRA}/${TENANT}/oauth2/v2.0/token` });
    bench.provider.onToken = () => oauthError(400, 'invalid_request', 'AADSTS900144: scope missing');
    const source = bench.source({ issuer, audience: 'api://lake' }, { fetch: bench.fetchAt(ENTRA) });
    const failure = await failureOf(source.getToken(signal));
    expect(failure.code).toBe('provider_rejected_request');
    expect(failure.advice).toContain('Check Application ID URI');
    expect(failure.advice).toContain('Entra ID accepts no Audience');
    expect(bench.provider.tokenRequests[0]?.form.has('audience')).toBe(false);
  });
});

describe('extra parameters', () => {
  const extra = (...parameters: Array<[string, string]>): Partial<ClientCredentials> => ({
    parameters: parameters.map(([name, value]) => [name, new Secret(value)] as const),
  });

  it('are sent in order, and replace fields of the same name', async () => {
    const more = extra(['organization', 'org_1'], ['audience', 'lake'], ['resource', 'a'], ['resource', 'b']);
    await bench.source({ audience: 'field', ...more }).getToken(signal);
    expect(
      [...(bench.provider.tokenRequests[0]?.form ?? [])].filter(([name]) => !/^client_|^grant/.test(name))
    ).toEqual([
      ['organization', 'org_1'],
      ['audience', 'lake'],
      ['resource', 'a'],
      ['resource', 'b'],
    ]);
  });

  it.each(['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'assertion'])(
    'cannot replace %s',
    async (name) => {
      const failure = await failureOf(bench.source(extra([name, 'x'])).getToken(signal));
      expect(failure.code).toBe('settings_invalid');
      expect(failure.message).toContain(`"${name}"`);
      expect(bench.provider.tokenRequests).toHaveLength(0);
    }
  );

  it('are removed from errors, except values that are too short to be secret', async () => {
    bench.provider.onToken = () => oauthError(400, 'invalid_request', 'ticket-4711 was used 1 time');
    const failure = await failureOf(bench.source(extra(['ticket', 'ticket-4711'], ['n', '1'])).getToken(signal));
    expect(failure.detail).toContain('[removed] was used 1 time');
  });
});

it('uses the default rules if the settings form is for Entra ID, but the token endpoint is not', async () => {
  await bench.source({ provider: 'entra', audience: 'lake', scope: 'read' }).getToken(signal);
  const form = bench.provider.tokenRequests[0]?.form;
  expect([form?.get('audience'), form?.get('scope'), form?.get('resource')]).toEqual(['lake', 'read', null]);
});

it('uses the provider of the settings form when the issuer does not identify a provider', () => {
  const credentials = { issuer: 'https://login.lake.example', clientId: 'x', parameters: [] };
  const authentication = { kind: 'secret', secret: new Secret('x'), style: 'auto' } as const;
  expect(rulesFor({ ...credentials, authentication, provider: 'okta' }).firstSecretMethod).toBe('basic');
  expect(rulesFor({ ...credentials, authentication }).firstSecretMethod).toBe('post');
  expect(
    rulesFor({ ...credentials, authentication, issuer: 'https://x.auth0.com/', provider: 'okta' }).firstSecretMethod
  ).toBe('post');
});
