/** A data source as Grafana hands it over with each request: saved values, not yet validated. */
export interface SavedDataSource {
  uid: string;
  orgId: number;
  name: string;
  /** Text of a JSON object; may be empty. */
  jsonData: Uint8Array;
  /** Secrets in clear text. Never log the object. */
  decryptedSecureJsonData: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 of the last change: together with uid and orgId the key of an instance. */
  lastUpdatedMs: number;
}
