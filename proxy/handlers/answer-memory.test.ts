/**
 * Text that is written when all rows are there, against the budget of the process. The series of these tests have one
 * point each, so that their wide form is much larger than what was received, and mostly the word "null".
 */
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type BuiltFrames, buildFrames } from '../data-frames/build-frames';
import { columnOf, messagesOf, OPTIONS, stream, timeColumn } from '../data-frames/testing/arrow-messages';
import { MemoryBudget, type QueryMemory } from '../memory/memory-budget';
import { answerMemory } from './answer-memory';

const SERIES = 300;

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

/** A budget, and what resolves when a query waits for memory. */
function watchedBudget(totalBytes: number) {
  const waits = Promise.withResolvers<void>();
  let mostBytes = 0;
  const observer = {
    memoryChanged(heldBytes: number, waiting: number) {
      mostBytes = Math.max(mostBytes, heldBytes);
      if (waiting > 0) {
        waits.resolve();
      }
    },
    memoryRefused: () => undefined,
  };
  const budget = new MemoryBudget({ totalBytes, observer });
  return { budget, isWaiting: waits.promise, mostBytes: () => mostBytes };
}

const NEVER = { signal: new AbortController().signal, deadlineMs: Infinity };

function build(query: QueryMemory, encoding: 'arrow' | 'json', limits = NEVER): Promise<BuiltFrames> {
  const memory = answerMemory(query, limits);
  return buildFrames(stream(MESSAGES), { ...OPTIONS, format: 'time_series', encoding, memory, signal: limits.signal });
}

/** Less than the answer holds while it is written as JSON, and more than it holds in Arrow. */
const FREE_BYTES = 1_000_000;

/** A budget that another query, which began before, fills but for these bytes. */
function filledBudget() {
  const watched = watchedBudget(8_000_000);
  const holder = watched.budget.openCall().openQuery();
  holder.holds(8_000_000 - FREE_BYTES);
  return { ...watched, holder, query: watched.budget.openCall().openQuery() };
}

it('counts the text of an answer while it is written', async () => {
  const [arrow, json] = [watchedBudget(8_000_000), watchedBudget(8_000_000)];
  await build(arrow.budget.openCall().openQuery(), 'arrow');
  const { bytes } = await build(json.budget.openCall().openQuery(), 'json');
  expect(json.mostBytes() - arrow.mostBytes()).toBeGreaterThan(bytes);
});

it('waits with the text for memory, which Arrow does not need, and goes on when there is some', async () => {
  const { budget, isWaiting, holder, query } = filledBudget();
  const arrow = budget.openCall();
  await build(arrow.openQuery(), 'arrow');
  arrow.close();
  holder.end(8_000_000 - FREE_BYTES);
  const building = build(query, 'json');
  await isWaiting;
  holder.call.close();
  expect((await building).rows).toBe(SERIES);
});

it('is refused with advice when it began last and nobody can go on', async () => {
  const { isWaiting, holder, query } = filledBudget();
  const building = build(query, 'json');
  await isWaiting;
  const held = query.heldBytes;
  const goesOn = holder.room(NEVER);
  await expect(building).rejects.toMatchObject({ code: 'memory_busy' });
  expect(held).toBeGreaterThan(FREE_BYTES);
  query.end(0);
  await goesOn;
});

it('ends its wait when the query is cancelled', async () => {
  const { isWaiting, query } = filledBudget();
  const abort = new AbortController();
  const building = build(query, 'json', { ...NEVER, signal: abort.signal });
  await isWaiting;
  abort.abort();
  await expect(building).rejects.toMatchObject({ code: 'query_cancelled' });
});

it('is too large where its text is beyond what one answer may hold', async () => {
  const { budget } = watchedBudget(3_200_000);
  await build(budget.openCall().openQuery(), 'arrow');
  await expect(build(budget.openCall().openQuery(), 'json')).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringMatching(/Written as JSON.*one answer may take 1.5 MB of memory/),
  });
});
