/** Keeps the results of Save & test short. */
import { type Message, MESSAGES } from './message';

/**
 * The number of sentences in the templates, at least one each. Values, such as the words of a provider, do not count.
 */
export function sentenceCount(messages: readonly Message[]): number {
  return messages
    .map(({ code }) => Math.max(1, MESSAGES[code].match(/[.!?](?=\s|$)/g)?.length ?? 0))
    .reduce((sum, count) => sum + count, 0);
}

/** A result in short, and what is shown on request. */
export interface ShortResult {
  readonly shown: readonly Message[];
  readonly more: readonly Message[];
}

/** Most sentences of a result in short. */
export const MAX_SENTENCES = 4;

/**
 * @param limit Most sentences that are shown. All messages after the first one that exceeds the limit are in `more`.
 */
export function inShort(messages: readonly Message[], limit: number): ShortResult {
  const end = messages.findIndex((_, index) => sentenceCount(messages.slice(0, index + 1)) > limit);
  return end === -1 ? { shown: messages, more: [] } : { shown: messages.slice(0, end), more: messages.slice(end) };
}
