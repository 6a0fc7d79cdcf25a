/** A data source as Grafana hands it over with each request: saved values, not yet validated. */
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
