/** Collects results of servers that send many small batches. */
import { batchMessageOf, field, int32s, schemaMessageOf } from '../../frames/arrow-ipc/testing/write-ipc';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { MAX_BINNED_RESULT_BYTES, RowCollector } from './collect-rows';

const INT = { kind: 'int', bits: 32, signed: true } as const;
const NO_BYTES = new Uint8Array(0);

/** Minimum bytes of the objects of a batch and of a column, measured in Node. */
const LEAST_BATCH_BYTES = 300;
const LEAST_COLUMN_BYTES = 450;

it.each([1, 20])('counts the memory of the objects if each batch has one row and %d columns', (count) => {
  const memory = unlimitedAccount();
  const collector = new RowCollector(unlimitedAccount(), memory, 1_000_000);
  collector.add(schemaMessageOf(Array.from({ length: count }, (_, index) => field(`c${index}`, INT))));
  const buffers = Array.from({ length: count }, () => [NO_BYTES, int32s(1)]).flat();
  const batch = batchMessageOf({ length: 1, nodes: Array.from({ length: count }, () => [1, 0] as const), buffers });
  const most = MAX_BINNED_RESULT_BYTES / (LEAST_BATCH_BYTES + count * LEAST_COLUMN_BYTES);
  let kept = 0;
  while (kept <= most && collector.add(batch)) {
    kept++;
  }
  expect(kept).toBeLessThan(most);
  expect(memory.heldBytes).toBeGreaterThan(MAX_BINNED_RESULT_BYTES / 2);
  expect(collector.finish()).toBeUndefined();
});
