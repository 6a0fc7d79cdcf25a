/**
 * Lists whose entries are saved under numbered keys, as Grafana saves HTTP headers. The name of an entry is in the
 * settings. Its value is in the settings or in the secrets.
 *
 * If an entry is removed, the other entries keep their numbers, which leaves a gap. The page cannot read a stored
 * secret, so it cannot move a stored secret to another number.
 */
import { type MicromegasSecrets } from '../../../contract/settings/settings';
import { type SettingsProps } from '../../shared/types';
import { withSecret, withSettings } from '../update-settings';

type Options = SettingsProps['options'];

interface NumberedKeys {
  /** The number in the key of a name or value, or undefined for other keys. */
  numberIn(key: string): number | undefined;
  name(number: number): `oauthParameterName${number}` | `secureMetadataName${number}`;
  /** Key of the value in the settings, or undefined if values are always secret. */
  value(number: number): `oauthParameterValue${number}` | undefined;
  secret(number: number): keyof MicromegasSecrets & (`oauthParameterValue${number}` | `secureMetadataValue${number}`);
}

/** Additional parameters of the token request. Each value is in the settings or in the secrets. */
export const TOKEN_PARAMETERS: NumberedKeys = {
  numberIn: (key) => numberAfter(key, /^oauthParameter(?:Name|Value)(\d+)$/),
  name: (number) => `oauthParameterName${number}`,
  value: (number) => `oauthParameterValue${number}`,
  secret: (number) => `oauthParameterValue${number}`,
};

/** Secret headers. Their values are always in the secrets. */
export const SECURE_METADATA: NumberedKeys = {
  numberIn: (key) => numberAfter(key, /^secureMetadata(?:Name|Value)(\d+)$/),
  name: (number) => `secureMetadataName${number}`,
  value: () => undefined,
  secret: (number) => `secureMetadataValue${number}`,
};

function numberAfter(key: string, pattern: RegExp): number | undefined {
  const [, digits] = pattern.exec(key) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** One entry of a list, from the settings and the secrets. */
export interface NumberedEntry {
  /** The number in the keys of the entry, usually from 1. Numbers may have gaps. */
  number: number;
  name: string;
  /** The readable value, or the typed secret. Empty if a secret is stored. */
  value: string;
  /** True if the value is, or will be, in the secrets. */
  isSecret: boolean;
  /** True if a secret is stored, which the page cannot read. */
  isStored: boolean;
}

function numbersIn(keys: NumberedKeys, record: object | undefined): number[] {
  return Object.keys(record ?? {}).flatMap((key) => keys.numberIn(key) ?? []);
}

/** The entries of a list, ordered by number. An entry may have an empty name. */
export function numberedEntries(options: Options, keys: NumberedKeys): NumberedEntry[] {
  const { jsonData, secureJsonData, secureJsonFields } = options;
  const numbers = new Set<number>(numbersIn(keys, jsonData));
  return [...numbers]
    .sort((a, b) => a - b)
    .map((number) => {
      const valueKey = keys.value(number);
      const readable = valueKey && jsonData[valueKey];
      const secretKey = keys.secret(number);
      const isSecret = readable === undefined;
      return {
        number,
        name: String(jsonData[keys.name(number)] ?? ''),
        value: String((isSecret ? secureJsonData?.[secretKey] : readable) ?? ''),
        isSecret,
        isStored: isSecret && Boolean(secureJsonFields?.[secretKey]),
      };
    });
}

/** A number above all numbers in use. A stored secret uses its number even after its entry was removed. */
function freeNumber({ jsonData, secureJsonData, secureJsonFields }: Options, keys: NumberedKeys): number {
  const taken = [jsonData, secureJsonData, secureJsonFields].flatMap((record) => numbersIn(keys, record));
  return Math.max(0, ...taken) + 1;
}

/** The settings with a new entry. Its value is secret if `secret` is given, or if the list has secret values only. */
export function withNewEntry(options: Options, keys: NumberedKeys, name = '', secret?: string): Options {
  const number = freeNumber(options, keys);
  const valueKey = keys.value(number);
  const named = withSettings(options, {
    [keys.name(number)]: name,
    ...(valueKey !== undefined && secret === undefined && { [valueKey]: '' }),
  });
  return secret === undefined ? named : withSecret(named, keys.secret(number), secret);
}

/** The settings with a new name for an entry. The value of the entry is kept. */
export function withEntryName(options: Options, keys: NumberedKeys, { number }: NumberedEntry, name: string): Options {
  return withSettings(options, { [keys.name(number)]: name });
}

/** The settings with a new value for an entry. An empty value replaces a stored secret, too. */
export function withEntryValue(options: Options, keys: NumberedKeys, entry: NumberedEntry, value: string): Options {
  const valueKey = keys.value(entry.number);
  return entry.isSecret || valueKey === undefined
    ? withSecret(options, keys.secret(entry.number), value)
    : withSettings(options, { [valueKey]: value });
}

/**
 * Moves a value between settings and secrets. A stored secret is lost. No effect on lists whose values are always
 * secret.
 */
export function withEntrySecrecy(
  options: Options,
  keys: NumberedKeys,
  entry: NumberedEntry,
  isSecret: boolean
): Options {
  const valueKey = keys.value(entry.number);
  if (valueKey === undefined) {
    return options;
  }
  const moved = withSettings(options, { [valueKey]: isSecret ? undefined : entry.value });
  return withSecret(moved, keys.secret(entry.number), isSecret ? entry.value : '');
}

/** The settings without an entry. The other entries keep their numbers, and so their secrets. */
export function withoutEntry(options: Options, keys: NumberedKeys, { number }: NumberedEntry): Options {
  const valueKey = keys.value(number);
  const removed = withSettings(options, {
    [keys.name(number)]: undefined,
    ...(valueKey !== undefined && { [valueKey]: undefined }),
  });
  const secretKey = keys.secret(number);
  const hasSecret = options.secureJsonFields?.[secretKey] || options.secureJsonData?.[secretKey] !== undefined;
  return hasSecret ? withSecret(removed, secretKey, '') : removed;
}
