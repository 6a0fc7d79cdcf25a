/**
 * A field whose text is not what is saved, such as a domain for which an issuer is saved. While one types, the text stays
 * as it was typed; when the settings change from elsewhere, it follows them.
 */
import { useState } from 'react';

/** @param fromSaved Text of the field for a saved value. @returns The text now, and what to call when it is typed. */
export function useTypedText<Text>(
  saved: string | undefined,
  fromSaved: (saved: string) => Text
): [text: Text, remember: (text: Text, saved: string) => void] {
  const [typed, setTyped] = useState<{ text: Text; saved: string }>();
  const current = saved ?? '';
  return [
    typed !== undefined && typed.saved === current ? typed.text : fromSaved(current),
    (text, becomes) => setTyped({ text, saved: becomes }),
  ];
}
