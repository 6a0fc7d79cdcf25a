/** A list of typed strings: Grafana's TagsInput, for strings that are longer than usual tags. */
import { TagsInput } from '@grafana/ui';
import React from 'react';

/** Maximum number of characters of a string in the TagsInput of Grafana 12. The input does not add longer strings. */
export const MAX_TAG_CHARACTERS = 50;
/**
 * The TagsInput of Grafana 13 has a property for the maximum number of characters. The default is 50, and the input
 * drops the rest of a longer string.
 */
const LONG_STRINGS = { maxLength: 1000 };

/** True if Grafana 12 would not add the string. The input of Grafana 12 has no attribute for the maximum length. */
function isTooLongFor(input: HTMLInputElement): boolean {
  return !input.hasAttribute('maxlength') && input.value.length > MAX_TAG_CHARACTERS;
}

interface Props {
  id: string;
  strings: readonly string[];
  placeholder: string;
  /** In units of 8 pixels. Default: the width of the parent. */
  width?: number;
  /** Called after Enter, when the focus leaves the input, and when a string is removed. */
  onChange: (strings: string[]) => void;
  /** Called at each key press. True if this version of Grafana does not add the typed string. */
  onTooLong: (isTooLong: boolean) => void;
}

/** When the focus leaves the input, the typed string is added. The caller shows why a string is too long. */
export function StringsInput({ strings, onTooLong, ...props }: Props) {
  return (
    <div onInput={({ target }) => onTooLong(target instanceof HTMLInputElement && isTooLongFor(target))}>
      <TagsInput {...props} {...LONG_STRINGS} addOnBlur autoColors={false} tags={[...strings]} />
    </div>
  );
}
