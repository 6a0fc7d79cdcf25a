/** Tests which caller sends a shared statement, and which callers get the error of the statement. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type ErrorCode } from '../../base/errors/catalogue';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { MAX_WAITING_STATEMENTS_OF_USER, StatementSlots } from '../../lakehouse/instances/statement-slots';
import { SharedResults } from '../../lakehouse/shared-results/shared-results';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { type QueryRun } from '../query-run';
import { type StatementResources } from '../read-strategy';
import { openSource, type StatementSource } from './statement-source';

const NO_BYTES = new Uint8Array(0);

function setUp(slotCount: number) {
  const budget = new MemoryBudget({ totalBytes: 1e9 });
  const slots = new StatementSlots(slotCount);
  const instance = {
    results: new SharedResults({ elapsedMs: () => 0, kept: budget.kept, startTimer: () => () => undefined }),
    takeSlot: ({ user, signal }: { user: { login: string }; signal: AbortSignal }) =>
      slots.acquire(turnOf(user.login), signal),
  };
  const turnOf = (user: string) => ({ lane: 'viewer', user, dashboard: '' }) as const;
  const acquire = (user: string) => slots.acquire(turnOf(user), new AbortController().signal);
  /**
   * Opens a source for a user. All sources have the same statement. When the function returns, the source has its place
   * in the queue.
   */
  const open = (login: string, { signal } = new AbortController()) => {
    const run = {
      instance,
      caller: { user: { login } },
      record: { stages: { begin: () => () => undefined } },
      deadline: { signal },
    } as unknown as QueryRun;
    const request = { key: 'statement', owner: login, maxAgeMs: 5000, skips: false, isOfOneUser: false };
    return openSource(request, run);
  };
  return { budget, instance, acquire, open };
}

/** Reads the result. @returns Its origin, and the bytes of its messages. */
async function read(
  source: StatementSource,
  memory: MemoryAccount,
  send: (resources: StatementResources) => AsyncIterable<FlightMessage> = sendOne
): Promise<unknown[]> {
  const sizes: number[] = [];
  try {
    const options = { memory, signal: new AbortController().signal, endsSoon: false };
    for await (const { header } of source.read(send, options)) {
      sizes.push(header.length);
    }
  } finally {
    source.close();
  }
  return [source.shared?.from ?? 'own', ...sizes];
}

async function* sendOne({ memory, slot }: StatementResources): AsyncGenerator<FlightMessage> {
  yield { header: memory.take(10), body: NO_BYTES };
  slot();
}

const failWith = (code: ErrorCode) => (): AsyncIterable<FlightMessage> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new ProxyError(code)) }),
});

it('sends a shared statement with the slot of the first user who gets a slot', async () => {
  const { budget, acquire, open } = setUp(1);
  const busy = await acquire('ada');
  const others = [acquire('ada'), acquire('ada')];
  const ada = open('ada');
  const joined = open('ada');
  const grace = open('grace');
  const order: string[] = [];
  void grace.then(() => order.push('shared'));
  others.forEach((other, index) => {
    void other.then((release) => {
      order.push(`other ${index}`);
      release();
    });
  });
  busy();
  expect(await read(await grace, budget.open())).toEqual(['own', 10]);
  expect(await read(await ada, budget.open())).toEqual(['statement', 10]);
  expect(await read(await joined, budget.open())).toEqual(['statement', 10]);
  await Promise.all(others);
  expect(order).toEqual(['other 0', 'shared', 'other 1']);
});

it('lets another caller send the statement when the first caller leaves', async () => {
  const { budget, acquire, open } = setUp(1);
  const busy = await acquire('ada');
  const left = new AbortController();
  const ada = open('ada', left);
  const joined = open('ada');
  const grace = open('grace');
  left.abort(new ProxyError('query_cancelled'));
  await expect(ada).rejects.toMatchObject({ code: 'query_cancelled' });
  busy();
  expect(await read(await grace, budget.open())).toEqual(['own', 10]);
  expect(await read(await joined, budget.open())).toEqual(['statement', 10]);
});

it('lets a user whose queue is full join the statement of another user', async () => {
  const { budget, acquire, open } = setUp(1);
  const busy = await acquire('ada');
  for (let index = 0; index < MAX_WAITING_STATEMENTS_OF_USER; index++) {
    void acquire('ada').then((release) => release());
  }
  await expect(open('ada')).rejects.toMatchObject({ code: 'statements_busy' });
  const grace = open('grace');
  const ada = open('ada');
  busy();
  expect(await read(await grace, budget.open())).toEqual(['own', 10]);
  expect(await read(await ada, budget.open())).toEqual(['statement', 10]);
});

it('holds no slot and no memory after all users have read the result', async () => {
  const { budget, instance, acquire, open } = setUp(1);
  const busy = await acquire('ada');
  const sources = ['ada', 'grace', 'hedy'].map((user) => open(user));
  busy();
  for (const source of sources) {
    const memory = budget.open();
    await read(await source, memory);
    memory.close();
  }
  (await acquire('ada'))();
  instance.results.close();
  expect(budget.heldBytes).toBe(0);
});

it('releases the slot of a statement that fails before it is sent', async () => {
  const { budget, acquire, open } = setUp(1);
  await expect(read(await open('ada'), budget.open(), failWith('statement_not_allowed'))).rejects.toMatchObject({
    code: 'statement_not_allowed',
  });
  (await acquire('grace'))();
});

it.each<{ code: ErrorCode; isShared: boolean }>([
  { code: 'query_denied', isShared: false },
  { code: 'attribution_refused', isShared: false },
  { code: 'permission_denied', isShared: false },
  { code: 'query_timeout', isShared: false },
  { code: 'query_invalid', isShared: true },
])('passes $code to other users: $isShared', async ({ code, isShared }) => {
  const { budget, open } = setUp(5);
  const first = open('ada');
  const second = open('grace');
  await expect(read(await first, budget.open(), failWith(code))).rejects.toMatchObject({ code });
  const reading = second.then((source) => read(source, budget.open()));
  await (isShared ? expect(reading).rejects.toMatchObject({ code }) : expect(reading).resolves.toEqual(['own', 10]));
});
