/** Keeps the results of Save & test short. */
import { type Message, MESSAGES } from './message';

/**
 * The number of sentences in the templates of the messages. Each template counts as at least one sentence. Sentences in
 * values, such as the error message of a provider, are not counted.
 */
export function sentenceCount(messages: readonly Message[]): number {
  return messages
    .map(({ code }) => Math.max(1, MESSAGES[code].match(/[.!?](?=\s|$)/g)?.length ?? 0))
    .reduce((sum, count) => sum + count, 0);
}

/** Messages within a limit of sentences (`shown`), and the remaining messages (`more`). */
export interface ShortResult {
  readonly shown: readonly Message[];
  readonly more: readonly Message[];
}

/** Maximum number of sentences that a result of Save & test shows at first. */
export const MAX_SENTENCES = 4;

/**
 * Splits messages at a limit.
 *
 * @param limit Maximum number of sentences in `shown`. The first message that exceeds the limit, and all messages after
 * it, are in `more`.
 */
export function shortResult(messages: readonly Message[], limit: number): ShortResult {
  const end = messages.findIndex((_, index) => sentenceCount(messages.slice(0, index + 1)) > limit);
  return end === -1 ? { shown: messages, more: [] } : { shown: messages.slice(0, end), more: messages.slice(end) };
}
