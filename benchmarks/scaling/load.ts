/** Sends queries at a constant rate, without waiting for earlier queries. */

export interface LoadResult {
  /**
   * Response times of the successful queries in milliseconds, ascending. Each time begins when the query should have
   * been sent.
   */
  timesMs: number[];
  /** Number of failed queries by error message. */
  errors: Map<string, number>;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param run Runs one query. Returns its error, or an empty string. */
export async function loadOf(
  perSecond: number,
  seconds: number,
  run: (index: number) => Promise<string>
): Promise<LoadResult> {
  const timesMs: number[] = [];
  const errors = new Map<string, number>();
  const startedAt = performance.now();
  const one = async (index: number, dueAt: number) => {
    const error = await run(index).catch((reason: unknown) => String(reason));
    if (error === '') {
      timesMs.push(performance.now() - dueAt);
    } else {
      errors.set(error, (errors.get(error) ?? 0) + 1);
    }
  };
  const running: Array<Promise<void>> = [];
  const total = Math.round(perSecond * seconds);
  for (let index = 0; index < total; index++) {
    const dueAt = startedAt + (index * 1000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 1) {
      await sleep(waitMs);
    }
    running.push(one(index, dueAt));
  }
  await Promise.all(running);
  return { timesMs: timesMs.sort((a, b) => a - b), errors };
}

/** @param share Between 0 and 1: 0.5 is the median. */
export function quantile({ timesMs }: LoadResult, share: number): number {
  return timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * share))] ?? NaN;
}

export function describeLoad(result: LoadResult): string {
  const [median, p95, p99, most] = [0.5, 0.95, 0.99, 1].map((share) => quantile(result, share).toFixed(1));
  const failed = [...result.errors].map(([message, count]) => `${count} x ${message}`).join('; ');
  return `${result.timesMs.length} responses, median ${median} ms, p95 ${p95} ms, p99 ${p99} ms, longest ${most} ms; failed: ${failed || 'none'}`;
}
