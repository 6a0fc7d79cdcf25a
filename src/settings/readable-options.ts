/** Settings of other types than those that the page shows, which provisioning files and API clients save. */
import { readValues, unknownSwitches } from '../../contract/settings/saved-values';
import { type SettingsProps } from '../shared/types';

type Options = SettingsProps['options'];

/**
 * The options with each setting in the type that the page shows, converted as the backend does. Settings of this type
 * stay as they are, also those with blanks, so that the user can type blanks. Switches that mean neither on nor off
 * stay until the user changes them. Otherwise an edit of another field would save the switch of TLS as off.
 *
 * @returns `options` itself if no setting has another type.
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

/** True if the value replaces the saved one. An amount that is no number stays, because the page describes it. */
function isReadable(value: unknown, saved: unknown): boolean {
  return typeof value !== typeof saved && !Number.isNaN(value);
}
