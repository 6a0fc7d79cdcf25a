import { RequestTurns } from './request-turns';
import { failureOf } from './testing/test-bench';

const A = 'https://a.test';

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('runs at most eight requests at the same time, in the order of their arrival', async () => {
  const turns = new RequestTurns();
  const gates = Array.from({ length: 20 }, gate);
  const started: number[] = [];
  const all = gates.map(({ promise }, index) =>
    turns.run(A, async () => {
      started.push(index);
      await promise;
    })
  );
  await turn();
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  gates.at(3)?.open();
  await turn();
  expect(started.slice(8)).toEqual([8]);
  gates.forEach(({ open }) => open());
  await Promise.all(all);
  expect(started).toEqual(gates.map((_, index) => index));
});

it('runs requests to one provider while requests to another provider wait', async () => {
  const turns = new RequestTurns();
  const busy = gate();
  const all = Array.from({ length: 10 }, () => turns.run(A, () => busy.promise));
  expect(await turns.run('https://b.test', async () => 'token')).toBe('token');
  busy.open();
  await Promise.all(all);
});

it('starts the next request after a failure', async () => {
  const turns = new RequestTurns();
  const busy = gate();
  const failing = Array.from({ length: 8 }, () => turns.run(A, () => busy.promise.then(() => Promise.reject('down'))));
  const next = turns.run(A, async () => 'token');
  busy.open();
  await Promise.allSettled(failing);
  expect(await next).toBe('token');
});

describe('with a provider that is slow', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => void jest.useRealTimers());

  it('lets a request wait longer than the limit if other requests succeed in the meantime', async () => {
    const turns = new RequestTurns();
    const busy = gate();
    const running = Array.from({ length: 7 }, () => turns.run(A, () => busy.promise));
    const slow = Array.from({ length: 4 }, gate);
    const before = slow.map(({ promise }) => turns.run(A, () => promise));
    const last = turns.run(A, async () => 'token');
    for (const { open } of slow) {
      await jest.advanceTimersByTimeAsync(20_000);
      open();
      await turn();
    }
    expect(await last).toBe('token');
    busy.open();
    await Promise.all([...running, ...before]);
  });

  it('fails a request that waits too long, and does not run it later', async () => {
    const turns = new RequestTurns();
    const busy = gate();
    const running = Array.from({ length: 8 }, () => turns.run(A, () => busy.promise));
    let hasRun = false;
    const late = failureOf(
      turns.run(A, async () => {
        hasRun = true;
      })
    );
    await jest.advanceTimersByTimeAsync(30_000);
    expect((await late).code).toBe('provider_timeout');
    busy.open();
    await Promise.all(running);
    expect(await turns.run(A, async () => 'token')).toBe('token');
    expect(hasRun).toBe(false);
  });
});
