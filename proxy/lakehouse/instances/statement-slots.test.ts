import { MAX_WAITING_STATEMENTS_OF_USER, type Release, type SlotRequest, StatementSlots } from './statement-slots';

const viewer = (user: string, dashboard = ''): SlotRequest => ({ lane: 'viewer', user, dashboard });
const NEVER = new AbortController().signal;

/**
 * Requests slots. `granted` gets the name of each statement that gets a slot, and the error code of each that is
 * rejected.
 */
class Statements {
  readonly granted: string[] = [];
  readonly #slots: StatementSlots;
  readonly #releases = new Map<string, Release>();

  constructor(limit: number) {
    this.#slots = new StatementSlots(limit);
  }

  /** Resolves when the statement waits or has a slot. */
  async start(name: string, request: SlotRequest, signal = NEVER): Promise<void> {
    const open = (release: Release) => {
      this.granted.push(name);
      this.#releases.set(name, release);
    };
    const taken = this.#slots.tryAcquire(request);
    if (taken === undefined) {
      this.#slots.acquire(request, signal).then(open, ({ code }: { code?: string }) => this.granted.push(code ?? ''));
    } else {
      open(taken);
    }
    await settled();
  }

  async end(name: string): Promise<void> {
    this.#releases.get(name)?.();
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('opens one statement for each slot, and the next one when a statement has ended', async () => {
  const statements = new Statements(2);
  for (const name of ['a', 'b', 'c', 'd']) {
    await statements.start(name, viewer('ada'));
  }
  expect(statements.granted).toEqual(['a', 'b']);
  await statements.end('a');
  expect(statements.granted).toEqual(['a', 'b', 'c']);
  await statements.end('a');
  expect(statements.granted).toEqual(['a', 'b', 'c']);
});

it('gives the next slots to another user who began to wait later', async () => {
  const statements = new Statements(4);
  for (let index = 0; index < 20; index++) {
    await statements.start(`ada ${index}`, viewer('ada'));
  }
  await statements.start('grace 0', viewer('grace'));
  await statements.start('grace 1', viewer('grace'));
  await statements.start('grace 2', viewer('grace'));
  expect(statements.granted).toEqual(['ada 0', 'ada 1', 'ada 2', 'ada 3']);
  await statements.end('ada 0');
  await statements.end('ada 1');
  // Users with fewer than half of the slots get free slots first. Ada has two of four, so Grace gets the next slots.
  expect(statements.granted.slice(4)).toEqual(['grace 0', 'grace 1']);
  await statements.end('grace 0');
  expect(statements.granted.slice(6)).toEqual(['grace 2']);
});

it('keeps an eighth of the slots for users without an open statement', async () => {
  const statements = new Statements(16);
  for (let index = 0; index < 20; index++) {
    await statements.start(`ada ${index}`, viewer('ada'));
  }
  expect(statements.granted).toHaveLength(14);
  for (const name of ['grace 0', 'grace 1']) {
    await statements.start(name, viewer('grace'));
  }
  await statements.start('alan', viewer('alan'));
  await statements.start('edsger', viewer('edsger'));
  expect(statements.granted.slice(14)).toEqual(['grace 0', 'alan']);
  await statements.end('ada 0');
  await statements.end('alan');
  expect(statements.granted.slice(16)).toEqual(['edsger']);
  await statements.end('edsger');
  await statements.end('ada 1');
  expect(statements.granted.slice(17)).toEqual(['grace 1']);
  await statements.end('ada 2');
  expect(statements.granted.slice(18)).toEqual(['ada 14']);
});

it('gives all slots to a single user if there are few slots', async () => {
  const statements = new Statements(4);
  for (let index = 0; index < 6; index++) {
    await statements.start(`ada ${index}`, viewer('ada'));
  }
  await statements.end('ada 0');
  expect(statements.granted).toHaveLength(5);
});

it('uses all slots if two users wait and the number of slots is odd', async () => {
  const statements = new Statements(3);
  for (let index = 0; index < 4; index++) {
    await statements.start(`ada ${index}`, viewer('ada'));
    await statements.start(`grace ${index}`, viewer('grace'));
  }
  await statements.end('ada 0');
  await statements.end('grace 0');
  expect(statements.granted).toHaveLength(5);
});

it('gives a free slot to the only waiting user after another user has left', async () => {
  const statements = new Statements(4);
  const leaving = new AbortController();
  for (let index = 0; index < 4; index++) {
    await statements.start(`ada ${index}`, viewer('ada'));
  }
  await statements.start('grace', viewer('grace'), leaving.signal);
  await statements.start('ada 4', viewer('ada'));
  leaving.abort();
  await settled();
  await statements.end('ada 0');
  expect(statements.granted).toEqual(['ada 0', 'ada 1', 'ada 2', 'ada 3', 'query_cancelled', 'ada 4']);
});

it('does not count images and traces, which a slow reader keeps open', async () => {
  const statements = new Statements(1);
  await statements.start('trace', { lane: 'file', user: 'ada', dashboard: '' });
  await statements.start('panel', viewer('ada'));
  expect(statements.granted).toEqual(['trace', 'panel']);
});

it('lets the dashboards of a user take turns', async () => {
  const statements = new Statements(1);
  await statements.start('first', viewer('ada'));
  for (const name of ['a1', 'a2', 'a3']) {
    await statements.start(name, viewer('ada', 'a'));
  }
  await statements.start('b1', viewer('ada', 'b'));
  for (const name of ['first', 'a1', 'b1', 'a2']) {
    await statements.end(name);
  }
  expect(statements.granted).toEqual(['first', 'a1', 'b1', 'a2', 'a3']);
});

it('has separate slots for alert rules, and for further statements of a query', async () => {
  const statements = new Statements(1);
  await statements.start('panel', viewer('ada'));
  await statements.start('waiting', viewer('ada'));
  await statements.start('rule', { lane: 'background', user: '', dashboard: '' });
  await statements.start('second statement', { lane: 'continued', user: 'ada', dashboard: '' });
  expect(statements.granted).toEqual(['panel', 'rule', 'second statement']);
});

it('forgets a statement that is cancelled while it waits', async () => {
  const statements = new Statements(1);
  const cancelled = new AbortController();
  await statements.start('a', viewer('ada'));
  await statements.start('b', viewer('ada'), cancelled.signal);
  await statements.start('c', viewer('ada'));
  cancelled.abort();
  await settled();
  await statements.end('a');
  expect(statements.granted).toEqual(['a', 'query_cancelled', 'c']);
});

it('loses no slot when a statement is cancelled immediately after it got one', async () => {
  const slots = new StatementSlots(1);
  const cancelled = new AbortController();
  const release = slots.tryAcquire(viewer('ada'));
  const waiting = slots.acquire(viewer('ada'), cancelled.signal);
  release?.();
  cancelled.abort();
  await waiting.then(
    (late) => late(),
    () => undefined
  );
  expect(slots.tryAcquire(viewer('grace'))).toBeDefined();
});

it('rejects a statement when too many statements of its user wait', async () => {
  const statements = new Statements(1);
  await statements.start('first', viewer('ada'));
  for (let index = 0; index <= MAX_WAITING_STATEMENTS_OF_USER; index++) {
    await statements.start(String(index), viewer('ada'));
  }
  await statements.start('grace', viewer('grace'));
  expect(statements.granted).toEqual(['first', 'statements_busy']);
});

it('opens any number of statements if the limit is 0', async () => {
  const statements = new Statements(0);
  for (let index = 0; index < 1000; index++) {
    await statements.start(String(index), viewer('ada'));
  }
  expect(statements.granted).toHaveLength(1000);
});
