import { Secret } from '../logging/secret';
import { type ProviderRoute } from '../network/routes';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type TokenSource } from '../oidc/token-source';
import { TokenRegistry } from './token-registry';

const credentials = (changes: Partial<ClientCredentials> = {}): ClientCredentials => ({
  issuer: 'https://idp.example/',
  clientId: 'grafana',
  proof: { kind: 'secret', secret: new Secret('hush'), style: 'auto' },
  parameters: [],
  ...changes,
});
const route = (changes: Partial<ProviderRoute> = {}): ProviderRoute => ({ tls: { skipVerify: false }, ...changes });

const never = () => Promise.reject(new Error('Nothing is asked here'));
const createSource = (): TokenSource => ({
  getToken: never,
  signIn: never,
  discover: never,
  checkKey: never,
  reject: () => undefined,
});

it('shares a source among equal credentials by equal ways', () => {
  const registry = new TokenRegistry(createSource);
  expect(registry.acquire(credentials(), route()).source).toBe(registry.acquire(credentials(), route()).source);
});

it.each<{ name: string; other?: Partial<ClientCredentials>; by?: Partial<ProviderRoute> }>([
  { name: 'secret', other: { proof: { kind: 'secret', secret: new Secret('hash'), style: 'auto' } } },
  { name: 'style', other: { proof: { kind: 'secret', secret: new Secret('hush'), style: 'post' } } },
  { name: 'private key', other: { proof: { kind: 'private-key', key: new Secret('hush') } } },
  { name: 'file', other: { proof: { kind: 'secret-file', path: 'hush', style: 'auto' } } },
  { name: 'audience', other: { audience: 'lake' } },
  { name: 'parameter', other: { parameters: [['resource', new Secret('a')]] } },
  { name: 'certificate authority', by: { tls: { skipVerify: false, ca: 'A' } } },
  { name: 'client key', by: { tls: { skipVerify: false, clientCertificate: 'A', clientKey: new Secret('k') } } },
  { name: 'HTTP proxy', by: { httpProxy: { url: 'http://proxy:1' } } },
  { name: 'proxy password', by: { httpProxy: { url: 'http://proxy:1', user: 'a', password: new Secret('p') } } },
])('never shares across a different $name', ({ other, by }) => {
  const registry = new TokenRegistry(createSource);
  expect(registry.acquire(credentials(other), route(by)).source).not.toBe(
    registry.acquire(credentials(), route()).source
  );
});

it('tells two secrets apart in the same place of a parameter and of a key', () => {
  const registry = new TokenRegistry(createSource);
  const withParameter = (value: string) => credentials({ parameters: [['resource', new Secret(value)]] });
  const withKey = (key: string) =>
    route({ tls: { skipVerify: false, clientCertificate: 'A', clientKey: new Secret(key) } });
  expect(registry.acquire(withParameter('a'), route()).source).not.toBe(
    registry.acquire(withParameter('b'), route()).source
  );
  expect(registry.acquire(credentials(), withKey('a')).source).not.toBe(
    registry.acquire(credentials(), withKey('b')).source
  );
});

it('keeps a source while somebody holds it, and no longer', () => {
  const registry = new TokenRegistry(createSource);
  const first = registry.acquire(credentials(), route());
  const second = registry.acquire(credentials(), route());
  first.release();
  first.release();
  const third = registry.acquire(credentials(), route());
  expect(third.source).toBe(second.source);
  second.release();
  third.release();
  expect(registry.acquire(credentials(), route()).source).not.toBe(first.source);
});
