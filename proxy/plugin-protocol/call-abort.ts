/**
 * Ends one call before its handler is done: the caller left, its deadline passed, or the process stops.
 */
import { Status, type StatusCode } from '../grpc';
import { GrpcError } from './grpc-error';

/** A handler sees an AbortSignal with the usual reasons; the server sees the status that the caller gets. */
export class CallAbort {
  readonly #controller = new AbortController();
  /** Never resolves; rejects with a GrpcError as soon as the call is aborted. */
  readonly rejected: Promise<never>;
  #reject: (reason: GrpcError) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor() {
    this.rejected = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    // Nobody may be waiting when it rejects.
    this.rejected.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts with DEADLINE_EXCEEDED after so many milliseconds. */
  startDeadline(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.abort(Status.DEADLINE_EXCEEDED, 'The deadline passed.'), timeoutMs);
  }

  /** Does nothing once the call is over. */
  abort(status: StatusCode, message: string): void {
    if (this.#over) {
      return;
    }
    this.finish();
    const name = status === Status.DEADLINE_EXCEEDED ? 'TimeoutError' : 'AbortError';
    this.#reject(new GrpcError(status, message));
    this.#controller.abort(new DOMException(message, name));
  }

  /** The handler is done: from now on nothing aborts. */
  finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}
