/**
 * Measures how the work of a function grows with its input. This replaces a time limit, which would depend on the
 * machine.
 */

const ROUNDS = 5;
/** A shorter time counts as this number of microseconds, because short times vary too much for a comparison. */
const SHORTEST_US = 200;

/** The shortest CPU time of several runs, in microseconds. CPU time does not include the time of other processes. */
async function leastTime(run: () => unknown): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

/**
 * Compares the CPU time of a function for inputs of the lengths n and 4n. The shortest of five times counts, because
 * compilation and garbage collection only add to a time.
 *
 * @param run Called with each input. It may return a promise.
 * @param inputOf Makes an input of a length. Its time is not measured.
 * @param length n. The function should take some milliseconds for it.
 * @returns About 4 if the function takes linear time, about 16 if it takes quadratic time. Less if it takes less than
 *   0.2 ms for n.
 */
export async function growth<T>(
  run: (input: T) => unknown,
  inputOf: (length: number) => T,
  length: number
): Promise<number> {
  const [short, long] = [inputOf(length), inputOf(4 * length)];
  const longUs = await leastTime(() => run(long));
  return longUs / Math.max(await leastTime(() => run(short)), SHORTEST_US);
}
