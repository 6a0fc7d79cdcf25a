import { growth } from '../../../tests/support/growth';
import { ProxyError } from '../../base/errors/proxy-error';
import { QueryStages } from '../telemetry/query-stages';
import { MIN_POOLED_BYTES } from './buffer-pool';
import { type MemoryAccount } from './memory-account';
import { MemoryBudget } from './memory-budget';

/** The outcome of a wait so far. */
class Wait {
  outcome = 'waits';

  constructor(promise: Promise<void> | undefined) {
    if (promise === undefined) {
      this.outcome = 'admitted';
      return;
    }
    promise.then(
      () => (this.outcome = 'admitted'),
      (reason: unknown) => (this.outcome = reason instanceof ProxyError ? reason.code : String(reason))
    );
  }
}

const room = (query: MemoryAccount, bytes = 0) => new Wait(query.reserve(bytes));
/** A result of this number of bytes. */
const result = (bytes: number) => [new Uint8Array(bytes)];
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One query per call, as for a panel. */
const openQueries = (budget: MemoryBudget, count: number) => Array.from({ length: count }, () => budget.open());

it('admits queries while there is room, and counts their bytes', () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [first, second] = openQueries(budget, 2);
  first.note(300);
  second.note(400);
  expect(room(first).outcome).toBe('admitted');
  expect(budget.heldBytes).toBe(700);
  first.close();
  expect(budget.heldBytes).toBe(400);
});

it('lets queries wait while the budget is full, and admits them when memory is freed', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [writing, first, second, third] = openQueries(budget, 4);
  writing.note(950);
  writing.end(result(950));
  // The order of the waits differs from the order of opening.
  const waits = [third, first, second].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits', 'waits']);
  expect(budget.waiting).toBe(3);
  writing.end(result(0));
  writing.close();
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'admitted']);

  first.note(700);
  const [newcomer] = openQueries(budget, 1);
  const blocked = room(newcomer);
  const still = room(second);
  await settled();
  expect([blocked.outcome, still.outcome]).toEqual(['waits', 'admitted']);
});

it('measures only the time of waits', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const clock = { ms: 0 };
  const [writing] = openQueries(budget, 1);
  const stages = new QueryStages(() => clock.ms);
  const controller = new AbortController();
  const query = budget.open({ stages, signal: controller.signal, limitMs: Infinity });
  await query.reserve(0);
  expect(stages.sums()).toEqual({});
  writing.note(950);
  writing.end(result(950));
  const wait = room(query, 200);
  clock.ms += 30;
  writing.close();
  await settled();
  expect([wait.outcome, stages.sums()]).toEqual(['admitted', { memory: 30 }]);

  const [other] = openQueries(budget, 1);
  other.note(600);
  const cancelled = room(query, 150);
  clock.ms += 5;
  controller.abort();
  await settled();
  expect([cancelled.outcome, stages.sums()]).toEqual(['query_cancelled', { memory: 35 }]);
});

it('does not admit a younger query before an older one', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [writing, older, younger] = openQueries(budget, 3);
  room(younger);
  writing.note(850);
  writing.end(result(850));
  const waits = [room(older), room(younger)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits']);
  writing.close();
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted']);
});

it('rejects the youngest query if all queries that hold memory wait', async () => {
  const onRejected = jest.fn();
  const onWaited = jest.fn();
  let nowMs = 1000;
  const budget = new MemoryBudget({ totalBytes: 1000, onRejected, onWaited, now: () => nowMs });
  const [first, second, third] = openQueries(budget, 3);
  [first, second, third].forEach((query) => query.note(400));
  const waits = [room(first), room(third), room(second)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'memory_busy', 'waits']);
  expect(onRejected).toHaveBeenCalledTimes(1);
  nowMs += 30;
  third.close();
  await settled();
  expect(onWaited.mock.calls).toEqual([[0], [30], [30]]);
  expect(waits.map(({ outcome }) => outcome)).toEqual(['admitted', 'memory_busy', 'admitted']);
});

it.each([
  { name: 'another call has not begun', open: (budget: MemoryBudget) => budget.open().open() },
  {
    name: 'another call has two queries, one that has ended and one that has not begun',
    open: (budget: MemoryBudget) => {
      const call = budget.open();
      call.open().end(result(0));
      call.open();
    },
  },
])(
  'rejects the youngest waiting query even if $name, because that call may wait for the result of a waiting query',
  async ({ open }) => {
    const budget = new MemoryBudget({ totalBytes: 1000 });
    const [first, second] = openQueries(budget, 2);
    open(budget);
    [first, second].forEach((query) => query.note(600));
    const waits = [room(first), room(second)];
    await settled();
    expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'memory_busy']);
  }
);

it('rejects both waits of a query that waits in two places, so that the query ends', async () => {
  const onRejected = jest.fn();
  const budget = new MemoryBudget({ totalBytes: 1000, onRejected });
  const [first, second] = openQueries(budget, 2);
  first.note(600);
  second.note(600);
  const waits = [room(second), room(second), room(first)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['memory_busy', 'memory_busy', 'waits']);
  expect(onRejected).toHaveBeenCalledTimes(1);
});

describe('a query that waits only for the memory of a message', () => {
  /** `query` and another query wait while the budget is full. In a deadlock, the other query is rejected. */
  async function outcomes(prepare: (query: MemoryAccount) => void): Promise<string[]> {
    const budget = new MemoryBudget({ totalBytes: 1000 });
    const [query, other] = openQueries(budget, 2);
    query.note(450);
    other.note(600);
    prepare(query);
    const waits = [new Wait(query.reserveMessage(10)), room(other)];
    await settled();
    return waits.map(({ outcome }) => outcome);
  }

  it('causes no deadlock while it converts an earlier message', async () => {
    expect(await outcomes((query) => (query.isConverting = true))).toEqual(['waits', 'waits']);
  });

  it('causes no deadlock while earlier messages are left', async () => {
    expect(await outcomes((query) => query.noteUnread(5))).toEqual(['waits', 'waits']);
  });

  it('causes a deadlock when it has converted all earlier messages', async () => {
    const readAll = (query: MemoryAccount) => [5, -5].forEach((bytes) => query.noteUnread(bytes));
    expect(await outcomes(readAll)).toEqual(['waits', 'memory_busy']);
  });

  it('causes a deadlock if its conversion waits too', async () => {
    const waitsTwice = (query: MemoryAccount) => {
      query.isConverting = true;
      room(query);
    };
    expect(await outcomes(waitsTwice)).toEqual(['waits', 'memory_busy']);
  });
});

it('counts sent bytes only once for the favoured query', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [favoured, ...others] = openQueries(budget, 5);
  [favoured, ...others].forEach((query) => room(query));
  favoured.note(200);
  // The servers send all bytes that they may send. No query reads these bytes.
  for (const query of others) {
    query.take(100);
    query.noteUnread(100);
  }
  const waits = [favoured, ...others].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['admitted', ...new Array(4).fill('waits')]);
  favoured.note(500);
  expect(room(favoured).outcome).toBe('admitted');
  favoured.note(501);
  const last = room(favoured);
  await settled();
  expect([last.outcome, waits[4].outcome]).toEqual(['waits', 'memory_busy']);
});

it('admits the favoured query before an older query that has not begun', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [late, receiving, waiting] = openQueries(budget, 3);
  [receiving, waiting].forEach((query) => room(query));
  receiving.note(300);
  waiting.note(300);
  const waits = [late, waiting, receiving].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits', 'admitted']);
});

it('rejects no query while an admitted query runs', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const [working, first, second] = openQueries(budget, 3);
  room(working);
  [first, second].forEach((query) => query.note(600));
  const waits = [room(first), room(second)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits']);
});

describe('many large results at the same time', () => {
  /** Receives its result in pieces and closes its account. */
  async function run(query: MemoryAccount, bytes: number): Promise<string> {
    try {
      for (let received = 0; received < bytes; received += 5) {
        await query.reserve(0);
        query.note(received + 5);
        await settled();
      }
      query.end(result(bytes));
      await settled();
      return 'completed';
    } catch (reason) {
      return reason instanceof ProxyError ? reason.code : String(reason);
    } finally {
      query.close();
    }
  }

  it.each([
    { count: 20, bytes: 80, aheadBytes: 30 },
    { count: 12, bytes: 250, aheadBytes: 80 },
    { count: 3, bytes: 480, aheadBytes: 0 },
  ])('all complete: $count results of $bytes bytes in a budget of 1000 bytes', async ({ count, bytes, aheadBytes }) => {
    const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes });
    const outcomes = await Promise.all(openQueries(budget, count).map((query) => run(query, bytes)));
    expect(outcomes).toEqual(new Array(count).fill('completed'));
    expect(budget.heldBytes).toBe(0);
  });

  it('do not wait for an older query that has received no message', async () => {
    const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 50 });
    const [silent, ...others] = openQueries(budget, 3);
    room(silent);
    expect(await Promise.all(others.map((query) => run(query, 400)))).toEqual(['completed', 'completed']);
    expect(budget.heldBytes).toBe(50);
  });
});

it('treats an ended query as waiting while another query of the same call waits', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const call = budget.open();
  const [done, waiting] = [call.open(), call.open()];
  done.note(450);
  waiting.note(450);
  done.end(result(450));
  const [other] = openQueries(budget, 1);
  other.note(200);
  const waits = [room(waiting), room(other)];
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'memory_busy']);
  other.close();
  await settled();
  expect(waits[0].outcome).toBe('admitted');
});

it('rejects the youngest query that holds memory, not a younger query that has not begun', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const call = budget.open();
  const [first, second, third] = [call.open(), call.open(), call.open()];
  [first, second].forEach((query) => {
    room(query);
    query.note(450);
  });
  const waits = [third, first, second].map((query) => room(query));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['waits', 'waits', 'memory_busy']);
  second.end(result(0));
  await settled();
  expect(waits.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'memory_busy']);
});

it('rejects a query that has not begun if the finished results of its call wait for this query', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 100 });
  const call = budget.open();
  const [done, late] = [call.open(), call.open()];
  done.end(result(950));
  const wait = room(late);
  await settled();
  expect(wait.outcome).toBe('memory_busy');
});

it('waits for a result that is being sent and rejects no query', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [writing, waiting] = openQueries(budget, 2);
  writing.note(600);
  waiting.note(500);
  writing.end(result(600));
  const wait = room(waiting);
  await settled();
  expect(wait.outcome).toBe('waits');
  writing.close();
  await settled();
  expect(wait.outcome).toBe('admitted');
});

it.each([1, -1])('ends a wait at its deadline if the system clock is set by %d hour', async (hours) => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  try {
    const budget = new MemoryBudget({ totalBytes: 1000 });
    const writing = budget.open();
    const late = budget.open({ limitMs: 2000 });
    writing.note(1500);
    writing.end(result(1500));
    jest.setSystemTime(Date.now() + hours * 3_600_000);
    const wait = room(late);
    jest.advanceTimersByTime(1999);
    await settled();
    expect(wait.outcome).toBe('waits');
    jest.advanceTimersByTime(1);
    await settled();
    expect(wait.outcome).toBe('memory_busy');
  } finally {
    jest.useRealTimers();
  }
});

it('ends a wait when the signal aborts or the deadline passes', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  try {
    const budget = new MemoryBudget({ totalBytes: 1000 });
    const controller = new AbortController();
    const writing = budget.open();
    const leaving = budget.open({ signal: controller.signal });
    const late = budget.open({ limitMs: 2000 });
    writing.note(1500);
    writing.end(result(1500));
    const [left, timedOut] = [room(leaving), room(late)];
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

it('limits one query to half of the budget', () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [query] = openQueries(budget, 1);
  expect(query.canHold(500)).toBe(true);
  expect(query.canHold(501)).toBe(false);
  query.note(500);
  expect(query.isBeyondLimit).toBe(false);
  query.note(501);
  expect(query.isBeyondLimit).toBe(true);
});

it('counts JavaScript objects with a factor if their limit is smaller than the budget', () => {
  const budget = new MemoryBudget({ totalBytes: 1000, heapBytes: 100 });
  const [query] = openQueries(budget, 1);
  query.note(10, 20);
  expect(query.heldBytes).toBe(210);
});

it('holds no bytes after all calls were closed', () => {
  const budget = new MemoryBudget({ totalBytes: 1000, aheadBytes: 50 });
  const call = budget.open();
  const query = call.open();
  const held = [() => room(query), () => query.note(300), () => query.note(200), () => query.end(result(120))].map(
    (step) => {
      step();
      return budget.heldBytes;
    }
  );
  query.note(999);
  call.close();
  call.close();
  query.note(999);
  expect(held).toEqual([50, 350, 250, 120]);
  expect(budget.heldBytes).toBe(0);
});

it('counts reserved bytes, and frees the rest of the reservation', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const [writing, query] = openQueries(budget, 2);
  writing.note(700);
  writing.end(result(700));
  const wait = room(query, 400);
  await settled();
  expect([wait.outcome, budget.heldBytes]).toEqual(['waits', 700]);
  writing.close();
  await settled();
  expect([wait.outcome, budget.heldBytes]).toEqual(['admitted', 400]);
  query.take(100);
  query.scratch(200);
  expect(budget.heldBytes).toBe(400);
  query.take(150);
  expect(budget.heldBytes).toBe(450);
  query.settle();
  expect(budget.heldBytes).toBe(250);
});

it('never exceeds the budget, even if nothing was reserved', () => {
  const query = new MemoryBudget({ totalBytes: 1000 }).open();
  query.take(900);
  expect(() => query.take(101)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  expect(() => query.scratch(101)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  expect(query.heldBytes).toBe(900);
  expect(() => query.reserve(1)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
});

it('frees a small buffer in constant time, however many large buffers the account has', async () => {
  const accountWith = (length: number) => {
    const query = new MemoryBudget({ totalBytes: 1e9 }).open({ pooled: true });
    Array.from({ length }, () => query.take(MIN_POOLED_BYTES));
    return { query, frees: length * 20 };
  };
  const takeAndFree = ({ query, frees }: ReturnType<typeof accountWith>) => {
    for (let number = 0; number < frees; number++) {
      query.free(query.take(16));
    }
  };
  expect(await growth(takeAndFree, accountWith, 500)).toBeLessThan(8);
});

it('rejects calls of `take` after the account was closed', () => {
  const query = new MemoryBudget({ totalBytes: 1000 }).open();
  query.close();
  expect(() => query.take(1)).toThrow(expect.objectContaining({ code: 'query_cancelled' }));
});
