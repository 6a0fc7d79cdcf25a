import { type CheckHealthRequest, type CheckHealthResult } from '../query/plugin-request';
import { shareChecks } from './shared-checks';

const ADA = { login: 'ada', name: 'Ada', email: 'ada@example.com', role: 'Admin' };

function request(changes: { secret?: string; login?: string; authorization?: string } = {}): CheckHealthRequest {
  return {
    context: {
      orgId: 1,
      pluginId: 'micromegas-micromegas-datasource',
      namespace: 'default',
      user: { ...ADA, login: changes.login ?? 'ada' },
      dataSource: {
        uid: 'a',
        orgId: 1,
        name: 'a',
        jsonData: Buffer.from('{}'),
        decryptedSecureJsonData: { token: changes.secret ?? 'one' },
        lastUpdatedMs: 1,
        grafanaConfig: {},
      },
      grafanaConfig: {},
    },
    headers: changes.authorization === undefined ? {} : { authorization: changes.authorization },
  };
}

/** A check that ends when the test calls `finish`. */
class Bench {
  nowMs = 1_000;
  started = 0;
  aborted = 0;
  readonly check = shareChecks(
    (_request, signal) => this.#start(signal),
    () => this.nowMs
  );
  #resolve: ((result: CheckHealthResult) => void) | undefined;

  finish(status: 'ok' | 'error'): void {
    this.#resolve?.({ status, message: status, details: { message: '', verboseMessage: '', stages: [] } });
  }

  #start(signal: AbortSignal): Promise<CheckHealthResult> {
    this.started += 1;
    signal.addEventListener('abort', () => (this.aborted += 1));
    return new Promise((resolve) => (this.#resolve = resolve));
  }
}

const forever = new AbortController().signal;

it('runs one check for three requests: two during the check, and one just after it', async () => {
  const bench = new Bench();
  const both = [bench.check(request(), forever), bench.check(request(), forever)];
  bench.finish('error');
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual(['error', 'error']);
  bench.nowMs += 1_999;
  expect((await bench.check(request(), forever)).status).toBe('error');
  expect(bench.started).toBe(1);
});

it('runs another check two seconds after a check has ended', async () => {
  const bench = new Bench();
  const first = bench.check(request(), forever);
  bench.finish('error');
  await first;
  bench.nowMs += 2_000;
  const second = bench.check(request(), forever);
  bench.finish('ok');
  expect((await second).status).toBe('ok');
});

it.each([
  ['another secret', { secret: 'two' }],
  ['another person', { login: 'bob' }],
  ["another person's token", { authorization: 'Bearer x' }],
])('runs separate checks for %s', async (_name, changes) => {
  const bench = new Bench();
  void bench.check(request(), forever);
  void bench.check(request(changes), forever);
  expect(bench.started).toBe(2);
});

it('aborts the check only when the last caller has left', () => {
  const bench = new Bench();
  const [first, second] = [new AbortController(), new AbortController()];
  void bench.check(request(), first.signal);
  void bench.check(request(), second.signal);
  first.abort();
  expect(bench.aborted).toBe(0);
  second.abort();
  expect(bench.aborted).toBe(1);
  void bench.check(request(), forever);
  expect(bench.started).toBe(2);
});
