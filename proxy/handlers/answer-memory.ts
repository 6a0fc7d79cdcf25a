/** The memory of one query as the frames see it: with the query's own end to every wait, and its limit in words. */
import { type FrameMemory } from '../data-frames/build-frames';
import { type AnswerBuffers } from '../memory/buffer-pool';
import { type QueryMemory } from '../memory/memory-budget';
import { inMegabytes } from './byte-limit';

/** Bytes of a megabyte in `memory_budget_mb`. */
const BUDGET_UNIT = 1024 * 1024;

export interface WaitOptions {
  signal: AbortSignal;
  /** Milliseconds since 1970 at which the query has had its time. */
  deadlineMs: number;
}

/** @param buffers Keep what was put there, also what the frames do not hold any more. */
export function answerMemory(memory: QueryMemory, limits: WaitOptions, buffers?: AnswerBuffers): FrameMemory {
  return {
    room: () => memory.room(limits),
    holds: (bytes, heapBytes) => memory.holds(Math.max(bytes, buffers?.takenBytes ?? 0), heapBytes),
    canHold: (bytes, heapBytes) => memory.canHold(bytes, heapBytes),
    get isBeyondLimit() {
      return memory.isBeyondLimit;
    },
    limitReason:
      `one answer may take ${inMegabytes(memory.limitBytes, BUDGET_UNIT)} of memory, half of what the data source has for all ` +
      '(memory_budget_mb of the plugin)',
  };
}
