/** Converts settings of wrong types, which provisioning files and API clients may have saved. */
import { readValues, unknownSwitches } from '../../contract/settings/saved-values';
import { type SettingsProps } from '../shared/types';

type Options = SettingsProps['options'];

/**
 * The options with each setting converted to the type that the page shows. The backend converts settings in the same
 * way. A setting that already has this type stays unchanged, even untrimmed, because the user may be typing. A switch
 * whose saved value is neither on nor off keeps this value until the user changes it. If the value were converted to
 * off, an edit of another field could turn off TLS.
 *
 * @returns `options` itself if all settings have these types.
 */
export function readableOptions(options: Options): Options {
  const saved: object = options.jsonData;
  const kept: readonly string[] = ['metadata', ...unknownSwitches(saved)];
  const converted = Object.entries(readValues(saved)).filter(
    ([name, value]) => !kept.includes(name) && name in saved && isReadable(value, Reflect.get(saved, name))
  );
  return converted.length === 0
    ? options
    : { ...options, jsonData: { ...options.jsonData, ...Object.fromEntries(converted) } };
}

/** True if the value replaces the saved one. Text in place of a number stays, so that the page can report it. */
function isReadable(value: unknown, saved: unknown): boolean {
  return typeof value !== typeof saved && !Number.isNaN(value);
}
