/**
 * Reads and changes the settings and secrets of the page, several in one call. Grafana's helpers change one setting of
 * the options that were last rendered. So if they are called twice in a row, the second call undoes the first.
 */
import { type MicromegasSecrets, type StoredSecrets } from '../../contract/settings/settings';
import { type MicromegasOptions, type SettingsProps } from '../shared/types';

type Options = SettingsProps['options'];

/** Which secrets are stored, or typed and not saved yet. */
export function presentSecrets({ secureJsonData, secureJsonFields }: Options): StoredSecrets {
  const names = [...Object.keys(secureJsonFields ?? {}), ...Object.keys(secureJsonData ?? {})];
  return Object.fromEntries(
    names.map((name) => [name, Boolean(secureJsonFields?.[name]) || Boolean(Reflect.get(secureJsonData ?? {}, name))])
  );
}

/** The options with changed settings. A setting whose new value is undefined is deleted. */
export function withSettings(options: Options, changes: Partial<MicromegasOptions>): Options {
  const jsonData: MicromegasOptions = { ...options.jsonData, ...changes };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) {
      Reflect.deleteProperty(jsonData, name);
    }
  }
  return { ...options, jsonData };
}

/** The options with a new secret, which replaces a stored one. An empty secret counts as not set. */
export function withSecret(options: Options, name: keyof MicromegasSecrets, value: string): Options {
  return {
    ...options,
    secureJsonData: { ...options.secureJsonData, [name]: value },
    secureJsonFields: { ...options.secureJsonFields, [name]: false },
  };
}

/** The options with the API key as a secret, and without the plaintext key that very old versions saved. */
export function withApiKey(options: Options, token: string): Options {
  return withSettings(withSecret(options, 'token', token), { token: undefined });
}

/**
 * The entries of the saved list, or of one saved object, as pairs. An empty pair is a new row that is not filled in
 * yet.
 */
export function metadataPairs(metadata: unknown): Array<[key: string, value: string]> {
  const objects: unknown[] = Array.isArray(metadata) ? metadata : [metadata];
  return objects
    .flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.entries(entry) : []))
    .map(([key, value]): [string, string] => [key, String(value)]);
}

/** The pairs in the format in which they are saved: one object per pair, because a key may occur twice. */
export function savedMetadata(pairs: Array<[key: string, value: string]>): Array<Record<string, string>> {
  return pairs.map(([key, value]) => ({ [key]: value }));
}

/** Host part of `host:port`. An IPv6 address keeps its brackets. */
export function hostnameOf(host: string | undefined): string {
  return (host ?? '').trim().replace(/:\d*$/, '');
}
