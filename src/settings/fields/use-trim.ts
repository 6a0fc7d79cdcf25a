/** Removes the white space that a user pastes with a value. */
import { t } from '@grafana/i18n';
import { useState } from 'react';

/**
 * For fields whose values have no white space at their ends. The backend ignores such white space of saved values, too.
 *
 * @param onTrimmed Called with the value without this white space.
 * @returns A function for the event `blur`, and a notice while the field has the value that this function has made.
 */
export function useTrim(
  value: string,
  onTrimmed: (value: string) => void
): { notice: string | undefined; trim: () => void } {
  const [trimmed, setTrimmed] = useState<string>();
  const trim = () => {
    const shortened = value.trim();
    if (shortened !== value) {
      setTrimmed(shortened);
      onTrimmed(shortened);
    }
  };
  return {
    notice:
      trimmed === undefined || trimmed !== value
        ? undefined
        : t('config.trimmed', 'White space at the ends of the value was removed.'),
    trim,
  };
}
