/**
 * Text that is written when all rows are there, against the budget of the process. The series of these tests have one
 * point each, so that their wide form is much larger than what was received, and mostly the word "null".
 */
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type BuiltFrames, buildFrames } from './build-frames';
import { columnOf, messagesOf, OPTIONS, received, timeColumn } from './testing/arrow-messages';
import { type MemoryAccount } from '../memory/memory-account';
import { MemoryBudget } from '../memory/memory-budget';
import { accountOf } from '../memory/testing/accounts';

const SERIES = 700;

const MESSAGES = messagesOf(
  new Table({
    time: timeColumn(Array.from({ length: SERIES }, (_, row) => BigInt(row))),
    name: vectorFromArray(
      Array.from({ length: SERIES }, (_, row) => `series ${row}`),
      new Utf8()
    ),
    value: columnOf(new Int64(), new BigInt64Array(SERIES)),
  })
);

function build(memory: MemoryAccount, encoding: 'arrow' | 'json'): Promise<BuiltFrames> {
  return buildFrames(received(MESSAGES, memory), { ...OPTIONS, format: 'time_series', encoding, memory });
}

async function untilWaiting(budget: MemoryBudget): Promise<void> {
  while (budget.waiting === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Less than the answer holds while it is written as JSON, and more than it holds in Arrow. */
const FREE_BYTES = 7_200_000;
const TOTAL_BYTES = 40_000_000;

/** A budget that another query, which began before, fills but for these bytes. */
function filledBudget(signal?: AbortSignal) {
  const budget = new MemoryBudget({ totalBytes: TOTAL_BYTES });
  const holder = budget.open();
  holder.note(TOTAL_BYTES - FREE_BYTES);
  return { budget, holder, query: budget.open({ signal }) };
}

it('counts the text of an answer while it is written', async () => {
  const [arrow, json] = [1, 2].map(() => new MemoryBudget({ totalBytes: TOTAL_BYTES }).open());
  await build(arrow, 'arrow');
  const { bytes } = await build(json, 'json');
  expect(json.heldBytes - arrow.heldBytes).toBeGreaterThan(bytes * 0.8);
});

it('waits with the text for memory, which Arrow does not need, and goes on when there is some', async () => {
  const { budget, holder, query } = filledBudget();
  const arrow = budget.open();
  await build(arrow, 'arrow');
  arrow.close();
  holder.end([new Uint8Array(TOTAL_BYTES - FREE_BYTES)]);
  const building = build(query, 'json');
  await untilWaiting(budget);
  holder.close();
  expect((await building).rows).toBe(SERIES);
});

it('is refused with advice when it began last and nobody can go on', async () => {
  const { budget, holder, query } = filledBudget();
  const building = build(query, 'json');
  await untilWaiting(budget);
  const held = query.heldBytes;
  const goesOn = holder.reserve(0);
  await expect(building).rejects.toMatchObject({ code: 'memory_busy' });
  expect(held).toBeGreaterThan(FREE_BYTES);
  query.end([]);
  await goesOn;
});

it('ends its wait when the query is cancelled', async () => {
  const abort = new AbortController();
  const { budget, query } = filledBudget(abort.signal);
  const building = build(query, 'json');
  await untilWaiting(budget);
  abort.abort();
  await expect(building).rejects.toMatchObject({ code: 'query_cancelled' });
});

it('is too large where its text is beyond what one answer may hold', async () => {
  const limited = () => accountOf(7_000_000);
  await build(limited(), 'arrow');
  await expect(build(limited(), 'json')).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringMatching(/takes more memory than it may: there is no more memory/),
  });
});
