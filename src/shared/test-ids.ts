/**
 * The `data-testid` attributes of the plugin. Tests prefer roles and labels. A test id marks an element without role
 * and label, or an element that has its state in an attribute (`data-status`).
 */
export const TEST_IDS = {
  /** The frame around Monaco. */
  sqlEditor: 'micromegas-sql-editor',
  /** The result of Save & test on the settings page. */
  check: 'connection check',
  /** Title and message of the result. */
  checkSummary: 'check summary',
  /** A stage of Save & test. */
  checkStage: (name: string) => `stage ${name}`,
  /** A rule for the access token. */
  tokenRule: (name: string) => `rule ${name}`,
  /** The suggested value of MICROMEGAS_OIDC_CONFIG. */
  serverConfig: 'server configuration',
  /** Whether the server's audit record of the check was found. */
  auditRecord: 'audit record',
  /** Whether the diagnostics file was downloaded. */
  diagnostics: 'diagnostics',
  /** The progress and the result of a download of a Perfetto trace. */
  perfetto: 'perfetto trace',
  /** A query in the inspector of a panel. */
  inspectedQuery: 'inspected query',
  fromMemory: 'from memory',
} as const;
