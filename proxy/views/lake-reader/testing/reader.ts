/** For tests: a `ViewContext` whose statements return `Table` objects of the package `apache-arrow`. */
import { type Table } from 'apache-arrow';
import { Pace } from '../../../base/async/turns';
import { messagesOf } from '../../../frames/data-frames/testing/arrow-messages';
import { MemoryBudget } from '../../../observe/memory/memory-budget';
import { type ViewContext } from '../../view-context';
import { type LakeStatement } from '../lake-reader';
import { readBatches } from '../read-batches';
import { emptyTable } from './table-of';

/**
 * @param result Returns the rows of a statement. A table without columns means no rows. The function may throw an error
 *   of the server.
 */
export function readerOf(result: (statement: LakeStatement) => Table): ViewContext {
  const budget = new MemoryBudget({ totalBytes: 1e9 });
  return {
    range: { fromMs: 0, toMs: 3_600_000 },
    intervalMs: 1000,
    nowMs: 3_600_000,
    leftMs: () => 60_000,
    linkTarget: undefined,
    isPanel: false,
    memory: budget.open(),
    signal: new AbortController().signal,
    pace: new Pace(),
    async *read(statement) {
      const memory = budget.open();
      try {
        yield* readBatches(
          (async function* () {
            const table = result(statement);
            yield* messagesOf(table.numCols === 0 ? emptyTable(statement.columns) : table);
          })(),
          memory,
          statement.maxRows,
          statement.columns
        );
      } finally {
        memory.close();
      }
    },
  };
}
