import { type Call } from './thread-calls';

export interface SlowCall extends Call {
  /** Position of the thread. */
  thread: number;
}

/** The longest calls, in the order of their length. */
export class SlowestCalls {
  readonly #size: number;
  readonly #calls: SlowCall[] = [];
  #least = -1;

  constructor(size: number) {
    this.#size = size;
  }

  /** The longest first. */
  get list(): readonly SlowCall[] {
    return this.#calls;
  }

  add(call: Call, thread: number): void {
    const duration = call.end - call.begin;
    if (duration <= this.#least) {
      return;
    }
    const at = this.#calls.findIndex(({ begin, end }) => end - begin < duration);
    this.#calls.splice(at < 0 ? this.#calls.length : at, 0, { ...call, thread });
    if (this.#calls.length > this.#size) {
      this.#calls.pop();
    }
    if (this.#calls.length === this.#size) {
      const last = this.#calls[this.#size - 1];
      this.#least = last.end - last.begin;
    }
  }
}
