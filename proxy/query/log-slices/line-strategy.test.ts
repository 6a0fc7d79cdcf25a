import { Int32, Table } from 'apache-arrow';
import { columnOf, messagesOf } from '../../frames/data-frames/testing/arrow-messages';
import { callMetadata } from '../../lakehouse/flight-sql/call-metadata';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance } from '../../lakehouse/instances/instance';
import { randomNumbers } from '../../sql/macros/testing/random-numbers';
import { type LineOrder } from './line-order';
import { type StatementResources, type StatementPart, wholeStrategy } from '../read-strategy';
import { LineRates, lineStrategy } from './line-strategy';

const HOUR_MS = 3_600_000;
const SECOND_NS = 1_000_000_000n;
const [SCHEMA] = messagesOf(new Table({ n: columnOf(new Int32(), new Int32Array()) }));

/** The time in a header of a call, in nanoseconds since 1970. */
function headerNs(entries: ReadonlyArray<readonly [string, string]>, name: string): bigint {
  const header = entries.find(([key]) => key === name)![1];
  const [seconds, fraction] = header.replace('Z', '').split('.');
  return (BigInt(Date.parse(`${seconds}Z`)) / 1000n) * SECOND_NS + BigInt(fraction.padEnd(9, '0'));
}

/** A server with log lines. A line is a time in nanoseconds. */
class Server {
  readonly calls: StatementPart[] = [];
  /** The lines of each message. */
  readonly linesOf = new Map<FlightMessage, bigint[]>();
  readonly #lines: readonly bigint[];
  readonly #order: LineOrder;

  constructor(lines: readonly bigint[], order: LineOrder) {
    this.#lines = lines;
    this.#order = order;
  }

  /** The indexes of the lines that a statement returns. */
  #select({ range, limit }: StatementPart): number[] {
    const { isDescending, limit: written = Infinity } = this.#order;
    const call = { attribution: 'off', origin: { entrypoint: 'test' }, timeoutMs: 1, range } as const;
    const entries = callMetadata({ ...call, signal: new AbortController().signal, memory: undefined as never }, [], '');
    const [begin, end] = ['query_range_begin', 'query_range_end'].map((name) => headerNs(entries, name));
    return [...this.#lines.keys()]
      .filter((index) => this.#lines[index] >= begin && this.#lines[index] <= end)
      .sort((a, b) => Number(this.#lines[a] - this.#lines[b]) * (isDescending ? -1 : 1))
      .slice(0, Math.min(written, limit ?? Infinity));
  }

  async *execute(call: StatementPart): AsyncGenerator<FlightMessage> {
    this.calls.push(call);
    const found = this.#select(call);
    const batches = [found.slice(0, 7), found.slice(7)].filter(({ length }) => length > 0);
    yield SCHEMA;
    for (const batch of batches) {
      const [, message] = messagesOf(new Table({ n: columnOf(new Int32(), Int32Array.from(batch)) }));
      this.linesOf.set(
        message,
        batch.map((index) => this.#lines[index])
      );
      yield message;
    }
  }

  all(range: StatementPart['range'], limit?: number): bigint[] {
    return this.#select({ range, limit }).map((index) => this.#lines[index]);
  }
}

function bench(lines: readonly bigint[], order: LineOrder, rates = new LineRates(), instance = {} as Instance) {
  const server = new Server(lines, order);
  const run = { instance, deps: { lineRates: rates } } as unknown as Parameters<typeof lineStrategy>[2];
  const start = (whole: StatementPart) => {
    const strategy = lineStrategy(order, whole, run) ?? wholeStrategy(whole);
    const slot = whole.slot ?? (() => undefined);
    const messages = strategy.read((part) => server.execute(part), { slot } as StatementResources);
    return { ...strategy, messages: strategy.watch?.(messages) ?? messages };
  };
  /** Reads a result like the code that builds frames: each message is converted before the next message is read. */
  const read = async (whole: StatementPart) => {
    const { messages, onLines } = start(whole);
    const found: bigint[] = [];
    for await (const message of messages) {
      const arrived = server.linesOf.get(message);
      if (arrived !== undefined) {
        found.push(...arrived);
        onLines?.(arrived.length, Number(arrived.at(-1)! / 1_000_000n));
      }
    }
    return found;
  };
  return { server, start, read };
}

it('returns the same lines as one statement, also for lines with equal times and times between milliseconds', async () => {
  const random = randomNumbers(27);
  const whole = (most: number) => Math.floor(random() * most);
  let sliced = 0;
  for (let round = 0; round < 300; round++) {
    const fromMs = 1_700_000_000_000 + whole(1e9);
    const range = { fromMs, toMs: fromMs + HOUR_MS + whole(48 * HOUR_MS) };
    const isDescending = random() < 0.5;
    // The ends of slices of 1, 4, 16, … minutes.
    const edges = Array.from({ length: 6 }, (_, index) => {
      const distanceMs = ((4 ** (index + 1) - 1) / 3) * 60_000;
      return isDescending ? range.toMs - distanceMs : range.fromMs + distanceMs;
    });
    const lines = Array.from({ length: 8 * whole(12) }, () => {
      const ms = random() < 0.4 ? edges[whole(6)] : range.fromMs - 1 + whole(range.toMs - range.fromMs + 3);
      return BigInt(ms) * 1_000_000n + [0n, 0n, 1n, -1n, 999_999n][whole(5)];
    });
    const order: LineOrder = { isDescending, limit: random() < 0.5 ? 1 + whole(40) : undefined, key: 'a' };
    const limit = order.limit === undefined || random() < 0.5 ? 1 + whole(40) : undefined;
    const rates = new LineRates();
    const instance = {} as Instance;
    rates.note(instance, 'a', { lines: 1000, spanMs: 1 });
    const { server, read } = bench(lines, order, rates, instance);
    expect(await read({ range, limit })).toEqual(server.all(range, limit));
    expect(server.calls.length).toBeLessThanOrEqual(6);
    sliced += server.calls.length > 1 ? 1 : 0;
  }
  expect(sliced).toBeGreaterThan(100);
});

const RANGE = { fromMs: 0, toMs: 64 * HOUR_MS };
/** A line each second. */
const MANY = Array.from({ length: 64 * 3600 }, (_, second) => BigInt(second + 1) * SECOND_NS);
const NEWEST: LineOrder = { isDescending: true, limit: 1000, key: 'newest' };
const spanOf = ({ range }: StatementPart) => (range!.toMs - range!.fromMs) / 1000;

it('reads only the newest part of the range, and a shorter part if the rate of the lines is known', async () => {
  const rates = new LineRates();
  const instance = {} as Instance;
  const first = bench(MANY, NEWEST, rates, instance);
  expect(await first.read({ range: RANGE, limit: 1001 })).toHaveLength(1000);
  expect(first.server.calls.map(spanOf)).toEqual([3600]);
  const second = bench(MANY, NEWEST, rates, instance);
  expect(await second.read({ range: RANGE, limit: 1001 })).toHaveLength(1000);
  expect(second.server.calls.map(spanOf)).toEqual([1498.5]);
});

it('sends two statements for a range that has few lines, and one statement in the next run', async () => {
  const few = [5n * SECOND_NS];
  const rates = new LineRates();
  const instance = {} as Instance;
  const first = bench(few, NEWEST, rates, instance);
  expect(await first.read({ range: RANGE })).toHaveLength(1);
  expect(first.server.calls.map(spanOf)).toEqual([3600, 63 * 3600]);
  const second = bench(few, NEWEST, rates, instance);
  const whole: StatementPart = { range: RANGE, limit: 1001, slot: () => undefined };
  expect(await second.read(whole)).toHaveLength(1);
  expect(second.server.calls).toEqual([whole]);
});

it('limits each slice to the missing lines', async () => {
  const lines = [...MANY.slice(-30), ...MANY.slice(0, 5000)];
  const { server, read } = bench(lines, { ...NEWEST, limit: undefined });
  expect(await read({ range: RANGE, limit: 100 })).toHaveLength(100);
  expect(server.calls.map(({ limit }) => limit)).toEqual([100, 70, 70, 70]);
});

it.each([
  { name: 'if there is no limit', limit: undefined },
  { name: 'for a limit of zero, because the result still needs its columns', limit: 0 },
])('sends one statement for the whole range $name', async ({ limit }) => {
  const whole: StatementPart = { range: RANGE, slot: () => undefined };
  const { server, read } = bench(MANY.slice(0, 10), { ...NEWEST, limit });
  await read(whole);
  expect(server.calls).toEqual([whole]);
});

it('keeps one slot for all slices, and releases the slot before the last lines are read', async () => {
  const lines = [...MANY.slice(-30), ...MANY.slice(0, 5000)];
  const slot = jest.fn();
  const { server, start } = bench(lines, NEWEST);
  const result = start({ range: RANGE, slot });
  let found = 0;
  for await (const message of result.messages) {
    found += server.linesOf.get(message)?.length ?? 0;
    expect(slot).toHaveBeenCalledTimes(found === 1000 ? 1 : 0);
    if (server.calls.length < 2) {
      // The instance calls `slot` at the end of each statement. Only the function `slot` of the last slice releases the
      // slot of the query.
      server.calls.at(-1)!.slot!();
    }
  }
  expect(found).toBe(1000);
  expect(result.facts()).toEqual({ slices: 2 });
});

it('stops when the reader stops, and remembers no rate if no line was read', async () => {
  const rates = new LineRates();
  const instance = {} as Instance;
  const slot = jest.fn();
  const { server, start } = bench([], NEWEST, rates, instance);
  for await (const _ of start({ range: RANGE, slot }).messages) {
    break;
  }
  expect(server.calls).toHaveLength(1);
  expect(slot).toHaveBeenCalled();
  expect(rates.of(instance, NEWEST.key)).toBeUndefined();
});

it('drops the oldest rates if there are too many', () => {
  const rates = new LineRates();
  const instance = {} as Instance;
  for (let index = 0; index < 600; index++) {
    rates.note(instance, String(index), { lines: 1, spanMs: 1 });
  }
  expect(rates.of(instance, '599')).toBeDefined();
  expect(rates.of(instance, '99')).toBeUndefined();
});
