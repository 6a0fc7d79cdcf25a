/**
 * Changes of the settings that touch more than one field. Grafana's helpers change one field per call, and two calls in
 * a row start from the same old object: the second would undo the first.
 */
import { type MicromegasSecrets, type StoredSecrets } from '../../contract/settings';
import { type MicromegasOptions, type SettingsProps } from '../types';

type Options = SettingsProps['options'];

/** Secrets that are stored or typed and not yet saved. */
export function presentSecrets({ secureJsonData, secureJsonFields }: Options): StoredSecrets {
  const names = [...Object.keys(secureJsonFields ?? {}), ...Object.keys(secureJsonData ?? {})];
  return Object.fromEntries(
    names.map((name) => [name, Boolean(secureJsonFields?.[name]) || Boolean(Reflect.get(secureJsonData ?? {}, name))])
  );
}

/** The options with some settings changed. One that becomes undefined is left out, as if it had never been set. */
export function withSettings(options: Options, changes: Partial<MicromegasOptions>): Options {
  const jsonData: MicromegasOptions = { ...options.jsonData, ...changes };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) {
      Reflect.deleteProperty(jsonData, name);
    }
  }
  return { ...options, jsonData };
}

/** The options with a secret typed anew. An empty one removes what is stored. */
export function withSecret(options: Options, name: keyof MicromegasSecrets, value: string): Options {
  return {
    ...options,
    secureJsonData: { ...options.secureJsonData, [name]: value },
    secureJsonFields: { ...options.secureJsonFields, [name]: false },
  };
}

/** The settings with an API key in the encrypted store, and without the readable one of very old saves. */
export function withApiKey(options: Options, token: string): Options {
  return withSettings(withSecret(options, 'token', token), { token: undefined });
}

/** Header entries of the saved list, one pair each. An empty pair is a row that was added and not yet filled in. */
export function metadataPairs(metadata: Options['jsonData']['metadata']): Array<[string, string]> {
  return Array.isArray(metadata)
    ? metadata.flatMap((entry) =>
        Object.entries(entry ?? {}).map(([key, value]): [string, string] => [key, String(value)])
      )
    : [];
}

/** The pairs in the form in which they are saved: one object each, so that a name may occur twice. */
export function savedMetadata(pairs: Array<[string, string]>): Array<Record<string, string>> {
  return pairs.map(([key, value]) => ({ [key]: value }));
}

/** Host part of `host:port`, with an IPv6 address still in brackets. */
export function hostnameOf(host: string | undefined): string {
  return (host ?? '').trim().replace(/:\d*$/, '');
}
