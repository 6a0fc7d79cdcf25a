import { type Instance } from '../lakehouse/instances/instance';
import { messagesOf } from '../frames/data-frames/testing/arrow-messages';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { tableFromArrays } from 'apache-arrow';
import { lakeRead } from './lake-read';

it('ends a result at the limit even if the server sends more rows', async () => {
  let sent = 0;
  let hasEnded = false;
  const instance = {
    settings: { timeoutMs: 1000 },
    async *execute() {
      try {
        const [schema, ...rest] = messagesOf(tableFromArrays({ n: new Int32Array(10) }));
        yield schema;
        for (;;) {
          sent++;
          yield* rest;
        }
      } finally {
        hasEnded = true;
      }
    },
    takeSlot: () => Promise.resolve(() => undefined),
  } as unknown as Instance;
  const budget = new MemoryBudget({ totalBytes: 1e9 });
  const read = lakeRead({
    instance,
    caller: { origin: { entrypoint: 'explore', dashboardUid: undefined, panelId: undefined } },
    trace: undefined,
    lane: 'viewer',
    budget,
    signal: new AbortController().signal,
  });
  const lengths: number[] = [];
  const statement = { sql: 'SELECT 1', range: undefined, maxRows: 25, columns: { n: 'number' } } as const;
  for await (const { length } of read(statement)) {
    lengths.push(length);
  }
  expect(lengths).toEqual([10, 10, 5]);
  expect({ sent, hasEnded, held: budget.heldBytes }).toEqual({ sent: 3, hasEnded: true, held: 0 });
});
