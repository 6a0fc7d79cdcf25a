/** Save & Test needs a new token, and queries keep the old one until a server has accepted the new one. */
import { createTestBench, signal, type TestBench } from './testing/test-bench';
import { type TokenSource } from './token-source';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

async function tokenText(from: TokenSource): Promise<string> {
  return (await from.getToken(signal)).secret.reveal();
}

it('is fetched anew, unless the kept one was received just now', async () => {
  const tokens = bench.source();
  const kept = await tokenText(tokens);
  expect((await tokens.signIn(signal)).secret.reveal()).toBe(kept);
  bench.nowMs += 60_000;
  expect((await tokens.signIn(signal)).secret.reveal()).not.toBe(kept);
  expect(bench.provider.tokenRequests).toHaveLength(2);
});

const tested = async (tokens: TokenSource) => {
  await tokens.getToken(signal);
  bench.nowMs += 60_000;
  return tokens.signIn(signal);
};

it('takes the place of the kept one once a server has accepted it', async () => {
  const tokens = bench.source();
  const token = await tested(tokens);
  expect(await tokenText(tokens)).toBe('opaque-1');
  tokens.accept(token);
  expect(await tokenText(tokens)).toBe('opaque-2');
});

it('is dropped when the server refuses it, and the kept one stays', async () => {
  const tokens = bench.source();
  tokens.reject(await tested(tokens));
  expect(await tokenText(tokens)).toBe('opaque-1');
  expect((await tokens.signIn(signal)).secret.reveal()).toBe('opaque-3');
});

it('is the same for two checks in short order', async () => {
  const tokens = bench.source();
  const token = await tested(tokens);
  expect(await tokens.signIn(signal)).toBe(token);
});

it('is kept at once where the kept one has ended', async () => {
  const tokens = bench.source();
  await tokens.getToken(signal);
  bench.nowMs += 3600_000;
  await tokens.signIn(signal);
  expect(await tokenText(tokens)).toBe('opaque-2');
  expect(bench.provider.tokenRequests).toHaveLength(2);
});
