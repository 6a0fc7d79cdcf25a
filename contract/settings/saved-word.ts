/**
 * Reads saved settings that are a word, such as `yes`. The frontend's `module.js` contains this file. If the functions
 * were in `saved-values.ts`, `module.js` would contain the names of all settings.
 */

/** The saved value as a trimmed string. Empty for a missing value, a list and an object. */
export function savedWord(saved: unknown): string {
  return typeof saved === 'string' || typeof saved === 'number' || typeof saved === 'boolean'
    ? String(saved).trim()
    : '';
}

/** The words for true and false in YAML 1.1, and the digits 1 and 0. Provisioning passes these words on as strings. */
const ON = ['true', 'yes', 'on', '1'];
const OFF = ['false', 'no', 'off', '0'];

/**
 * The saved value as a boolean. Undefined for a missing or blank value, and for a value that means neither on nor off.
 */
export function savedSwitch(value: unknown): boolean | undefined {
  const word = savedWord(value).toLowerCase();
  return ON.includes(word) ? true : OFF.includes(word) ? false : undefined;
}
