/** Measures how long a query spends in each of its stages. */

/**
 * - `queue`: waits until fewer statements of the data source are open.
 * - `token`: waits for an access token of the service account.
 * - `memory`: waits for room in the memory budget.
 * - `first_batch`: from the call to the server until the first message of the result. If the result is shared with
 *   another caller: the wait for the result.
 * - `receive`: from the first message to the end of the result, including the waits and conversions in between.
 * - `convert`: builds frames from the received rows.
 * - `send`: from the completion of the result or of a part until the result or part is written to Grafana's connection.
 */
export const QUERY_STAGES = ['queue', 'token', 'memory', 'first_batch', 'receive', 'convert', 'send'] as const;

export type QueryStage = (typeof QUERY_STAGES)[number];

/** Times in milliseconds of the clock that `QueryStages` was created with. */
export interface StageInterval {
  readonly stage: QueryStage;
  readonly startMs: number;
  endMs: number;
  /** Milliseconds in the stage. Less than `endMs - startMs` if the stage has pauses. */
  busyMs: number;
}

/**
 * Stages that alternate with others, once per batch or per part. All times of such a stage are one interval with
 * pauses.
 */
const ALTERNATING: ReadonlySet<QueryStage> = new Set(['memory', 'convert', 'send']);

/** Maximum number of intervals of a query. Further intervals are only added to the sums. */
const MAX_INTERVALS = 32;

/** Measures one query. A stage may begin several times, even while it is running. */
export class QueryStages {
  readonly #now: () => number;
  readonly #sums = new Map<QueryStage, number>();
  readonly #intervals: StageInterval[] = [];
  /** The time at which this object was created, by its clock. */
  readonly originMs: number;

  /** @param now A monotonic clock, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.originMs = now();
  }

  /** Milliseconds since this object was created. */
  elapsedMs(): number {
    return this.#now() - this.originMs;
  }

  /** The intervals, in the order in which they ended. For an alternating stage, the end of its first part counts. */
  get intervals(): readonly StageInterval[] {
    return this.#intervals;
  }

  /** Begins a stage. @returns A function that ends it. Further calls of that function have no effect. */
  begin(stage: QueryStage): () => void {
    const startMs = this.#now();
    let hasEnded = false;
    return () => {
      if (!hasEnded) {
        hasEnded = true;
        this.#add(stage, startMs, this.#now());
      }
    };
  }

  /** The milliseconds that the query spent in a stage. */
  sumOf(stage: QueryStage): number {
    return this.#sums.get(stage) ?? 0;
  }

  /** The milliseconds that the query spent in the stages that have ended. Other stages are missing. */
  sums(): Partial<Record<QueryStage, number>> {
    return Object.fromEntries(this.#sums);
  }

  #add(stage: QueryStage, startMs: number, endMs: number): void {
    const busyMs = endMs - startMs;
    this.#sums.set(stage, this.sumOf(stage) + busyMs);
    const before = ALTERNATING.has(stage) ? this.#intervals.find((interval) => interval.stage === stage) : undefined;
    if (before !== undefined) {
      before.endMs = endMs;
      before.busyMs += busyMs;
    } else if (this.#intervals.length < MAX_INTERVALS) {
      this.#intervals.push({ stage, startMs, endMs, busyMs });
    }
  }
}
