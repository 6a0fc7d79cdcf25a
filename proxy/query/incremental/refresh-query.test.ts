/** Refreshes queries on a fake server whose values the tests set. */
import { Int32, Table, TimestampNanosecond } from 'apache-arrow';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ErrorCode } from '../../base/errors/catalogue';
import { type IpcMessage, readRows } from '../../frames/arrow-ipc';
import { columnOf, messagesOf } from '../../frames/data-frames/testing/arrow-messages';
import { type Instance } from '../../lakehouse/instances/instance';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { TimeBins } from '../../sql/macros/time-bins';
import { ResultCache, type ResultKey } from './result-cache';
import { type RefreshOutcome } from './outcome';
import { type BinInterval } from './refresh-plan';
import { MAX_COST, refreshedMessages } from './refresh-query';
import { type ReadMessages, type RefreshRequest, type RefreshStatements } from './refresh-request';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Start of a full hour, in milliseconds since 1970. */
const START_MS = 1_700_000_400_000 - (1_700_000_400_000 % HOUR_MS);
const INSTANCE = { onRejected: () => undefined } as Partial<Instance> as Instance;
const KEY: ResultKey = { instance: INSTANCE, sharers: 'ada', owner: 'ada', statement: 's' };
const memory = unlimitedAccount();

/** Values by the start of their bin. */
type Values = ReadonlyMap<number, number>;

const minute = (number: number) => START_MS + number * MINUTE_MS;

function table(values: Values, unit = 1_000_000n): IpcMessage[] {
  const times = BigInt64Array.from(values.keys(), (ms) => BigInt(ms) * unit);
  const numbers = Int32Array.from(values.values());
  return messagesOf(new Table({ t: columnOf(new TimestampNanosecond(), times), n: columnOf(new Int32(), numbers) }));
}

/** A server with one value for each minute, and a log of the statements. */
class Server implements RefreshStatements {
  values = new Map<number, number>();
  /** Bins with new rows. */
  arrived: number[] = [];
  /**
   * The sent statements, such as `whole`, `edges 310`, `changed 310` and `parts 2`. The number after `edges` and
   * `changed` is the age limit of changed bins in seconds, and the number after `parts` is the number of intervals.
   */
  readonly log: string[] = [];
  /** Called while a statement waits for its slot. */
  onWait: () => void = () => undefined;
  /** Called while the server runs a statement. */
  onStatement: () => void = () => undefined;
  failure: ErrorCode | undefined;
  unit = 1_000_000n;

  constructor(readonly bench: { fromMs: number; toMs: number }) {}

  #messages(name: string, isWanted: (startMs: number) => boolean, isPart = true): AsyncIterable<IpcMessage> {
    this.log.push(name);
    this.onWait();
    const { onStatement } = this;
    const found = new Map(Array.from(this.values).filter(([startMs]) => isWanted(startMs)));
    const messages = table(found, isPart ? this.unit : undefined);
    const failure = isPart ? this.failure : undefined;
    return (async function* () {
      onStatement();
      if (failure !== undefined) {
        throw new ProxyError(failure);
      }
      yield* messages;
      await Promise.resolve();
    })();
  }

  #isInRange(startMs: number): boolean {
    return startMs > this.bench.fromMs - MINUTE_MS && startMs <= this.bench.toMs;
  }

  whole() {
    return Promise.resolve(this.#messages('whole', (startMs) => this.#isInRange(startMs), false));
  }

  edges<Value>({ startMs, endMs }: BinInterval, age: number | undefined, read: ReadMessages<Value>): Promise<Value> {
    const arrived = age === undefined ? [] : this.arrived;
    const isEdge = (at: number) => this.#isInRange(at) && (at < startMs || at >= endMs || arrived.includes(at));
    return read(this.#messages(`edges ${age}`, isEdge), memory);
  }

  changed<Value>(_interval: BinInterval, age: number, read: ReadMessages<Value>): Promise<Value> {
    return read(
      this.#messages(`changed ${age}`, (startMs) => this.arrived.includes(startMs)),
      memory
    );
  }

  parts<Value>(intervals: readonly BinInterval[], read: ReadMessages<Value>): Promise<Value> {
    const isIn = (at: number) => intervals.some(({ startMs, endMs }) => at >= startMs && at < endMs);
    return read(this.#messages(`parts ${intervals.length}`, isIn), memory);
  }
}

/** A dashboard with a range of one hour, which begins and ends within a bin. */
class Bench {
  wallMs = minute(60) + 1000;
  monotonicMs = 0;
  readonly results = new ResultCache(new MemoryBudget({ totalBytes: 1e9 }).kept);
  readonly range = { fromMs: minute(0) + 1000, toMs: minute(60) + 1000 };
  readonly server = new Server(this.range);
  minWholeMs = 0;
  request: Partial<RefreshRequest> = {};

  constructor() {
    for (let number = 0; number <= 60; number++) {
      this.server.values.set(minute(number), number);
    }
  }

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
    this.range.fromMs += ms;
    this.range.toMs += ms;
  }

  /** Refreshes, and compares the result with the values of the server. */
  async refresh(): Promise<RefreshOutcome | undefined> {
    const { range, server, results, minWholeMs } = this;
    server.log.length = 0;
    let outcome: RefreshOutcome | undefined;
    const request: RefreshRequest = {
      key: KEY,
      query: { column: 0, order: 'ascending', hasHaving: false },
      bins: new TimeBins({ unit: 'ms', count: MINUTE_MS }, range),
      range: { ...range },
      maxRows: 1000,
      maxBytes: Infinity,
      wholeAfterMs: 600_000,
      statements: server,
      bodies: memory,
      memory,
      openMemory: unlimitedAccount,
      ...this.request,
    };
    const deps = { results, now: () => this.wallMs, elapsedMs: () => this.monotonicMs, minWholeMs, maxCost: MAX_COST };
    const found = new Map<number, number>();
    for await (const row of readRows(
      refreshedMessages(request, deps, (one) => (outcome = one)),
      memory
    )) {
      found.set(Date.parse(String(row.value('t'))), Number(row.value('n')));
    }
    const expected = Array.from(server.values).filter(
      ([startMs]) => startMs > range.fromMs - MINUTE_MS && startMs <= range.toMs
    );
    expect(Array.from(found)).toEqual(expected);
    return outcome;
  }
}

const WHOLE = (reason: string) => ({ kind: 'whole', reason });

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  expect(await bench.refresh()).toEqual(WHOLE('first'));
});

it('reads the first and the newest bins again', async () => {
  bench.server.values.set(minute(58), -1);
  expect(await bench.refresh()).toMatchObject({ kind: 'parts', share: expect.closeTo(8 / 60) });
  expect(bench.server.log).toEqual(['edges 310']);
  bench.pass(15_000);
  bench.server.values.set(minute(0), -2);
  bench.server.values.set(minute(61), -2);
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  expect(bench.server.log).toEqual(['edges 325']);
});

it('finds changed bins with a separate statement if the range begins at the start of a bin', async () => {
  bench.results.delete(KEY);
  bench.pass(-1000);
  expect(await bench.refresh()).toEqual(WHOLE('first'));
  bench.server.arrived = [minute(20)];
  bench.server.values.set(minute(20), -1);
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  expect(bench.server.log).toEqual(['changed 310', 'parts 1', 'parts 1']);
});

it('reads a bin again if new rows have arrived', async () => {
  bench.server.values.set(minute(20), -1);
  bench.server.arrived = [minute(20)];
  expect(await bench.refresh()).toMatchObject({ kind: 'parts', share: expect.closeTo(9 / 60) });
  expect(bench.server.log).toEqual(['edges 310', 'parts 1']);
});

it('finds changed bins with a separate statement if the query has HAVING', async () => {
  bench.request.query = { column: 0, order: 'ascending', hasHaving: true };
  bench.server.arrived = [minute(21), minute(40)];
  bench.server.arrived.forEach((startMs) => bench.server.values.set(startMs, -1));
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  expect(bench.server.log).toEqual(['changed 310', 'edges undefined', 'parts 2']);
});

it('reads the whole range if the server reports a changed bin that is not one of the kept bins', async () => {
  bench.request.query = { column: 0, order: 'ascending', hasHaving: true };
  bench.server.arrived = [minute(1_000_000)];
  bench.server.values.set(minute(1_000_000), 1);
  expect(await bench.refresh()).toEqual(WHOLE('result'));
  expect(bench.server.log).toEqual(['changed 310', 'whole']);
});

it('reads the whole range if a large part has changed', async () => {
  bench.server.arrived = Array.from({ length: 16 }, (_, index) => minute(10 + index));
  bench.server.arrived.forEach((startMs) => bench.server.values.set(startMs, -1));
  expect(await bench.refresh()).toEqual(WHOLE('share'));
  expect(bench.server.log).toEqual(['edges 310', 'whole']);
});

it('reads the whole range if the range contains no bins of the earlier result', async () => {
  bench.range.fromMs -= 2 * HOUR_MS;
  bench.range.toMs -= 2 * HOUR_MS;
  expect(await bench.refresh()).toEqual(WHOLE('moved'));
});

it('reads the whole range again after wholeAfterMs', async () => {
  for (let ms = 0; ms < 590_000; ms += 59_000) {
    bench.pass(59_000);
    bench.server.values.set(minute(61 + ms / 59_000), 1);
    expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  }
  bench.pass(10_000);
  expect(await bench.refresh()).toEqual(WHOLE('due'));
});

it.each([
  ['the wall clock was set back', () => (bench.wallMs -= 3_600_000)],
  ['the monotonic clock stood still', () => (bench.wallMs += 3_600_000)],
])('reads the whole range if %s', async (_name, change) => {
  change();
  expect(await bench.refresh()).toEqual(WHOLE('due'));
});

it('reads the whole range if the response about changed bins begins too late', async () => {
  bench.server.onStatement = () => {
    if (bench.server.log.at(-1) === 'edges 310') {
      bench.wallMs += 11_000;
      bench.monotonicMs += 11_000;
    }
  };
  expect(await bench.refresh()).toEqual(WHOLE('failed'));
});

it('does not keep a result that took less than minWholeMs', async () => {
  bench.minWholeMs = 200;
  bench.results.delete(KEY);
  expect(await bench.refresh()).toEqual(WHOLE('fast'));
  expect(await bench.refresh()).toEqual(WHOLE('fast'));
  expect(bench.results.bytes).toBe(0);
});

const passing = (ms: number) => () => {
  bench.wallMs += ms;
  bench.monotonicMs += ms;
};

it('stops reading parts after two consecutive refreshes in parts that were slow', async () => {
  bench.results.delete(KEY);
  bench.server.onStatement = passing(1000);
  await bench.refresh();
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  bench.server.onStatement = passing(100);
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  bench.server.onStatement = passing(1000);
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  expect(await bench.refresh()).toEqual(WHOLE('slow'));
  expect(await bench.refresh()).toEqual(WHOLE('slow'));
  expect(bench.server.log).toEqual(['whole']);
});

it('tries parts again after whole reads, twice as many after each slow trial', async () => {
  bench.results.delete(KEY);
  bench.server.onStatement = passing(1000);
  await bench.refresh();
  const kinds: string[] = [];
  for (let refresh = 0; refresh < 60; refresh++) {
    kinds.push((await bench.refresh())?.kind === 'parts' ? 'P' : 'w');
  }
  const wholes = 'w'.repeat(16);
  expect(kinds.join('')).toBe(`PPwwPwwwwPwwwwwwwwP${wholes}P${wholes}P`.slice(0, 60).padEnd(60, 'w'));
});

it('compares a trial with the whole read before it, so that a server that was busy for a while is no reason', async () => {
  bench.results.delete(KEY);
  bench.server.onStatement = passing(300);
  await bench.refresh();
  bench.server.onStatement = passing(1000);
  const outcomes = [];
  for (let refresh = 0; refresh < 4; refresh++) {
    outcomes.push(await bench.refresh());
  }
  expect(outcomes.slice(2)).toEqual([WHOLE('slow'), WHOLE('slow')]);
  // The load stays, and a part takes half of the time of the whole range.
  bench.server.onStatement = passing(500);
  for (let refresh = 0; refresh < 20; refresh++) {
    bench.pass(5000);
    bench.server.values.set(minute(61 + refresh), 1);
    expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
  }
});

it('keeps no rows while the next refresh reads the whole range', async () => {
  bench.results.delete(KEY);
  bench.server.onStatement = passing(1000);
  await bench.refresh();
  const withRows = bench.results.bytes;
  const sizes: number[] = [];
  for (let refresh = 0; refresh < 5; refresh++) {
    await bench.refresh();
    sizes.push(bench.results.bytes);
  }
  expect(sizes.map((bytes) => bytes < withRows)).toEqual([false, true, true, false, true]);
});

it('does not count waits for slots as time of a refresh', async () => {
  bench.results.delete(KEY);
  bench.server.onStatement = passing(1000);
  await bench.refresh();
  bench.server.onStatement = passing(100);
  bench.server.onWait = passing(2000);
  bench.server.arrived = [minute(20)];
  for (let refresh = 0; refresh < 3; refresh++) {
    expect(await bench.refresh()).toMatchObject({ kind: 'parts' });
    expect(bench.server.log).toHaveLength(2);
  }
});

it.each<[string, () => unknown]>([
  ['a part fails', () => (bench.server.failure = 'query_failed')],
  ['times are not starts of bins', () => (bench.server.unit = 999_999n)],
])('reads the whole range if %s', async (_name, change) => {
  change();
  const { kind } = (await bench.refresh()) ?? {};
  expect(kind).toBe('whole');
  expect(bench.server.log).toEqual(['edges 310', 'whole']);
});

it.each<[string, () => unknown]>([
  ['a part fails', () => (bench.server.failure = 'query_failed')],
  ['much changes', () => (bench.server.arrived = Array.from({ length: 16 }, (_, index) => minute(10 + index)))],
])('after two refreshes in which %s, reads only the whole range until wholeAfterMs is over', async (_name, change) => {
  change();
  for (let refresh = 0; refresh < 2; refresh++) {
    await bench.refresh();
    expect(bench.server.log).toEqual(['edges 310', 'whole']);
  }
  expect(await bench.refresh()).toEqual(WHOLE('slow'));
  expect(bench.server.log).toEqual(['whole']);
  bench.pass(600_000);
  bench.server.values.set(minute(70), 1);
  expect(await bench.refresh()).toEqual(WHOLE('due'));
  await bench.refresh();
  expect(bench.server.log).toEqual(['edges 310', 'whole']);
});

it.each<[string, Partial<RefreshRequest>]>([
  ['has too many rows', { maxRows: 60 }],
  ['has too many bytes', { maxBytes: 100 }],
  ['is not in the order of the query', { query: { column: 0, order: 'descending', hasHaving: false } }],
  ['has numbers in the column of the bins', { query: { column: 1, order: 'ascending', hasHaving: false } }],
])('reads the whole range if the result %s', async (_name, request) => {
  bench.request = request;
  expect(await bench.refresh()).toEqual(WHOLE('result'));
});

it.each<ErrorCode>(['permission_denied', 'token_refused'])('sends no statement after the error %s', async (code) => {
  bench.server.failure = code;
  await expect(bench.refresh()).rejects.toMatchObject({ code });
  expect(bench.server.log).toEqual(['edges 310']);
});

it('does not read the whole range after the deadline of the query', async () => {
  bench.server.failure = 'query_timeout';
  await expect(bench.refresh()).rejects.toMatchObject({ code: 'query_timeout' });
  expect(bench.server.log).toEqual(['edges 310']);
});
