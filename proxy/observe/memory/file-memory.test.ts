import { MemoryBudget } from './memory-budget';

const NEVER = { signal: new AbortController().signal, limitMs: Infinity };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it('holds all files in a quarter of the budget, and admits waiting files in the order of their arrival', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const first = await budget.files.reserve(150, NEVER);
  const admitted: string[] = [];
  const second = budget.files.reserve(150, NEVER).finally(() => admitted.push('second'));
  const third = budget.files.reserve(50, NEVER).finally(() => admitted.push('third'));
  await settled();
  expect([budget.heldBytes, budget.files.waiting, admitted]).toEqual([150, 2, []]);
  first.account.take(40);
  first.trim();
  await settled();
  expect([budget.heldBytes, budget.files.waiting, admitted]).toEqual([240, 0, ['second', 'third']]);
  [first, await second, await third].forEach((file) => file.close());
  first.close();
  expect(budget.heldBytes).toBe(0);
});

it('reserves at most a quarter of the budget for a file, and lets the file take no more', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const file = await budget.files.reserve(5000, NEVER);
  expect(budget.heldBytes).toBe(250);
  file.account.take(200);
  expect(() => file.account.take(51)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  expect(budget.heldBytes).toBe(250);
});

it('keeps free the memory that the favoured query may need', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const files = await budget.files.reserve(250, NEVER);
  const query = budget.open();
  query.note(1);
  const other = budget.open();
  other.note(250);
  expect(query.reserve(499)).toBeUndefined();
  files.close();
  other.close();
  const large = budget.open();
  large.note(250);
  large.end([new Uint8Array(250)]);
  // The query holds 500 bytes and may need 562: 500, half of the budget, and an eighth of 500 for finishing. `large`
  // holds 250, so fewer than 250 bytes are left for a file.
  const waiting = budget.files.reserve(250, NEVER);
  await settled();
  expect(budget.files.waiting).toBe(1);
  large.close();
  (await waiting).close();
});

it('ends the wait at the deadline, and when the caller leaves', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    const budget = new MemoryBudget({ totalBytes: 1000, now: () => 0 });
    await budget.files.reserve(250, NEVER);
    const leaving = new AbortController();
    const late = expect(budget.files.reserve(1, { ...NEVER, limitMs: 1000 })).rejects.toMatchObject({
      code: 'memory_busy',
    });
    const left = expect(budget.files.reserve(1, { ...NEVER, signal: leaving.signal })).rejects.toMatchObject({
      code: 'query_cancelled',
    });
    leaving.abort();
    await left;
    jest.advanceTimersByTime(1000);
    await late;
    expect(budget.files.waiting).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

it('frees the memory of a file whose caller leaves at the moment when the file is admitted', async () => {
  const budget = new MemoryBudget({ totalBytes: 1000 });
  const first = await budget.files.reserve(250, NEVER);
  const leaving = new AbortController();
  const waiting = budget.files.reserve(250, { ...NEVER, signal: leaving.signal });
  first.close();
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'query_cancelled' });
  expect(budget.heldBytes).toBe(0);
});
