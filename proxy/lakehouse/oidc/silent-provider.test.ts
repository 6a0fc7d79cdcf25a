/**
 * A request that gets no response in time: the error names the step that was silent. The servers are real. The time
 * limit is a signal that aborts when the step is reached, so the tests do not wait.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createProviderFetch } from '../network/provider-fetch';
import { endLoopback, listen } from '../network/testing/loopback';
import { askProvider } from './provider-http';
import { failureOf } from './testing/test-bench';

afterEach(endLoopback);

const fetch = createProviderFetch({ tls: { skipVerify: false } }, { allowsHost: () => true, environment: {} });

/** @param reached Resolves when the server has what it does not respond to. */
async function silence(url: string, reached: Promise<unknown>) {
  const limit = new AbortController();
  const asked = failureOf(askProvider(fetch, url, { method: 'GET', headers: {} }, limit.signal, 'provider_not_oidc'));
  await reached;
  limit.abort();
  const { code, adminMessages } = await asked;
  return [code, ...adminMessages.map((each) => each.code)];
}

it('names an address that accepts no connection', async () => {
  const port = await listen(createTcpServer());
  // The signal aborts before the operating system reports the connection.
  const codes = await silence(`http://127.0.0.1:${port}/`, Promise.resolve());
  expect(codes).toEqual(['provider_timeout', 'failure', 'requested-url', 'silent-connect', 'silent-advice']);
});

it('names a TLS handshake without a response', async () => {
  const server = createTcpServer((socket) => void socket.once('data', () => server.emit('hello')));
  const port = await listen(server);
  const codes = await silence(`https://127.0.0.1:${port}/`, once(server, 'hello'));
  expect(codes).toEqual(['provider_timeout', 'failure', 'requested-url', 'silent-tls', 'silent-advice']);
});

it('names a request without a response', async () => {
  const server = createHttpServer();
  const port = await listen(server);
  const codes = await silence(`http://127.0.0.1:${port}/`, once(server, 'request'));
  expect(codes).toEqual(['provider_timeout', 'failure', 'requested-url', 'silent-response', 'silent-advice']);
});
