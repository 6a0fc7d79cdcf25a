/** The token of Save & test: queries use the old token until a server has accepted the new one. */
import { createTestBench, signal, type TestBench } from './testing/test-bench';
import { type TokenSource } from './token-source';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

async function tokenString(from: TokenSource): Promise<string> {
  return (await from.getToken(signal)).secret.reveal();
}

it('Save & test returns the cached token if it is recent, or else requests a new one', async () => {
  const tokens = bench.source();
  const kept = await tokenString(tokens);
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

it('the token of Save & test replaces the cached token when a server has accepted it', async () => {
  const tokens = bench.source();
  const token = await tested(tokens);
  expect(await tokenString(tokens)).toBe('opaque-1');
  tokens.accept(token);
  expect(await tokenString(tokens)).toBe('opaque-2');
});

it('the token of Save & test is dropped when the server rejects it, and the cached token stays', async () => {
  const tokens = bench.source();
  tokens.reject(await tested(tokens));
  expect(await tokenString(tokens)).toBe('opaque-1');
  expect((await tokens.signIn(signal)).secret.reveal()).toBe('opaque-3');
});

it('the token of Save & test is the same for two checks in a row', async () => {
  const tokens = bench.source();
  const token = await tested(tokens);
  expect(await tokens.signIn(signal)).toBe(token);
});

it('the token of Save & test replaces an expired token immediately', async () => {
  const tokens = bench.source();
  await tokens.getToken(signal);
  bench.nowMs += 3600_000;
  await tokens.signIn(signal);
  expect(await tokenString(tokens)).toBe('opaque-2');
  expect(bench.provider.tokenRequests).toHaveLength(2);
});
