/**
 * Finds out whether a server lets a service account name other people in full.
 *
 * The Micromegas of today does not: it takes the name alone and refuses a call that says more. A server that takes it gives
 * a better audit trail, so it is asked once, beside the first call that names a person, with a statement of its own. The
 * answer is kept for the life of the instance, that is until the settings change.
 */
import { ProxyError } from '../errors/proxy-error';
import {
  type AttributionMode,
  type CallUser,
  type FlightCall,
  type FlightMessage,
} from '../flight-sql/flight-sql-client';
import { type Secret } from '../logging/secret';

const STATEMENT = 'SELECT 1';
const TIME_LIMIT_MS = 10_000;
/** Tries that ended with neither answer, such as a connection that broke. */
const MAX_TRIES = 3;

type Execute = (sql: string, call: FlightCall) => AsyncIterable<FlightMessage>;

export class AttributionProbe {
  readonly #execute: Execute;
  readonly #end = new AbortController();
  #answer: AttributionMode | undefined;
  #inFlight: Promise<void> | undefined;
  #tries = 0;

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  /** What calls of a service account may send, as far as it is known. */
  get mode(): AttributionMode {
    return this.#answer ?? 'name-only';
  }

  /** Asks in the background, unless the answer is known or was sought too often. */
  start(user: CallUser, token: Secret): void {
    if (this.#answer === undefined && this.#tries < MAX_TRIES) {
      void this.settle(user, token);
    }
  }

  /** Asks, unless the answer is known. Never rejects: without an answer nothing changes. */
  settle(user: CallUser, token: Secret): Promise<void> {
    if (this.#answer !== undefined || this.#end.signal.aborted) {
      return Promise.resolve();
    }
    this.#inFlight ??= this.#ask(user, token).finally(() => (this.#inFlight = undefined));
    return this.#inFlight;
  }

  /** The server refused a call in full after all: from now on the name alone is sent. */
  refused(): void {
    this.#answer = 'name-only';
  }

  close(): void {
    this.#end.abort();
  }

  async #ask(user: CallUser, token: Secret): Promise<void> {
    this.#tries += 1;
    const call: FlightCall = {
      token,
      user,
      attribution: 'full',
      origin: { entrypoint: 'attribution-probe' },
      timeoutMs: TIME_LIMIT_MS,
      signal: this.#end.signal,
    };
    try {
      for await (const message of this.#execute(STATEMENT, call)) {
        void message;
      }
      this.#answer ??= 'full';
    } catch (reason) {
      // Any other failure tells nothing of the rule, and is met by queries as well, which report it.
      if (reason instanceof ProxyError && reason.code === 'attribution_refused') {
        this.#answer = 'name-only';
      }
    }
  }
}
