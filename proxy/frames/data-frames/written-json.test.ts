/**
 * The memory budget of the process also limits the JSON text that is written after all rows have arrived. In these
 * tests, each series has one point, so the wide frame is mostly null and much larger than the received rows.
 */
import { Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { buildFrames } from './build-frames';
import { type BuiltFrames } from './frame-options';
import { columnOf, messagesOf, OPTIONS, received, timeColumn } from './testing/arrow-messages';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { MemoryBudget } from '../../observe/memory/memory-budget';
import { accountOf } from '../../observe/memory/testing/accounts';

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

/** More than the result takes in Arrow, but less than it takes as JSON. */
const FREE_BYTES = 7_200_000;
const TOTAL_BYTES = 40_000_000;

/** A budget in which an older query holds all bytes except `FREE_BYTES`. */
function filledBudget(signal?: AbortSignal) {
  const budget = new MemoryBudget({ totalBytes: TOTAL_BYTES });
  const holder = budget.open();
  holder.note(TOTAL_BYTES - FREE_BYTES);
  return { budget, holder, query: budget.open({ signal }) };
}

it('counts the JSON of a result in its account', async () => {
  const [arrow, json] = [1, 2].map(() => new MemoryBudget({ totalBytes: TOTAL_BYTES }).open());
  await build(arrow, 'arrow');
  const { bytes } = await build(json, 'json');
  expect(json.heldBytes - arrow.heldBytes).toBeGreaterThan(bytes * 0.8);
});

it('waits for the memory of the JSON, which Arrow does not need, and continues when the memory is free', async () => {
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

it('rejects a query that waits for memory if it is the youngest and all others wait', async () => {
  const { budget, holder, query } = filledBudget();
  const building = build(query, 'json');
  await untilWaiting(budget);
  const held = query.heldBytes;
  const admitted = holder.reserve(0);
  await expect(building).rejects.toMatchObject({ code: 'memory_busy' });
  expect(held).toBeGreaterThan(FREE_BYTES);
  query.end([]);
  await admitted;
});

it('stops waiting when the query is cancelled', async () => {
  const abort = new AbortController();
  const { budget, query } = filledBudget(abort.signal);
  const building = build(query, 'json');
  await untilWaiting(budget);
  abort.abort();
  await expect(building).rejects.toMatchObject({ code: 'query_cancelled' });
});

it('rejects a result whose JSON exceeds the limit of one result', async () => {
  const limited = () => accountOf(7_000_000);
  await build(limited(), 'arrow');
  await expect(build(limited(), 'json')).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringMatching(/take more memory than allowed: there is no more memory/),
  });
});
