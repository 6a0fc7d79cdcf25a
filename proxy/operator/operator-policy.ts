/**
 * What the operator of the Grafana server allows data sources, set in Grafana's ini section
 * `[plugin.micromegas-micromegas-datasource]`, which reaches the process as `GF_PLUGIN_…` variables.
 */

export interface OperatorPolicy {
  /** True when data sources may connect to this host. `allowed_hosts`; none set: any. */
  allowsHost(host: string, port: number): boolean;
  /**
   * Text of a file with a secret. `allowed_file_folders`; none set: no file. Needs `allowed_hosts` as well.
   *
   * @throws {ProxyError} `file_not_allowed`, `file_hosts_unrestricted`, `file_unreadable`.
   */
  readFile(path: string): Promise<string>;
  /** True when a token or key may not travel in plaintext to another machine. `refuse_plaintext_tokens`. */
  readonly refusesPlaintextTokens: boolean;
}
