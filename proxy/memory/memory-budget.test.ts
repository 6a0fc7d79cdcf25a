import { ProxyError } from '../errors/proxy-error';
import { MemoryBudget, type QueryMemory } from './memory-budget';

const NEVER = { signal: new AbortController().signal, deadlineMs: Infinity };

/** What became of a wait, as far as it is known without waiting longer. */
class Wait {
  outcome = 'waits';

  constructor(promise: Promise<void> | undefined) {
    if (promise === undefined) {
      this.outcome = 'goes on';
      return;
    }
    promise.then(
      () => (this.outcome = 'goes on'),
      (reason: unknown) => (this.outcome = reason instanceof ProxyError ? reason.code : String(reason))
    );
  }
}

const room = (query: QueryMemory, limits = NEVER) => new Wait(query.room({ ...NEVER, ...limits }));
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One query a call, as panels ask. */
const openQueries = (budget: MemoryBudget, count: number) =>
  Array.from({ length: count }, () => budget.openCall().openQuery());

it('lets queries go on while there is room, and counts what they hold', () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [first, second] = openQueries(budget, 2);
  first.holds(300);
  second.holds(400);
  expect(room(first).outcome).toBe('goes on');
  expect(budget.heldBytes).toBe(700);
  first.call.close();
  expect(budget.heldBytes).toBe(400);
});

it('makes them wait while it is full, and lets the oldest go first', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [writing, first, second, third] = openQueries(budget, 4);
  writing.holds(950);
  writing.end(950);
  // They ask in another order than they began in.
  const waits = [third, first, second].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits', 'waits']);
  expect(budget.waiting).toBe(3);
  writing.end(0);
  writing.call.close();
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['goes on', 'goes on', 'goes on']);

  first.holds(700);
  const [newcomer] = openQueries(budget, 1);
  const blocked = room(newcomer);
  const still = room(second);
  await settled();
  expect([blocked.outcome, still.outcome]).toEqual(['waits', 'goes on']);
});

it('does not let a younger query overtake an older one that waits', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [writing, older, younger] = openQueries(budget, 3);
  room(younger);
  writing.holds(850);
  writing.end(850);
  const waits = [room(older), room(younger)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits']);
  writing.call.close();
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['goes on', 'goes on']);
});

it('refuses the youngest when all that hold something wait, and lets the others end', async () => {
  const refused = jest.fn();
  const observer = { memoryChanged: () => undefined, memoryRefused: refused };
  const budget = new MemoryBudget({ totalBytes: 1000, observer });
  const [first, second, third] = openQueries(budget, 3);
  [first, second, third].forEach((query) => query.holds(400));
  const waits = [room(first), room(third), room(second)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'memory_busy', 'waits']);
  expect(refused).toHaveBeenCalledTimes(1);
  third.call.close();
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['goes on', 'memory_busy', 'goes on']);
});

describe('many large answers at once', () => {
  /** Receives its answer piece by piece, and leaves. */
  async function run(query: QueryMemory, bytes: number): Promise<string> {
    try {
      for (let received = 0; received < bytes; received += 5) {
        await query.room(NEVER);
        query.holds(received + 5);
        await settled();
      }
      query.end(bytes);
      await settled();
      return 'answered';
    } catch (reason) {
      return reason instanceof ProxyError ? reason.code : String(reason);
    } finally {
      query.call.close();
    }
  }

  it.each([
    { count: 20, bytes: 80, aheadBytes: 30 },
    { count: 12, bytes: 250, aheadBytes: 80 },
    { count: 3, bytes: 480, aheadBytes: 0 },
  ])('are all given, $count of $bytes in a budget of 1000', async ({ count, bytes, aheadBytes }) => {
    const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes });
    const outcomes = await Promise.all(openQueries(budget, count).map((query) => run(query, bytes)));
    expect(outcomes).toEqual(new Array(count).fill('answered'));
    expect(budget.heldBytes).toBe(0);
  });

  it('need not wait for an older query whose server says nothing yet', async () => {
    const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 50 });
    const [silent, ...others] = openQueries(budget, 3);
    room(silent);
    expect(await Promise.all(others.map((query) => run(query, 400)))).toEqual(['answered', 'answered']);
    expect(budget.heldBytes).toBe(50);
  });
});

it('counts a query that has ended as waiting while another of its call waits', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const call = budget.openCall();
  const [done, waiting] = [call.openQuery(), call.openQuery()];
  done.holds(450);
  waiting.holds(450);
  done.end(450);
  const [other] = openQueries(budget, 1);
  other.holds(200);
  const waits = [room(waiting), room(other)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'memory_busy']);
  other.call.close();
  await settled();
  expect(waits[0].outcome).toBe('goes on');
});

it('refuses one that holds something rather than one that has not begun', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const call = budget.openCall();
  const [first, second, third] = [call.openQuery(), call.openQuery(), call.openQuery()];
  [first, second].forEach((query) => {
    room(query);
    query.holds(450);
  });
  const waits = [third, first, second].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits', 'memory_busy']);
  second.end(0);
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['goes on', 'goes on', 'memory_busy']);
});

it('refuses what has not begun when only it keeps the answers of its call from going out', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const call = budget.openCall();
  const [done, late] = [call.openQuery(), call.openQuery()];
  done.end(950);
  const wait = room(late);
  await settled();
  expect(wait.outcome).toBe('memory_busy');
});

it('waits for an answer on its way to Grafana rather than refuse anybody', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [writing, waiting] = openQueries(budget, 2);
  writing.holds(600);
  waiting.holds(500);
  writing.end(600);
  const wait = room(waiting);
  await settled();
  expect(wait.outcome).toBe('waits');
  writing.call.close();
  await settled();
  expect(wait.outcome).toBe('goes on');
});

it('ends a wait when the caller leaves or the query has had its time', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'], now: 1000 });
  try {
    const budget = new MemoryBudget({ totalBytes: 1000 });
    const [writing, leaving, late] = openQueries(budget, 3);
    writing.holds(1500);
    writing.end(1500);
    const controller = new AbortController();
    const left = room(leaving, { signal: controller.signal, deadlineMs: Infinity });
    const timedOut = room(late, { ...NEVER, deadlineMs: 3000 });
    controller.abort();
    jest.advanceTimersByTime(1999);
    await settled();
    expect([left.outcome, timedOut.outcome]).toEqual(['query_cancelled', 'waits']);
    jest.advanceTimersByTime(1);
    await settled();
    expect(timedOut.outcome).toBe('memory_busy');
    expect(budget.waiting).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

it('lets one query hold half of it, so that none can keep out all others', () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [query] = openQueries(budget, 1);
  expect(query.canHold(500)).toBe(true);
  expect(query.canHold(501)).toBe(false);
  query.holds(500);
  expect(query.isBeyondLimit).toBe(false);
  query.holds(501);
  expect(query.isBeyondLimit).toBe(true);
});

it('charges JavaScript objects more where their space is smaller than the budget', () => {
  const budget = new MemoryBudget({ totalBytes: 1000, heapBytes: 100 });
  const [query] = openQueries(budget, 1);
  query.holds(10, 20);
  expect(query.heldBytes).toBe(210);
});

it('holds nothing when every call has closed, whatever happened in between', () => {
  const held: number[] = [];
  const observer = { memoryChanged: (bytes: number) => void held.push(bytes), memoryRefused: () => undefined };
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 50, observer });
  const [query] = openQueries(budget, 1);
  room(query);
  query.holds(300);
  query.holds(200);
  query.end(120);
  query.holds(999);
  query.call.close();
  query.call.close();
  query.holds(999);
  expect(held).toEqual([50, 350, 250, 120, 0]);
  expect(budget.heldBytes).toBe(0);
});
