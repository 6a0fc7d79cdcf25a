/**
 * Tests, over the plugin protocol, whom the places of late statements delay. The server responds when a test tells it
 * to, and the clock of the plugin moves when a test moves it.
 */
import { status as Status } from '@grpc/grpc-js';
import { LATE_AFTER_MS } from '../../proxy/lakehouse/instances/late-statements';
import { failCall } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { codeOf } from '../support/error-code';
import { GRACE, type HeldStatement, respond, useHeldStatements } from '../support/held-statements';
import { ManualClock } from '../support/manual-clock';
import { ADA, runQuery } from '../support/plugin';

/** Default of the setting _Maximum number of statements_, and what one user may have of them. */
const SLOTS = 16;
const OF_ONE_USER = 14;
const HELD = 4;

const clock = new ManualClock();
const held = useHeldStatements(() => true, clock.env);
/** Each test has its own data source. */
let uid = 0;
let slots: number;
const ended = new Set<HeldStatement>();

beforeEach(() => {
  uid++;
  slots = SLOTS;
  ended.clear();
});

afterAll(() => clock.remove());

interface Caller {
  user?: typeof ADA;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** @returns The code of the error, `cancelled`, or `ok`. */
async function run({ user = ADA, headers = {}, signal }: Caller = {}): Promise<string> {
  const source = { uid: `late ${uid}`, jsonData: { ...held.settings, maxStatements: slots }, user };
  try {
    const { error } = await runQuery(held.plugin, source, { version: 2, query: 'SELECT n' }, { headers, signal });
    return error === '' ? 'ok' : String(codeOf(error));
  } catch {
    return 'cancelled';
  }
}

const many = (count: number, caller: Caller): Array<Promise<string>> =>
  Array.from({ length: count }, () => run(caller));

const sent = ({ call }: HeldStatement, name: string) => String(call.metadata.get(name)[0]);
const isOpen = (each: HeldStatement) => !each.call.cancelled && !ended.has(each);
const isOf = (entrypoint: string) => (each: HeldStatement) => sent(each, 'x-client-entrypoint') === entrypoint;
/** The statements of a user that the server has received and not ended. */
const openOf = ({ login } = ADA) =>
  held.arrived.filter((each) => isOf('explore')(each) && isOpen(each) && sent(each, 'x-user-id') === login);
const probes = () => held.arrived.filter(isOf('probe'));

function end(statement: HeldStatement): void {
  ended.add(statement);
  respond(statement);
}

/** Calls the plugin until a condition holds. The test fails by the timeout of Jest. */
async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) {
    await held.plugin.collectMetrics();
  }
}

/** Runs the query of an alert rule. It arrives at the server after the statements that were sent before. */
async function runRule(): Promise<string> {
  const before = held.arrived.filter(isOf('alerting')).length;
  const rule = run({ headers: { FromAlert: 'true' } });
  const open = () => held.arrived.filter(isOf('alerting')).slice(before);
  await until(() => open().length > 0);
  end(open()[0]);
  return rule;
}

/** Expects that this number of a user's statements can run now, and cancels them. */
async function expectRoom(count: number, user = ADA): Promise<void> {
  const leaving = new AbortController();
  const before = openOf(user).length;
  const runs = many(20, { user, signal: leaving.signal });
  await until(() => openOf(user).length >= before + count);
  await runRule();
  expect(openOf(user).length).toBe(before + count);
  leaving.abort();
  await Promise.all(runs);
  await until(() => openOf(user).length === before);
}

/** Cancels 16 statements of a user that have run for a while. @returns The number of those that have run. */
async function cancelAfter(ms: number, count = SLOTS): Promise<number> {
  const leaving = new AbortController();
  const running = Math.min(count, slots - Math.floor(slots / 8));
  const runs = many(count, { signal: leaving.signal });
  await until(() => openOf().length === running);
  clock.advance(ms);
  leaving.abort();
  await Promise.all(runs);
  await until(() => openOf().length === 0);
  return running;
}

async function timeOut(count: number): Promise<void> {
  const runs = many(count, {});
  await until(() => openOf().length === count);
  for (const each of openOf()) {
    ended.add(each);
    failCall(each.call, Status.DEADLINE_EXCEEDED, 'late');
  }
  expect(await Promise.all(runs)).toEqual(Array(count).fill('query_timeout'));
}

it('holds a quarter of the places after timeouts, until a probe of the same user responds', async () => {
  await expectRoom(OF_ONE_USER);
  await timeOut(OF_ONE_USER);
  await expectRoom(OF_ONE_USER - HELD);
  await expectRoom(OF_ONE_USER, GRACE);
  expect(probes().map((each) => sent(each, 'x-user-id'))).toEqual([ADA.login]);
  end(probes()[0]);
  await expectRoom(OF_ONE_USER);
});

it('lets another user and an alert rule query when a user has cancelled 16 statements', async () => {
  await cancelAfter(LATE_AFTER_MS + 1);
  await until(() => probes().length === 1);
  await expectRoom(OF_ONE_USER - HELD);
  const running = [run({ user: GRACE }), run()];
  await until(() => openOf(GRACE).length === 1 && openOf().length === 1);
  [...openOf(GRACE), ...openOf()].forEach(end);
  expect(await Promise.all([...running, runRule()])).toEqual(['ok', 'ok', 'ok']);
  expect(probes().length).toBe(1);
});

it('holds nothing when a dashboard of 20 panels is reloaded ten times', async () => {
  for (let reload = 0; reload < 10; reload++) {
    await cancelAfter(LATE_AFTER_MS / 2, 20);
  }
  await expectRoom(OF_ONE_USER);
  expect(probes().length).toBe(0);
});

it.each([1, 2])('holds nothing if the data source has %i places', async (limit) => {
  slots = limit;
  await timeOut(limit);
  await cancelAfter(LATE_AFTER_MS + 1);
  await expectRoom(limit);
  expect(probes().length).toBe(0);
});

it('holds nothing for alert rules', async () => {
  const rule = run({ headers: { FromAlert: 'true' } });
  await until(() => held.arrived.length === 1);
  failCall(held.arrived[0].call, Status.DEADLINE_EXCEEDED, 'late');
  expect(await rule).toBe('query_timeout');
  await expectRoom(OF_ONE_USER);
  expect(probes().length).toBe(0);
});

it('holds nothing if the server goes down', async () => {
  const runs = many(OF_ONE_USER, {});
  await until(() => openOf().length === OF_ONE_USER);
  clock.advance(LATE_AFTER_MS + 1);
  held.kill();
  expect(new Set(await Promise.all(runs))).toEqual(new Set(['connection_refused']));
  // Each of these calls gets a place, and fails at once.
  expect(new Set(await Promise.all(many(20, {})))).toEqual(new Set(['connection_refused']));
  expect(probes().length).toBe(0);
});
