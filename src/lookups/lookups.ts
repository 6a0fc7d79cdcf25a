/**
 * Lookups of one data source, for completion, the builder and the ad hoc filters. All editors of a page share them, so equal
 * requests share one answer.
 */
import { type LookupAnswers, type LookupRequest } from '../../contract/lookups';

/** Sends a lookup to the proxy. */
export type SendLookup = (request: LookupRequest) => Promise<unknown>;

type AnswerOf<R extends LookupRequest> = LookupAnswers[R['kind']];

export class Lookups {
  readonly #send: SendLookup;

  constructor(send: SendLookup) {
    this.#send = send;
  }

  /** Rejects if the proxy reports an error. */
  async get<R extends LookupRequest>(request: R): Promise<AnswerOf<R>> {
    return (await this.#send(request)) as AnswerOf<R>;
  }
}
