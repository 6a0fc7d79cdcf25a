/** Tests the memory and the lifetime of shared results. The tests control the clock and the statements. */
import { ProxyError } from '../../base/errors/proxy-error';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { MAX_KEPT_RESULT_BYTES } from './kept-messages';
import { type RecordedResources } from './recording';
import { MAX_KEPT_BYTES, type SharedPlace, SharedResults } from './shared-results';

const AGE_MS = 5000;
const NEVER = new AbortController().signal;
const NO_BYTES = new Uint8Array(0);

function setUp({ totalBytes = 1024 * 1024 * 1024 } = {}) {
  const clock = { nowMs: 1_000_000 };
  const timers: Array<() => void> = [];
  const waitsMs: number[] = [];
  const budget = new MemoryBudget({ totalBytes });
  const results = new SharedResults({
    elapsedMs: () => clock.nowMs,
    kept: budget.kept,
    startTimer: (callback, ms) => {
      timers.push(callback);
      waitsMs.push(ms);
      return () => undefined;
    },
  });
  const open = (key: string, more = {}) => results.open({ key, owner: '', maxAgeMs: AGE_MS, skips: false, ...more });
  return { clock, timers, waitsMs, budget, results, open };
}

/** A statement whose result has messages of these sizes. */
function statement(...sizes: number[]) {
  return async function* ({ memory }: RecordedResources): AsyncGenerator<FlightMessage> {
    for (const bytes of sizes) {
      yield { header: memory.take(bytes), body: NO_BYTES };
    }
  };
}

async function readAll(messages: AsyncIterable<FlightMessage>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { header } of messages) {
    sizes.push(header.length);
  }
  return sizes;
}

/** Sends the statement of the first caller, and reads its result. */
async function lead(
  place: SharedPlace | undefined,
  budget: MemoryBudget,
  send: (resources: RecordedResources) => AsyncIterable<FlightMessage>
): Promise<number[]> {
  if (place?.kind !== 'first') {
    throw new Error(`The caller is not the first one, but ${place?.kind}.`);
  }
  const memory = budget.open();
  try {
    return await readAll(place.recording.lead(send, { memory, signal: NEVER, endsSoon: false }));
  } finally {
    memory.close();
    place.leave();
  }
}

it('keeps a result until its maximum age, counted from the start of its statement', async () => {
  const { clock, budget, open } = setUp();
  await lead(open('a'), budget, async function* (call) {
    clock.nowMs += 3000;
    yield* statement(10)(call);
  });
  clock.nowMs += 1999;
  const kept = open('a');
  expect(kept?.kind).toBe('kept');
  expect(kept?.recording.ageMs).toBe(4999);
  expect(await readAll(kept!.recording.messages(budget.open()))).toEqual([10]);
  kept?.leave();
  clock.nowMs += 1;
  expect(open('a')?.kind).toBe('first');
});

it('does not keep a result if its statement takes as long as the maximum age', async () => {
  const { clock, budget, open } = setUp();
  await lead(open('a'), budget, async function* (call) {
    yield* statement(10)(call);
    clock.nowMs += AGE_MS;
  });
  expect(budget.heldBytes).toBe(0);
});

it('frees an expired result when its last reader has left', async () => {
  const { clock, timers, budget, results, open } = setUp();
  await lead(open('a'), budget, statement(10));
  const reader = open('a');
  const memory = budget.open();
  clock.nowMs += AGE_MS;
  timers.forEach((callback) => callback());
  expect(await readAll(reader!.recording.messages(memory))).toEqual([10]);
  expect(results.keptBytes).toBeGreaterThan(0);
  memory.close();
  reader?.leave();
  expect([results.keptBytes, budget.heldBytes]).toEqual([0, 0]);
});

it('frees a result when it expires, although another one is kept for longer', async () => {
  const { clock, timers, waitsMs, budget, results, open } = setUp();
  await lead(open('long', { maxAgeMs: 100 * AGE_MS }), budget, statement(10));
  const longBytes = results.keptBytes;
  await lead(open('short'), budget, statement(10));
  expect(waitsMs).toEqual([100 * AGE_MS, AGE_MS]);
  clock.nowMs += AGE_MS;
  timers.at(-1)?.();
  expect(results.keptBytes).toBe(longBytes);
  expect(waitsMs.at(-1)).toBe(99 * AGE_MS);
});

it('holds a bounded number of bytes, and drops the least recently read results first', async () => {
  const { budget, results, open } = setUp();
  const bytes = MAX_KEPT_RESULT_BYTES / 2;
  await lead(open('read'), budget, statement(bytes));
  for (let index = 0; index < 40; index++) {
    await lead(open(`statement ${index}`), budget, statement(bytes));
    expect(results.keptBytes).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    open('read')?.leave();
  }
  expect(open('read')?.kind).toBe('kept');
  expect(open('statement 39')?.kind).toBe('kept');
  expect(open('statement 0')?.kind).toBe('first');
});

it('counts the memory of the JavaScript objects of many small results', async () => {
  const { budget, results, open } = setUp();
  for (let index = 0; index < 2000; index++) {
    await lead(open(`statement ${index}`), budget, statement(1));
  }
  expect(results.keptBytes).toBeGreaterThanOrEqual(2000 * 512);
  results.close();
  expect(budget.heldBytes).toBe(0);
});

it('if a result is too large to keep, passes it only to the first caller, in the memory of this caller', async () => {
  const { budget, results, open } = setUp();
  const sizes = [1000, MAX_KEPT_RESULT_BYTES, 1000];
  const first = open('large');
  const joined = open('large');
  const reading = lead(first, budget, statement(...sizes));
  expect(await joined?.recording.join(NEVER)).toEqual({ kind: 'outgrown' });
  joined?.leave();
  expect(await reading).toEqual(sizes);
  expect([results.keptBytes, budget.heldBytes]).toEqual([0, 0]);
  // Later callers do not wait for this statement.
  expect(open('large')).toBeUndefined();
});

it('ends a statement that its first caller has left, when the result becomes too large', async () => {
  const { budget, open } = setUp();
  const first = open('large');
  const joined = open('large');
  const memory = budget.open();
  const left = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const messages = first!.recording.lead(
    async function* (call) {
      try {
        yield* statement(1000)(call);
        await left.promise;
        yield* statement(MAX_KEPT_RESULT_BYTES, 1000)(call);
      } finally {
        ended.resolve();
      }
    },
    { memory, signal: NEVER, endsSoon: false }
  );
  await messages.next();
  await messages.return(undefined);
  first?.leave();
  left.resolve();
  expect(await joined?.recording.join(NEVER)).toEqual({ kind: 'outgrown' });
  await ended.promise;
});

it('does not release the schema of a large result, because the client compares later schemas with it', async () => {
  const { budget, open } = setUp();
  const schemaBytes = 100_000;
  const found: number[] = [];
  await lead(open('wide'), budget, async function* (call) {
    const header = call.memory.take(schemaBytes).fill(7);
    yield { header, body: NO_BYTES };
    yield* statement(1000, MAX_KEPT_RESULT_BYTES)(call);
    yield* statement(1000)(call);
    found.push(header.length, header[0]);
  });
  expect(found).toEqual([schemaBytes, 7]);
});

it('keeps no result while memory is short, and frees kept results for a query that needs memory', async () => {
  const { budget, results, open } = setUp({ totalBytes: 4_000_000 });
  await lead(open('a'), budget, statement(900_000));
  expect(results.keptBytes).toBeGreaterThan(900_000);
  const [first, second] = [budget.open(), budget.open()];
  await first.reserve(1_900_000);
  await second.reserve(1_700_000);
  expect(results.keptBytes).toBe(0);
  expect(await lead(open('b'), budget, statement(400_000))).toEqual([400_000]);
  expect(results.keptBytes).toBe(0);
  first.close();
  second.close();
});

it('does not keep a result that ends while a query waits for memory', async () => {
  const { budget, results, open } = setUp({ totalBytes: 4_000_000 });
  const ended = Promise.withResolvers<void>();
  const recorded = Promise.withResolvers<void>();
  const leading = lead(open('a'), budget, async function* (call) {
    yield* statement(900_000)(call);
    recorded.resolve();
    await ended.promise;
  });
  await recorded.promise;
  const [sending, query] = [budget.open(), budget.open()];
  sending.note(1_900_000);
  sending.end([new Uint8Array(1_900_000)]);
  const admitted = query.reserve(1_200_000);
  expect(budget.waiting).toBe(1);
  ended.resolve();
  await leading;
  await admitted;
  expect(results.keptBytes).toBe(0);
  sending.close();
  query.close();
});

it('shares a statement again after no memory was free for its first result', async () => {
  const { budget, open } = setUp({ totalBytes: 4_000_000 });
  await lead(open('a'), budget, statement(1_200_000));
  expect(open('a')?.kind).toBe('first');
});

it('drops the least recently used result of all data sources when their share of the memory is full', async () => {
  const { budget, results, open } = setUp({ totalBytes: 16_000_000 });
  const other = new SharedResults({ elapsedMs: () => 0, kept: budget.kept, startTimer: () => () => undefined });
  const openOther = (key: string) => other.open({ key, owner: '', maxAgeMs: AGE_MS, skips: false });
  for (const key of ['a', 'b', 'c']) {
    await lead(openOther(key), budget, statement(1_000_000));
  }
  openOther('a')?.leave();
  await lead(open('d'), budget, statement(1_500_000));
  expect([openOther('a')?.kind, openOther('c')?.kind, open('d')?.kind]).toEqual(['kept', 'kept', 'kept']);
  expect(openOther('b')?.kind).toBe('first');
  results.close();
  other.close();
});

it('ends a statement when its last caller leaves, and lets a later caller send it again', async () => {
  const { budget, open } = setUp();
  const first = open('a')!;
  const controller = new AbortController();
  const memory = budget.open();
  let stopped: AbortSignal | undefined;
  const messages = first.recording.lead(
    async function* ({ signal }) {
      stopped = signal;
      yield { header: NO_BYTES, body: NO_BYTES };
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
    { memory, signal: controller.signal, endsSoon: false }
  );
  await messages.next();
  const joined = open('a')!;
  controller.abort();
  await expect(messages.next()).rejects.toMatchObject({ code: 'query_cancelled' });
  first.leave();
  expect(stopped?.aborted).toBe(false);
  const end = joined.recording.join(NEVER);
  joined.leave();
  expect(stopped?.aborted).toBe(true);
  expect(await end).toMatchObject({ kind: 'failed', reason: { code: 'query_cancelled' } });
  expect(open('a')?.kind).toBe('first');
});

it('drops only the results of a rejected user, even if the statement still runs', async () => {
  const { budget, results, open } = setUp();
  await lead(open('ada', { owner: 'ada' }), budget, statement(10));
  await lead(open('grace', { owner: 'grace' }), budget, statement(10));
  const running = open('running', { owner: 'ada' });
  results.dropOf('ada');
  await lead(running, budget, statement(10));
  expect([open('ada')?.kind, open('grace')?.kind, open('running')?.kind]).toEqual(['first', 'kept', 'first']);
});

describe('a running statement', () => {
  /** Sends a statement that takes 4 s, and calls `whileRunning` before the first message arrives. */
  async function running(whileRunning: (bench: ReturnType<typeof setUp>) => void, maxAgeMs = AGE_MS) {
    const bench = setUp();
    await lead(bench.open('a', { maxAgeMs }), bench.budget, async function* (call) {
      bench.clock.nowMs += 4000;
      whileRunning(bench);
      yield* statement(10)(call);
    });
    return bench;
  }

  it.each([
    { maxAgeMs: 4001, kind: 'joined' },
    { maxAgeMs: 4000, kind: 'first' },
    { maxAgeMs: 0, kind: 'first' },
  ])(
    'of age 4000 ms has the place $kind for a caller with the maximum age $maxAgeMs ms',
    async ({ maxAgeMs, kind }) => {
      const kinds: unknown[] = [];
      await running(({ open }) => void kinds.push(open('a', { maxAgeMs })?.kind));
      expect(kinds).toEqual([kind]);
    }
  );

  it('is joined by callers with any maximum age before it is sent', () => {
    const { open } = setUp();
    expect([open('a'), open('a', { maxAgeMs: 0 })].map((place) => place?.kind)).toEqual(['first', 'joined']);
  });

  it('passes its longer lifetime on to the statement that replaces it', async () => {
    let later: SharedPlace | undefined;
    const { budget, clock, open } = await running(({ open }) => (later = open('a', { maxAgeMs: 3000 })), 10 * AGE_MS);
    expect(open('a')?.kind).toBe('joined');
    await lead(later, budget, statement(20));
    clock.nowMs += 10 * AGE_MS - 1;
    const kept = open('a', { maxAgeMs: 10 * AGE_MS });
    expect(await readAll(kept!.recording.messages(budget.open()))).toEqual([20]);
  });
});

it('passes an error to the callers who joined, and does not keep it', async () => {
  const { budget, open } = setUp();
  const first = open('a');
  const joined = open('a');
  const error = new ProxyError('query_invalid');
  const leading = lead(first, budget, () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  }));
  await expect(leading).rejects.toBe(error);
  expect(await joined?.recording.join(NEVER)).toEqual({ kind: 'failed', reason: error });
  expect(open('a')?.kind).toBe('first');
});
