/**
 * Ends one call before its handler is done: the caller left, its deadline passed, or the process stops.
 */
import { Status, type StatusCode } from '../grpc';
import { GrpcError } from './grpc-error';

/** A handler sees an AbortSignal with the usual reasons; the server sees the status that the caller gets. */
export class CallAbort {
  readonly #controller = new AbortController();
  #failure: GrpcError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** The status that the caller gets; undefined until the call is aborted. */
  get failure(): GrpcError | undefined {
    return this.#failure;
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
    this.#failure = new GrpcError(status, message);
    this.#controller.abort(new DOMException(message, name));
  }

  /** The handler is done: from now on nothing aborts. */
  finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}
