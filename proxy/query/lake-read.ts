/** Runs statements that the backend itself writes, for one caller, and reads their results. */
import { type Deadline } from '../base/async/deadline';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { type Release, type SlotLane } from '../lakehouse/instances/statement-slots';
import { type LakeReader } from '../views/lake-reader/lake-reader';
import { readBatches } from '../views/lake-reader/read-batches';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type QueryStages } from '../observe/telemetry/query-stages';
import { type Caller } from './caller';

/** Options of `lakeRead`: the caller, and the limits of the statements. */
export interface LakeReadOptions {
  instance: Instance;
  caller: Caller;
  trace: InstanceCall['trace'];
  stages?: QueryStages;
  /** Opens a separate account for the received rows of each statement. */
  budget: Pick<MemoryBudget, 'open'>;
  signal: AbortSignal;
  /** The deadline of the query to which the statements belong. */
  deadline?: Deadline;
  /** Time limit of a statement in milliseconds, if there is no deadline. Default: the time limit of the data source. */
  timeoutMs?: number;
  /** The lane in which statements wait for their slots. */
  lane: SlotLane;
  /** The slot of the first statement. Default: the first statement also waits for a slot. */
  slot?: Release;
}

/**
 * Returns a function that runs a statement and yields the batches of its result.
 *
 * @throws {ProxyError} The returned function throws 'result_malformed', 'result_too_large', and the errors of
 *   `Instance.takeSlot`, `Instance.execute` and `MemoryAccount.reserve`.
 */
export function lakeRead(options: LakeReadOptions): LakeReader['read'] {
  const { instance, caller, trace, stages, budget, signal, deadline, lane } = options;
  const timeoutMs = options.timeoutMs ?? instance.settings.timeoutMs;
  let first = options.slot;
  return async function* read({ sql, range, maxRows, limitMs, columns }) {
    const waiting = { ...caller, stages, signal, deadline, timeoutMs, statementMs: limitMs, lane };
    const taken = first;
    first = undefined;
    const slot = taken ?? (await instance.takeSlot(waiting));
    const received = budget.open({ signal, limitMs: deadline?.leftMs() ?? timeoutMs, stages });
    try {
      const call = { ...waiting, trace, range, limit: maxRows, slot };
      // The server may send more rows than the limit of the call, so the limit is also applied here.
      yield* readBatches(instance.execute(sql, { ...call, memory: received }), received, maxRows, columns);
    } finally {
      received.close();
      slot();
    }
  };
}
