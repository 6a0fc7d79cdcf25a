import { Secret } from '../../observe/logging/secret';
import { type ProviderRoute, type ServerRoute } from '../network/routes';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type TokenSource } from '../oidc/token-source';
import { type TokenPath, TokenRegistry } from './token-registry';

const credentials = (changes: Partial<ClientCredentials> = {}): ClientCredentials => ({
  issuer: 'https://idp.example/',
  clientId: 'grafana',
  authentication: { kind: 'secret', secret: new Secret('hush'), style: 'auto' },
  parameters: [],
  ...changes,
});
const route = (changes: Partial<ProviderRoute> = {}): ProviderRoute => ({ tls: { skipVerify: false }, ...changes });

const path = (changes: Partial<TokenPath> = {}): TokenPath => ({
  credentials: credentials(),
  providerRoute: route(),
  server: { host: 'lake.example', port: 50051 },
  ...changes,
});

const never = () => Promise.reject(new Error('Unexpected request'));
const createSource = (): TokenSource => ({
  getToken: never,
  signIn: never,
  discover: never,
  checkKey: never,
  accept: () => undefined,
  reject: () => undefined,
});

it('shares a token source if credentials, routes and servers are equal', () => {
  const registry = new TokenRegistry(createSource);
  expect(registry.acquire(path()).source).toBe(registry.acquire(path()).source);
});

it.each<{ name: string; changes?: Partial<ClientCredentials>; routeChanges?: Partial<ProviderRoute> }>([
  { name: 'secret', changes: { authentication: { kind: 'secret', secret: new Secret('hash'), style: 'auto' } } },
  { name: 'secret style', changes: { authentication: { kind: 'secret', secret: new Secret('hush'), style: 'post' } } },
  { name: 'private key', changes: { authentication: { kind: 'private-key', key: new Secret('hush') } } },
  { name: 'file', changes: { authentication: { kind: 'secret-file', path: 'hush', style: 'auto' } } },
  { name: 'audience', changes: { audience: 'lake' } },
  { name: 'parameter', changes: { parameters: [['resource', new Secret('a')]] } },
  { name: 'certificate authority', routeChanges: { tls: { skipVerify: false, ca: 'A' } } },
  {
    name: 'client key',
    routeChanges: { tls: { skipVerify: false, clientCertificate: 'A', clientKey: new Secret('k') } },
  },
  { name: 'HTTP proxy', routeChanges: { httpProxy: { url: 'http://proxy:1' } } },
  {
    name: 'proxy password',
    routeChanges: { httpProxy: { url: 'http://proxy:1', user: 'a', password: new Secret('p') } },
  },
])('does not share a token source if the $name differs', ({ changes, routeChanges }) => {
  const registry = new TokenRegistry(createSource);
  const different = path({ credentials: credentials(changes), providerRoute: route(routeChanges) });
  expect(registry.acquire(different).source).not.toBe(registry.acquire(path()).source);
});

const TLS = { skipVerify: false };
const SOCKS = { host: 'socks.example', port: 1080, serverName: '', rootCas: [], isPlaintext: true, user: 'a' };

it.each<{ name: string; server: Partial<ServerRoute>; comparedTo?: Partial<ServerRoute> }>([
  { name: 'host', server: { host: 'other.example' } },
  { name: 'port', server: { port: 50052 } },
  { name: 'scheme', server: { tls: TLS } },
  { name: 'verification', server: { tls: { skipVerify: true } }, comparedTo: { tls: TLS } },
  { name: 'certificate authority', server: { tls: { ...TLS, ca: 'A' } }, comparedTo: { tls: TLS } },
  { name: 'server name', server: { tls: { ...TLS, serverName: 'other.example' } }, comparedTo: { tls: TLS } },
  {
    name: 'client key',
    server: { tls: { ...TLS, clientCertificate: 'A', clientKey: new Secret('a') } },
    comparedTo: { tls: { ...TLS, clientCertificate: 'A', clientKey: new Secret('b') } },
  },
  { name: 'SOCKS proxy', server: { socks: SOCKS } },
  { name: 'SOCKS user', server: { socks: { ...SOCKS, user: 'b' } }, comparedTo: { socks: SOCKS } },
  {
    name: 'SOCKS password',
    server: { socks: { ...SOCKS, password: new Secret('a') } },
    comparedTo: { socks: { ...SOCKS, password: new Secret('b') } },
  },
])('does not share a token source if the $name of the server differs', ({ server, comparedTo }) => {
  const registry = new TokenRegistry(createSource);
  const [one, other] = [server, comparedTo].map((changes) => path({ server: { ...path().server, ...changes } }));
  expect(registry.acquire(one).source).not.toBe(registry.acquire(other).source);
});

it('does not share a token source if a secret parameter or the client key differs', () => {
  const registry = new TokenRegistry(createSource);
  const withParameter = (value: string) => credentials({ parameters: [['resource', new Secret(value)]] });
  const withKey = (key: string) =>
    route({ tls: { skipVerify: false, clientCertificate: 'A', clientKey: new Secret(key) } });
  const sourceOf = (changes: Partial<TokenPath>) => registry.acquire(path(changes)).source;
  expect(sourceOf({ credentials: withParameter('a') })).not.toBe(sourceOf({ credentials: withParameter('b') }));
  expect(sourceOf({ providerRoute: withKey('a') })).not.toBe(sourceOf({ providerRoute: withKey('b') }));
});

it('keeps a token source while an instance uses it', () => {
  const registry = new TokenRegistry(createSource);
  const first = registry.acquire(path());
  const second = registry.acquire(path());
  first.release();
  first.release();
  const third = registry.acquire(path());
  expect(third.source).toBe(second.source);
  second.release();
  third.release();
  expect(registry.acquire(path()).source).not.toBe(first.source);
});
