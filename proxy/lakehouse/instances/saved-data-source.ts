/** A data source as Grafana sends it with each request, and the version of its settings. */
import { digestOf } from '../../base/digest';

/** Saved values that are not validated yet. */
export interface SavedDataSource {
  uid: string;
  orgId: number;
  /** URL of the Grafana server. Several servers may share one backend, and use the same uid for different settings. */
  grafanaUrl?: string;
  name: string;
  /** A JSON object in UTF-8. May be empty. */
  jsonData: Uint8Array;
  /** Secrets in plaintext. Never log the object. */
  decryptedSecureJsonData: Readonly<Record<string, string>>;
  /** Time of the last change, in milliseconds since 1970. */
  lastUpdatedMs: number;
  /** Grafana's configuration in the request. May contain the private key of the secure SOCKS proxy. */
  grafanaConfig?: Readonly<Record<string, string>>;
}

/** The key of a data source: different for each data source and Grafana server, the same for all of its versions. */
export function keyOf({ grafanaUrl, orgId, uid }: SavedDataSource): string {
  return JSON.stringify([grafanaUrl, orgId, uid]);
}

/**
 * Prefix of the keys of Grafana's section `[secure_socks_datasource_proxy]`. Of `grafanaConfig`, only these keys change
 * the connections of a data source.
 */
export const SOCKS_KEY_PREFIX = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';

function sorted(values: Readonly<Record<string, string>>): Array<[key: string, value: string]> {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * A hash of the saved settings, their secrets, and the configuration of Grafana's SOCKS proxy. The time of the last
 * change is not enough, because provisioning may change settings without changing the time.
 */
export function versionOf(saved: SavedDataSource): string {
  const secrets = sorted(saved.decryptedSecureJsonData);
  const grafana = sorted(saved.grafanaConfig ?? {}).filter(([key]) => key.startsWith(SOCKS_KEY_PREFIX));
  const others = JSON.stringify([saved.lastUpdatedMs, saved.name, secrets, grafana]);
  return digestOf(Buffer.concat([Buffer.from(others), saved.jsonData]));
}
