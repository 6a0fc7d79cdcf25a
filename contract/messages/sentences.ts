/** Counts sentences, to keep the results of Save & test short. */
import { type Message, MESSAGES } from './message';

/** The number of sentences in the templates, at least one each. Values, such as the words of a provider, do not count. */
export function sentenceCount(messages: readonly Message[]): number {
  return messages
    .map(({ code }) => Math.max(1, MESSAGES[code].match(/[.!?](?=\s|$)/g)?.length ?? 0))
    .reduce((sum, count) => sum + count, 0);
}
