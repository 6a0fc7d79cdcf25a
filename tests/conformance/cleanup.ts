/** Ends what a run started, last first, once, whichever way the run ends. */
export class Cleanup {
  readonly #steps: Array<() => Promise<void> | void> = [];
  #ended: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** A step that fails keeps no other from running; the first failure is reported at the end. */
  run(): Promise<void> {
    this.#ended ??= this.#runAll();
    return this.#ended;
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (reason) {
        failures.push(reason);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
