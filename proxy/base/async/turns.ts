/**
 * Divides long work into steps. Between two steps, other work of the process runs: other queries, health checks, and
 * the sockets.
 *
 * Node.js runs all callbacks of `setImmediate` before it looks at the sockets again. `nextTurn` continues only one
 * waiting task in each turn of the event loop. So other work waits for one step, however many queries are running.
 */
import { setImmediate } from 'node:timers';

/** Values that are read, checked or written in one step, which takes about 10 ms. */
const STEP_VALUES = 32_768;
/** Bytes of strings that are read or written in one step. */
const STEP_BYTES = 1024 * 1024;
/** Items that are sorted in one step. */
const SORTED_AT_ONCE = 8192;

/** Callbacks of the tasks that wait for their turn, in the order of their arrival. */
const waiting: Array<() => void> = [];

function continueFirst(): void {
  waiting.shift()?.();
  if (waiting.length > 0) {
    setImmediate(continueFirst);
  }
}

/** Resolves in a later turn of the event loop. No other caller of this function continues in the same turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) {
      setImmediate(continueFirst);
    }
  });
}

/** Work in steps. The generator yields after each step, and its caller then awaits `nextTurn`. */
export type Steps<T> = Generator<void, T>;

/** Counts the work of one query, and ends a step after about 10 ms of work. */
export class Pace {
  readonly #continues: () => void;
  #values = 0;
  #bytes = 0;

  /**
   * @param continues Called before each further step. May throw to end the work, for example if the caller has left.
   */
  constructor(continues: () => void = () => undefined) {
    this.#continues = continues;
  }

  /**
   * Counts work that is done. Call it after each row, or after some rows.
   *
   * @param values Number of values that were read, compared or written.
   * @param bytes  Number of bytes of the strings among these values.
   * @returns A promise if the step is over: await it before the next row. Undefined: continue.
   */
  worked(values: number, bytes = 0): Promise<void> | undefined {
    this.#values += values;
    this.#bytes += bytes;
    return this.#values < STEP_VALUES && this.#bytes < STEP_BYTES ? undefined : this.pause();
  }

  /**
   * Calls `work` for each item, in steps.
   *
   * @param values How many values `work` reads or writes for each item.
   * @param bytesOf Bytes of the strings among the values of an item. Default: 0.
   */
  async each<T>(
    items: readonly T[],
    values: number,
    work: (item: T, index: number) => void,
    bytesOf: (item: T) => number = () => 0
  ): Promise<void> {
    for (let index = 0; index < items.length; index++) {
      work(items[index], index);
      const stepEnd = this.worked(values, bytesOf(items[index]));
      if (stepEnd !== undefined) {
        await stepEnd;
      }
    }
  }

  /** Like `Array.prototype.toSorted`, but in steps. */
  async sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
    let runs: T[][] = [];
    for (let from = 0; from < items.length; from += SORTED_AT_ONCE) {
      runs.push(items.slice(from, from + SORTED_AT_ONCE).sort(compare));
      await this.pause();
    }
    while (runs.length > 1) {
      const merged: T[][] = [];
      for (let index = 0; index < runs.length; index += 2) {
        merged.push(await this.#merged(runs[index], runs.at(index + 1) ?? [], compare));
      }
      runs = merged;
    }
    return runs.at(0) ?? [];
  }

  async #merged<T>(first: readonly T[], second: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
    const merged: T[] = [];
    for (let [at, other] = [0, 0]; at < first.length || other < second.length;) {
      const isFirst = other === second.length || (at < first.length && compare(first[at], second[other]) <= 0);
      merged.push(isFirst ? first[at++] : second[other++]);
      const stepEnd = this.worked(1);
      if (stepEnd !== undefined) {
        await stepEnd;
      }
    }
    return merged;
  }

  /** Ends the step. Call it after work that may take a whole step. */
  async pause(): Promise<void> {
    this.#values = 0;
    this.#bytes = 0;
    await nextTurn();
    this.#continues();
  }
}
