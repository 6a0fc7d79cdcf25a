/**
 * Reads the endpoints of a result one after another, as one sequence of Arrow messages.
 *
 * The messages of each endpoint begin with the schema. The schema must be the same for all endpoints, and the consumer
 * gets it once.
 */
import { ProxyError } from '../../base/errors/proxy-error';
import { parseFlightData } from './flight-messages';
import { type FlightMessage } from './flight-sql-client';
import { type MessageStream } from './message-stream';

/**
 * Limit for the bytes of all messages that have no Arrow data, but at most application metadata. For each of these
 * messages, `SKIPPED_MESSAGE_BYTES` are added.
 */
const MAX_SKIPPED_BYTES = 16 * 1024 * 1024;
const SKIPPED_MESSAGE_BYTES = 1024;

/** A call that has delivered its first message, or has ended without one. */
export interface StartedCall {
  stream: MessageStream;
  /** Undefined when the response is empty. */
  first: Uint8Array | undefined;
}

/**
 * Reads one result. At most one call is open at a time. If the consumer stops early, the caller of `next` must cancel
 * the call.
 */
export class ResultParts {
  readonly #tickets: readonly Uint8Array[];
  readonly #start: (ticket: Uint8Array, isLast: boolean) => Promise<StartedCall>;
  #nextTicket = 0;
  #stream: MessageStream | undefined;
  #schema: Uint8Array | undefined;
  /** True until the schema of the current endpoint has arrived. */
  #awaitsSchema = true;
  #skippedBytes = 0;

  /**
   * @param start Starts the call for an endpoint. Called after all messages of the previous endpoint have been read.
   */
  constructor(tickets: readonly Uint8Array[], start: (ticket: Uint8Array, isLast: boolean) => Promise<StartedCall>) {
    this.#tickets = tickets;
    this.#start = start;
  }

  /**
   * The next message; undefined after the last endpoint.
   *
   * @throws {ProxyError} 'result_malformed', 'result_schema_changed', and the errors of `start`.
   * @throws {CallError}
   */
  async next(): Promise<FlightMessage | undefined> {
    for (;;) {
      const received = await (this.#stream?.next() ?? this.#startNext());
      if (received !== undefined) {
        const message = this.#accept(received);
        if (message !== undefined) {
          return message;
        }
      } else if (!this.#endPart()) {
        return undefined;
      }
    }
  }

  async #startNext(): Promise<Uint8Array | undefined> {
    const { stream, first } = await this.#start(
      this.#tickets[this.#nextTicket],
      this.#nextTicket === this.#tickets.length - 1
    );
    this.#stream = stream;
    this.#nextTicket++;
    this.#awaitsSchema = true;
    return first;
  }

  /** @returns Undefined for a message that is dropped: it has no Arrow data, or it repeats the schema. */
  #accept(received: Uint8Array): FlightMessage | undefined {
    const message = parseFlightData(received);
    if (message === undefined) {
      this.#skipped(received.length);
      return undefined;
    }
    if (!this.#awaitsSchema) {
      return message;
    }
    this.#awaitsSchema = false;
    if (this.#schema === undefined) {
      this.#schema = message.header;
      return message;
    }
    if (Buffer.compare(this.#schema, message.header) !== 0) {
      throw new ProxyError('result_schema_changed', { detail: 'The endpoints of the result have different columns.' });
    }
    return undefined;
  }

  #skipped(bytes: number): void {
    this.#skippedBytes += bytes + SKIPPED_MESSAGE_BYTES;
    if (this.#skippedBytes > MAX_SKIPPED_BYTES) {
      throw new ProxyError('result_malformed', {
        detail: 'The server sends too many messages without Arrow data.',
      });
    }
  }

  /** @returns False after the last endpoint. */
  #endPart(): boolean {
    if (this.#awaitsSchema) {
      throw new ProxyError('result_malformed', { detail: 'An endpoint of the result has no schema.' });
    }
    this.#stream = undefined;
    return this.#nextTicket < this.#tickets.length;
  }
}
