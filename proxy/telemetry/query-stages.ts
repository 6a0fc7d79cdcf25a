/** Measures how long a query spends in each of its stages. */

/**
 * - `token`: waits for an access token.
 * - `memory`: waits for room in the memory budget.
 * - `first_batch`: from the call of the server to the first message of the result.
 * - `receive`: from the first message to the end of the result.
 * - `convert`: builds frames from the received rows.
 * - `send`: from the complete answer until Grafana has received it.
 */
export const QUERY_STAGES = ['token', 'memory', 'first_batch', 'receive', 'convert', 'send'] as const;

export type QueryStage = (typeof QUERY_STAGES)[number];

/** Times in milliseconds of the clock that `QueryStages` was created with. */
export interface StageInterval {
  stage: QueryStage;
  startMs: number;
  endMs: number;
}

/** Intervals beyond this number are added to the sums only. A query that waits for memory often has many. */
const MAX_INTERVALS = 32;

export class QueryStages {
  readonly #now: () => number;
  readonly #sums = new Map<QueryStage, number>();
  readonly intervals: StageInterval[] = [];

  /** @param now A monotonic clock, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins a stage. @returns A function that ends it. Further calls of that function have no effect. */
  begin(stage: QueryStage): () => void {
    const startMs = this.#now();
    let hasEnded = false;
    return () => {
      if (hasEnded) {
        return;
      }
      hasEnded = true;
      const endMs = this.#now();
      this.#sums.set(stage, (this.#sums.get(stage) ?? 0) + endMs - startMs);
      if (this.intervals.length < MAX_INTERVALS) {
        this.intervals.push({ stage, startMs, endMs });
      }
    };
  }

  /** The milliseconds that the query spent in the stages that have ended. Other stages are missing. */
  sums(): Partial<Record<QueryStage, number>> {
    return Object.fromEntries(this.#sums);
  }
}
