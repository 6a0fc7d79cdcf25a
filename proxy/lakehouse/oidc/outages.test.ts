/**
 * Outages of the identity provider, with tokens of several lifetimes. A query is sent each second of the injected
 * clock, as dashboards with a short refresh do.
 */
import { createTestBench, failureOf, signal, START_MS, type TestBench } from './testing/test-bench';
import { type TestResponse } from './testing/test-provider';
import { type TokenSource } from './token-source';

let bench: TestBench;

afterEach(() => bench.provider.close());

const DOWN: TestResponse = { status: 503, body: 'starting' };

interface Second {
  second: number;
  outcome: 'ok' | string;
}

/** Sends a query each second. A renewal in the background ends before the next second. */
async function askEachSecond(source: TokenSource, fromSecond: number, toSecond: number): Promise<Second[]> {
  const seconds: Second[] = [];
  for (let second = fromSecond; second < toSecond; second++) {
    bench.nowMs = START_MS + second * 1000;
    const outcome = await source.getToken(signal).then(
      () => 'ok',
      (reason: { code: string }) => reason.code
    );
    await bench.untilRequests(bench.provider.tokenRequests.length);
    seconds.push({ second, outcome });
  }
  return seconds;
}

const cases = [60, 600].flatMap((outageSeconds) =>
  [2, 60].map((lifetimeSeconds) => ({ outageSeconds, lifetimeSeconds }))
);

it.each(cases)(
  'an outage of $outageSeconds s: tokens of $lifetimeSeconds s are used until they expire, and requested each 5 s',
  async ({ outageSeconds, lifetimeSeconds }) => {
    bench = await createTestBench();
    const { provider } = bench;
    const token = () => ({
      body: {
        access_token: `token-${provider.tokenRequests.length}`,
        token_type: 'Bearer',
        expires_in: lifetimeSeconds,
      },
    });
    provider.onToken = token;
    const source = bench.source();
    const before = await askEachSecond(source, 0, 10);
    expect(before.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);

    provider.onToken = () => DOWN;
    const sentBefore = provider.tokenRequests.length;
    const end = 10 + outageSeconds;
    const during = await askEachSecond(source, 10, end);
    const failed = during.filter(({ outcome }) => outcome !== 'ok');
    // The last token was received in the last ten seconds before the outage, and its last part is not used.
    expect(failed[0]?.second ?? end).toBeGreaterThanOrEqual(Math.min(end, lifetimeSeconds - 5));
    expect(failed[0]?.second ?? end).toBeLessThanOrEqual(Math.min(end, 10 + lifetimeSeconds));
    expect(failed.every(({ outcome }) => outcome === 'provider_down')).toBe(true);
    // No gap after the first failure: an expired token is never used.
    expect(failed).toHaveLength(end - (failed[0]?.second ?? end));
    expect(provider.tokenRequests.length - sentBefore).toBeLessThanOrEqual(Math.ceil(outageSeconds / 5) + 1);

    provider.onToken = token;
    const after = await askEachSecond(source, end, end + 20);
    const back = after.findIndex(({ outcome }) => outcome === 'ok');
    expect(back).toBeGreaterThanOrEqual(0);
    expect(back).toBeLessThanOrEqual(5);
    expect(after.slice(back).every(({ outcome }) => outcome === 'ok')).toBe(true);
  }
);

it('an outage that is over within the lifetime of the token is not noticed by queries', async () => {
  bench = await createTestBench();
  const { provider } = bench;
  const source = bench.source();
  await source.getToken(signal);
  provider.onToken = () => DOWN;
  const during = await askEachSecond(source, 3500, 3560);
  provider.onToken = () => ({ body: { access_token: 'new', token_type: 'Bearer', expires_in: 3600 } });
  const after = await askEachSecond(source, 3560, 3610);
  expect([...during, ...after].filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  expect((await source.getToken(signal)).secret.reveal()).toBe('new');
});

it('a failure in an outage names the next retry, and no other waiting time', async () => {
  bench = await createTestBench();
  bench.provider.onToken = () => DOWN;
  const source = bench.source();
  await failureOf(source.getToken(signal));
  bench.nowMs += 3_000;
  const { message } = await failureOf(source.getToken(signal));
  expect(message).toContain('The next retry is possible in 2 s.');
  expect(message.match(/\b\d+ s(?:econds)?\b/g)).toEqual(['2 s']);
});
