/** The places of late statements, over real connections to a test server. Only the test moves the clock. */
import { status as Status } from '@grpc/grpc-js';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import {
  type DataCall,
  failCall,
  finish,
  flightData,
  SCHEMA,
  startFlightServer,
  type TestServer,
} from '../flight-sql/testing/flight-test-server';
import { type Instance } from './instance';
import { type InstanceStore } from './instance-store';
import { LATE_AFTER_MS } from './late-statements';
import { oauthStore, providerOf } from './testing/oauth-store';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Resolves when `isDone` returns true. The test fails by the timeout of Jest. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await settled();
  }
}

/** A data source, and a server that responds only when the test says so. */
class Bench {
  nowMs = 0;
  /** The calls that the server has received, with their users and entrypoints. Calls with a response are removed. */
  readonly received: Array<{ user: string; entrypoint: string; call: DataCall }> = [];
  probes = 0;
  instance!: Instance;
  #server!: TestServer;
  #store!: InstanceStore;
  readonly #ended: Array<Promise<unknown>> = [];

  async start(maxStatements: number): Promise<void> {
    this.#server = await startFlightServer({ doGet: (_ticket, call) => this.#receive(call) });
    this.#store = oauthStore(
      () => providerOf(() => 't'),
      () => this.nowMs
    );
    const settings = { host: `127.0.0.1:${this.#server.port}`, selectedAuthType: 'none', maxStatements };
    this.instance = this.#store.acquire({
      uid: 'u1',
      orgId: 1,
      name: 'Lake',
      jsonData: Buffer.from(JSON.stringify(settings)),
      decryptedSecureJsonData: {},
      lastUpdatedMs: 1,
    }).instance;
  }

  async stop(): Promise<void> {
    this.#store.close();
    this.#server.kill();
    await Promise.all(this.#ended);
  }

  kill = () => this.#server.kill();

  /** Starts a statement. The returned promise resolves with the code of its failure, or `ok`. */
  run(login: string, signal = new AbortController().signal, entrypoint = 'dashboard'): Promise<string> {
    const user = { login, name: '', email: '' };
    const ended = this.#read({ user, origin: { entrypoint }, signal, memory: unlimitedAccount() });
    this.#ended.push(ended);
    return ended;
  }

  receivedOf(user: string) {
    return this.received.filter((each) => each.user === user && each.entrypoint !== 'probe');
  }

  get openProbes() {
    return this.received.filter(({ entrypoint }) => entrypoint === 'probe');
  }

  respond({ call }: { call: DataCall }): void {
    finish(call, flightData(SCHEMA));
    this.received.splice(
      this.received.findIndex((each) => each.call === call),
      1
    );
  }

  /** Lets the server report that the time limit of a statement has passed. */
  timeOut({ call }: { call: DataCall }): void {
    failCall(call, Status.DEADLINE_EXCEEDED, 'late');
    this.received.splice(
      this.received.findIndex((each) => each.call === call),
      1
    );
  }

  async #read(call: Parameters<Instance['execute']>[1]): Promise<string> {
    try {
      for await (const message of this.instance.execute('SELECT 7', call)) {
        void message;
      }
      return 'ok';
    } catch (reason) {
      return (reason as { code: string }).code;
    }
  }

  #receive(call: DataCall): void {
    const [user, entrypoint] = ['x-user-id', 'x-client-entrypoint'].map((name) => String(call.metadata.get(name)[0]));
    this.probes += entrypoint === 'probe' ? 1 : 0;
    this.received.push({ user, entrypoint, call });
    call.on('cancelled', () => {
      const index = this.received.findIndex((each) => each.call === call);
      if (index >= 0) {
        this.received.splice(index, 1);
      }
    });
  }
}

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.stop());

/** The number of statements of a user that can run now. */
async function roomOf(login: string): Promise<number> {
  const leaving = new AbortController();
  const before = bench.receivedOf(login).length;
  const runs = Array.from({ length: 20 }, () => bench.run(login, leaving.signal));
  // The server has received all when a statement in another lane, which was sent after them, has arrived.
  const mark = bench.run('marker', leaving.signal, 'alerting');
  await until(() => bench.receivedOf('marker').length > 0);
  const count = bench.receivedOf(login).length - before;
  leaving.abort();
  await Promise.all([...runs, mark]);
  await until(() => bench.receivedOf(login).length === before && bench.receivedOf('marker').length === 0);
  return count;
}

/** Statements of a user that end late: 14, all that one user may have of 16. */
async function endLate(end: 'timeout' | 'cancel', login = 'ada'): Promise<void> {
  const leaving = new AbortController();
  const count = 14;
  const runs = Array.from({ length: 16 }, () => bench.run(login, leaving.signal));
  await until(() => bench.receivedOf(login).length === count);
  bench.nowMs += LATE_AFTER_MS + 1;
  if (end === 'timeout') {
    bench.receivedOf(login).forEach((each) => bench.timeOut(each));
    await Promise.all(runs.slice(0, count));
  }
  leaving.abort();
  await Promise.all(runs);
  await until(() => bench.openProbes.length === 1);
}

it.each(['timeout', 'cancel'] as const)(
  'holds a quarter of the slots after a %s, until a probe responds in usual time',
  async (end) => {
    await bench.start(16);
    expect(await roomOf('ada')).toBe(14);
    await endLate(end);
    expect(await roomOf('ada')).toBe(10);
    expect(bench.probes).toBe(1);
    bench.respond(bench.openProbes[0]);
    // Each measurement is a round trip, so the response to the probe arrives during the first ones.
    while ((await roomOf('ada')) < 14) {
      expect(bench.probes).toBe(1);
    }
  }
);

it('lets another user and an alert rule query while places are held', async () => {
  await bench.start(16);
  await endLate('cancel');
  const runs = [bench.run('grace'), bench.run('ada'), bench.run('rule', undefined, 'alerting')];
  await until(() => ['grace', 'ada', 'rule'].every((user) => bench.receivedOf(user).length === 1));
  ['grace', 'ada', 'rule'].forEach((user) => bench.respond(bench.receivedOf(user)[0]));
  expect(await Promise.all(runs)).toEqual(['ok', 'ok', 'ok']);
});

it('holds nothing when a dashboard of 20 panels is reloaded ten times', async () => {
  await bench.start(16);
  for (let reload = 0; reload < 10; reload++) {
    const leaving = new AbortController();
    const runs = Array.from({ length: 20 }, () => bench.run('ada', leaving.signal));
    await until(() => bench.receivedOf('ada').length === 14);
    bench.nowMs += LATE_AFTER_MS;
    leaving.abort();
    await Promise.all(runs);
    await until(() => bench.receivedOf('ada').length === 0);
  }
  expect(bench.probes).toBe(0);
  expect(await roomOf('ada')).toBe(14);
});

it.each([1, 2])('holds nothing if the data source has %i slots', async (slots) => {
  await bench.start(slots);
  const leaving = new AbortController();
  const run = bench.run('ada', leaving.signal);
  await until(() => bench.receivedOf('ada').length === 1);
  bench.nowMs += 60_000;
  leaving.abort();
  expect(await run).toBe('query_cancelled');
  await until(() => bench.receivedOf('ada').length === 0);
  expect(await roomOf('ada')).toBe(slots);
  expect(bench.probes).toBe(0);
});

it('holds nothing if the server went down', async () => {
  await bench.start(16);
  const runs = Array.from({ length: 14 }, () => bench.run('ada'));
  await until(() => bench.receivedOf('ada').length === 14);
  bench.nowMs += 60_000;
  bench.kill();
  expect(new Set(await Promise.all(runs))).toEqual(new Set(['connection_refused']));
  expect(bench.probes).toBe(0);
});

it('holds nothing for alert rules', async () => {
  await bench.start(16);
  const run = bench.run('rule', undefined, 'alerting');
  await until(() => bench.receivedOf('rule').length === 1);
  bench.timeOut(bench.receivedOf('rule')[0]);
  expect(await run).toBe('query_timeout');
  expect(bench.probes).toBe(0);
});
