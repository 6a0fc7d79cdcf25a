import { setImmediate } from 'node:timers';

/** Runs work. @returns The number of turns of the event loop until the work is done, at least one. */
export async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 1;
  let isOver = false;
  const count = () => {
    if (!isOver) {
      turns++;
      setImmediate(count);
    }
  };
  setImmediate(count);
  try {
    await work();
  } finally {
    isOver = true;
  }
  return turns;
}
