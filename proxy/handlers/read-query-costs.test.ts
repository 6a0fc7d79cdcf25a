import { ProxyError } from '../base/errors/proxy-error';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { unlimitedAccount } from '../observe/memory/testing/accounts';
import { readQueryCosts } from './read-query-costs';

const REQUEST = { session: '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902', startedMs: Date.UTC(2026, 0, 10) };

it('ends after ten seconds, with an error that names no setting', async () => {
  let elapse = () => {};
  const limits: number[] = [];
  const call: InstanceCall = {
    origin: { entrypoint: 'inspector' },
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
  };
  const instance = {
    settings: { timeoutMs: 60_000 },
    // Like the real client, it throws `query_cancelled` if the signal has aborted.
    async *execute(_sql: string, { signal }: InstanceCall) {
      await Promise.resolve();
      elapse();
      throw new ProxyError(signal.aborted ? 'query_cancelled' : 'internal');
      yield undefined as never;
    },
  } as unknown as Instance;
  const result = readQueryCosts(REQUEST, instance, call, (callback, ms) => {
    limits.push(ms);
    elapse = callback;
    return () => undefined;
  });
  const error = await result.catch((reason: unknown) => reason);
  expect(limits).toEqual([10_000]);
  expect(error).toMatchObject({
    code: 'query_timeout',
    viewerMessage:
      'The query took longer than the data source allows. The search in the audit log took longer than 10 s. ' +
      'Search again when the server is less busy.',
  });
});
