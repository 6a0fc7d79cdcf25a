/**
 * Measures how the work of a function grows with its input. This replaces a time limit, which would depend on the
 * machine.
 */

const ROUNDS = 5;
/** A high ratio is measured again, up to this number of rounds. */
const MAX_ROUNDS = 25;
/** A ratio is high from this number on. Linear time gives about 4. */
const HIGH = 6;
/** A shorter time counts as this number of microseconds, because short times vary too much for a comparison. */
const SHORTEST_US = 200;

/** The CPU time of one run, in microseconds. It does not include the time of other processes. */
async function cpuTime(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/**
 * Compares the CPU time of a function for inputs of the lengths n and 4n. Each input is measured at least five times.
 * The shortest time counts, because compilation and garbage collection only make a run slower. The runs of the two
 * inputs alternate, so that both use compiled code.
 *
 * @param run Called with each input. It may return a promise.
 * @param inputOf Makes an input of a length. Its time is not measured.
 * @param length The length n, for which the function should take some milliseconds.
 * @returns About 4 if the function takes linear time, about 16 if it takes quadratic time. Less if it takes less than
 *   0.2 ms for n.
 */
export async function growth<T>(
  run: (input: T) => unknown,
  inputOf: (length: number) => T,
  length: number
): Promise<number> {
  const [short, long] = [inputOf(length), inputOf(4 * length)];
  const least = { short: Infinity, long: Infinity };
  const ratio = (): number => least.long / Math.max(least.short, SHORTEST_US);
  for (let round = 0; round < ROUNDS || (round < MAX_ROUNDS && ratio() >= HIGH); round++) {
    least.short = Math.min(least.short, await cpuTime(() => run(short)));
    least.long = Math.min(least.long, await cpuTime(() => run(long)));
  }
  return ratio();
}
