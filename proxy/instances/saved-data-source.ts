/** A data source as Grafana sends it with each request, and the version of its settings. */
import { createHash } from 'node:crypto';

/** Saved values that are not validated yet. */
export interface SavedDataSource {
  uid: string;
  orgId: number;
  /** Address of the Grafana that asks: several may share one proxy, with the same uid for different settings. */
  grafanaUrl?: string;
  name: string;
  /** Text of a JSON object; may be empty. */
  jsonData: Uint8Array;
  /** Secrets in clear text. Never log the object. */
  decryptedSecureJsonData: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 of the last change: together with uid, orgId and grafanaUrl the key of an instance. */
  lastUpdatedMs: number;
  /** Grafana's own configuration as the request brings it: its secure SOCKS proxy is in there, with the key to it. */
  grafanaConfig?: Readonly<Record<string, string>>;
}

/** Prefix of the keys of Grafana's section `[secure_socks_datasource_proxy]`: the only keys of `grafanaConfig` that are read. */
export const SOCKS_KEY_PREFIX = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';

function sorted(values: Readonly<Record<string, string>>): Array<[key: string, value: string]> {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * A hash that differs when any setting differs. The time of the last change is not enough: provisioning may change settings
 * and keep it.
 */
export function versionOf(saved: SavedDataSource): string {
  const secrets = sorted(saved.decryptedSecureJsonData);
  const grafana = sorted(saved.grafanaConfig ?? {}).filter(([key]) => key.startsWith(SOCKS_KEY_PREFIX));
  return createHash('sha256')
    .update(JSON.stringify([saved.lastUpdatedMs, saved.name, secrets, grafana]))
    .update(saved.jsonData)
    .digest('base64');
}
