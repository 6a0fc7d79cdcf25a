import { message } from '../../../contract/messages/message';
import { environmentProxy, httpProxyFor } from './environment-proxy';

const PROXY = 'http://proxy.test:3128';

it.each([
  { name: 'uses HTTPS_PROXY for https', url: 'https://idp.test/x', env: { HTTPS_PROXY: PROXY }, expected: PROXY },
  { name: 'reads the variable in lower case', url: 'https://idp.test/x', env: { https_proxy: PROXY }, expected: PROXY },
  {
    name: 'reads a value without a scheme',
    url: 'https://idp.test',
    env: { HTTPS_PROXY: 'proxy.test:3128' },
    expected: PROXY,
  },
  { name: 'does not use HTTP_PROXY for https', url: 'https://idp.test/x', env: { HTTP_PROXY: PROXY } },
  { name: 'uses HTTP_PROXY for http', url: 'http://idp.test/x', env: { HTTP_PROXY: PROXY }, expected: PROXY },
  { name: 'does not proxy localhost', url: 'https://localhost:8443/', env: { HTTPS_PROXY: PROXY } },
  { name: 'does not proxy 127.x', url: 'https://127.1.2.3/', env: { HTTPS_PROXY: PROXY } },
  { name: 'does not proxy ::1', url: 'https://[::1]/', env: { HTTPS_PROXY: PROXY } },
])('$name', ({ url, env, expected }) => {
  expect(environmentProxy(new URL(url), env)?.url).toBe(expected);
});

it.each([
  ['*', true],
  ['idp.test', true],
  ['IDP.test', true],
  ['test', true],
  ['.test', true],
  ['*.test', true],
  ['dp.test', false],
  ['other.test', false],
  ['other.test, idp.test', true],
  ['idp.test:443', true],
  ['idp.test:8443', false],
  ['', false],
])('decides whether the value %j of NO_PROXY excludes idp.test: %s', (noProxy, isExcluded) => {
  const proxy = environmentProxy(new URL('https://idp.test/'), { HTTPS_PROXY: PROXY, NO_PROXY: noProxy });
  expect(proxy === undefined).toBe(isExcluded);
});

it.each([
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.1.2.3', 'https://10.1.2.3/', true],
  ['2001:db8::/32', 'https://[2001:db8::1]/', true],
  ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ['10.0.0.0/8', 'https://idp.test/', false],
])('decides whether the value %j of NO_PROXY excludes %s: %s', (noProxy, url, isExcluded) => {
  const proxy = environmentProxy(new URL(url), { HTTPS_PROXY: PROXY, no_proxy: noProxy });
  expect(proxy === undefined).toBe(isExcluded);
});

it.each([
  { HTTPS_PROXY: 'socks5://us:p4ss@proxy.test:1' },
  { HTTPS_PROXY: 'http://' },
  { https_proxy: 'http://us:p4ss@[proxy.test' },
])('rejects a value that is not the URL of an HTTP proxy, without quoting it: %j', (env) => {
  const [variable] = Object.keys(env);
  const url = new URL('https://idp.test/x');
  const failure = () => environmentProxy(url, env);
  expect(failure).toThrow(
    expect.objectContaining({
      code: 'proxy_unreachable',
      messages: expect.objectContaining({ detail: [message('environment-proxy-unusable', { variable })] }),
    })
  );
  expect(failure).not.toThrow(/p4ss/);
  expect(environmentProxy(url, { ...env, NO_PROXY: 'idp.test' })).toBeUndefined();
});

it('uses the proxy of the settings, not the proxy of the environment', () => {
  const url = new URL('https://idp.test/x');
  const httpProxy = { url: 'http://other.test:1' };
  expect(httpProxyFor({ httpProxy }, url, { HTTPS_PROXY: PROXY })).toBe(httpProxy);
  expect(httpProxyFor({}, url, { HTTPS_PROXY: PROXY })).toEqual({ url: PROXY, variable: 'HTTPS_PROXY' });
});

it('returns user and password separately from the URL', () => {
  const proxy = environmentProxy(new URL('https://idp.test'), { HTTPS_PROXY: 'http://us%40er:p%3Aw@proxy.test:3128/' });
  expect(proxy).toMatchObject({ url: PROXY, user: 'us@er' });
  expect(proxy?.password?.reveal()).toBe('p:w');
});
