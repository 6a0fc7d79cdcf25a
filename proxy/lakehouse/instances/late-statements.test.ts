import { LateStatements, MAX_HELD_MS, type ProbeOutcome } from './late-statements';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Held places with a clock, timers and probes that only the test moves. */
class Bench {
  nowMs = 0;
  freed = 0;
  probes: Array<(outcome: ProbeOutcome) => void> = [];
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();
  readonly late = new LateStatements({
    elapsedMs: () => this.nowMs,
    startTimer: (callback, ms) => {
      const timer = { atMs: this.nowMs + ms, callback };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
  });

  hold(): void {
    this.late.hold(
      () => (this.freed += 1),
      (signal) =>
        new Promise((resolve) => {
          this.probes.push(resolve);
          signal.addEventListener('abort', () => resolve('late'), { once: true });
        })
    );
  }

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const timer of [...this.#timers].filter(({ atMs }) => atMs <= this.nowMs)) {
      this.#timers.delete(timer);
      timer.callback();
    }
    await settled();
  }

  /** Responds to the newest probe after a time. */
  async respond(afterMs: number, outcome: ProbeOutcome = 'responded'): Promise<void> {
    await this.pass(afterMs);
    this.probes.at(-1)?.(outcome);
    await settled();
  }
}

it('sends one probe at a time, and frees the places when it responds in usual time', async () => {
  const bench = new Bench();
  bench.late.noteResponse(100);
  bench.hold();
  bench.hold();
  await settled();
  expect(bench.probes).toHaveLength(1);
  await bench.respond(401);
  expect(bench.freed).toBe(0);
  await bench.pass(1000);
  expect(bench.probes).toHaveLength(2);
  await bench.respond(400);
  expect(bench.freed).toBe(2);
  await bench.pass(10_000);
  expect(bench.probes).toHaveLength(2);
});

it('keeps a place that was held after the probe was sent', async () => {
  const bench = new Bench();
  bench.hold();
  await bench.pass(10);
  bench.hold();
  await bench.respond(10);
  expect(bench.freed).toBe(1);
});

it('holds a place for at most a minute, even if the probe gets no response', async () => {
  const bench = new Bench();
  bench.hold();
  await bench.pass(MAX_HELD_MS - 1);
  expect(bench.freed).toBe(0);
  await bench.pass(1);
  expect(bench.freed).toBe(1);
});

it('holds no place while the server is slow for everybody', async () => {
  const bench = new Bench();
  bench.late.noteResponse(3000);
  bench.hold();
  await bench.respond(9000);
  expect(bench.freed).toBe(1);
});

it('learns that a server has become slow', async () => {
  const bench = new Bench();
  bench.late.noteResponse(10);
  bench.hold();
  for (let count = 0; count < 7; count++) {
    await bench.respond(8000);
    await bench.pass(1000);
  }
  expect(bench.freed).toBe(1);
  bench.hold();
  await bench.respond(8000);
  expect(bench.freed).toBe(2);
});

it('frees the places when the probe fails, and when the data source is closed', async () => {
  const bench = new Bench();
  bench.hold();
  await bench.respond(9000, 'failed');
  expect(bench.freed).toBe(1);
  bench.hold();
  bench.late.close();
  expect(bench.freed).toBe(2);
});
