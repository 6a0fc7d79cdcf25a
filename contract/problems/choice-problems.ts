/** Warnings about settings whose saved value is not in the list of valid values. */
import { message, type Message } from '../messages/message';
import { CHOICES, type ChoiceName, choiceOf, type ChoiceValue } from '../settings/choices';
import { savedWord } from '../settings/saved-word';

/** Maximum length of an unknown value in a warning, in characters. */
const MAX_VALUE = 40;

function shortened(value: string): string {
  // `value` may be very long, so only its start is split into characters. A character has at most two UTF-16 units.
  const characters = Array.from(value.slice(0, 2 * MAX_VALUE + 2).replace(/\s+/g, ' '));
  return characters.length > MAX_VALUE ? `${characters.slice(0, MAX_VALUE).join('')}…` : characters.join('');
}

/**
 * The warning about an unknown value. Undefined if the value is valid or missing.
 *
 * @param used The value that the data source uses instead.
 */
export function choiceWarning(name: ChoiceName, saved: unknown, used: string): Message | undefined {
  const word = savedWord(saved);
  if (word === '' || choiceOf(name, saved) !== undefined) {
    return undefined;
  }
  // Micromegas has no sign-in with a password, so the warning does not suggest this value.
  const known = CHOICES[name].filter((value) => value !== 'username/password');
  return message('choice-unknown', { value: shortened(word), used, setting: name, known });
}

/**
 * The saved value if it is valid. For a missing value, the fallback. For an unknown value, the fallback and a warning.
 */
export function readChoice<Name extends ChoiceName>(
  name: Name,
  saved: unknown,
  fallback: ChoiceValue<Name>
): { value: ChoiceValue<Name>; warning: Message | undefined } {
  const value = choiceOf(name, saved) ?? fallback;
  return { value, warning: choiceWarning(name, saved, value) };
}
