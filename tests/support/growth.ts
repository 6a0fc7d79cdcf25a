/**
 * Measures how the work of a function grows with its input. This replaces a time limit, which would depend on the
 * machine.
 */

const ROUNDS = 5;

/** The shortest CPU time of several runs, in microseconds. CPU time does not include the time of other processes. */
function leastTime(run: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...times);
}

/**
 * Compares the CPU time of a function for inputs of the lengths n and 4n. The shortest of five times counts, because
 * compilation and garbage collection only add to a time.
 *
 * @param run Called with each input.
 * @param inputOf Makes an input of a length. Its time is not measured.
 * @param length n. The function should take some milliseconds for it.
 * @returns About 4 if the function takes linear time, about 16 if it takes quadratic time.
 */
export function growth<T>(run: (input: T) => unknown, inputOf: (length: number) => T, length: number): number {
  const [short, long] = [inputOf(length), inputOf(4 * length)];
  return leastTime(() => run(long)) / leastTime(() => run(short));
}
