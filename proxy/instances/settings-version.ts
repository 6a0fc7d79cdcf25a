/** Tells one version of a data source's settings from another. Holds secrets as a hash only. */
import { createHash } from 'node:crypto';
import { type SavedDataSource } from './saved-data-source';
import { SOCKS_KEY_PREFIX } from './read-socks-proxy';

type Entries = Array<[key: string, value: string]>;

function sorted(values: Readonly<Record<string, string>>): Entries {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Differs whenever settings differ: provisioning may change them and keep the time of the last change. Of Grafana's own
 * configuration only the keys count that the settings are read with.
 */
export function versionOf(saved: SavedDataSource): string {
  const secrets = sorted(saved.decryptedSecureJsonData);
  const grafana = sorted(saved.grafanaConfig ?? {}).filter(([key]) => key.startsWith(SOCKS_KEY_PREFIX));
  return createHash('sha256')
    .update(JSON.stringify([saved.lastUpdatedMs, saved.name, secrets, grafana]))
    .update(saved.jsonData)
    .digest('base64');
}
