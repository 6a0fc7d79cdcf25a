/**
 * Merges several iterations into one, which yields values in the order of their arrival. The next value of a source is
 * pulled after the consumer has taken the previous one. The first error ends the merged iteration. Before the merged
 * iteration ends, all sources are closed. So no source is computing a value any more when an error is thrown.
 *
 * `Promise.race` is not used: each value of a fast source would add a callback to the promise of a slow source.
 */
export async function* merge<T>(sources: ReadonlyArray<AsyncGenerator<T>>): AsyncGenerator<T> {
  const arrived: Array<{ source: AsyncGenerator<T>; result: IteratorResult<T> }> = [];
  const failures: unknown[] = [];
  let next = Promise.withResolvers<void>();
  const pull = (source: AsyncGenerator<T>) => {
    void source
      .next()
      .then(
        (result) => arrived.push({ source, result }),
        (reason: unknown) => failures.push(reason)
      )
      .then(() => next.resolve());
  };
  try {
    sources.forEach(pull);
    for (let openCount = sources.length; openCount > 0;) {
      await next.promise;
      next = Promise.withResolvers();
      if (failures.length > 0) {
        throw failures[0];
      }
      for (const { source, result } of arrived.splice(0)) {
        if (result.done === true) {
          openCount--;
        } else {
          yield result.value;
          pull(source);
        }
      }
    }
  } finally {
    await close(sources, failures.length > 0);
  }
}

/** @param hasFailed True if a source has failed. Then errors of closing are ignored, as `for await` does. */
async function close(sources: ReadonlyArray<AsyncGenerator<unknown>>, hasFailed: boolean): Promise<void> {
  const closed = await Promise.allSettled(sources.map((source) => source.return(undefined)));
  const failed = closed.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected' && !hasFailed) {
    throw failed.reason;
  }
}
