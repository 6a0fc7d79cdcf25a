/**
 * The diagnostics file of a data source, for a bug report. The file describes one data source, and contains no
 * secrets, no SQL, no results and no names of users. docs/operator/observability.md explains the fields.
 *
 * A new field does not change `formatVersion`. If a field is removed or gets a new meaning, `formatVersion` changes.
 */
import { type HealthStageName, type TokenRule } from './health';

export const DIAGNOSTICS_VERSION = 1;

/** Maximum number of requests in the file. */
export const MAX_DIAGNOSTIC_REQUESTS = 200;

/** The response of the route `diagnostics`. */
export interface DiagnosticsFile {
  format: 'micromegas-diagnostics';
  formatVersion: typeof DIAGNOSTICS_VERSION;
  /** All times are in ISO 8601, in UTC. */
  createdAt: string;
  plugin: {
    version: string;
  };
  dataSource: {
    uid: string;
    orgId: number;
    lastChangedAt: string;
    settings: DiagnosticSettings;
    /** The last run of Save & test since the process started. */
    lastCheck?: DiagnosticCheck;
    /** The last requests since the process started, the oldest first. */
    requests: DiagnosticRequest[];
  };
}

/** The settings of the data source, without secrets, account names and values of headers. */
export interface DiagnosticSettings {
  /**
   * `none`, `token`, `oauth2`, `username/password`: the method by which the data source signs in. It may differ from
   * the saved method.
   */
  signIn?: string;
  /**
   * The identity provider of the issuer or, if the issuer is unknown, the saved provider. Missing if the data source
   * does not use OAuth.
   */
  provider?: string;
  /** Saved values. Addresses have no user, password, query string or fragment. */
  values: Record<string, string | number | boolean>;
  /** Names of settings whose values are not shown. */
  hidden: string[];
  /** Names of the stored secrets. */
  secrets: string[];
  /**
   * Names of metadata headers and of token request parameters. Their values may be secret, so they are not shown.
   */
  headers: string[];
  secretHeaders: string[];
  parameters: string[];
  /** Problems that make the backend reject the settings. */
  problems: DiagnosticProblem[];
}

/** A problem of a saved setting. The values of its message are left out, because they may name hosts or accounts. */
export interface DiagnosticProblem {
  /** Code of a message in contract/messages, or of docs/errors.md. */
  code: string;
  /** Name of the setting. */
  field?: string;
}

/** A run of Save & test. */
export interface DiagnosticCheck {
  checkedAt: string;
  status: 'ok' | 'error';
  /** Code of docs/errors.md, if the check failed. */
  code?: string;
  stages: Array<{
    name: HealthStageName;
    status: 'ok' | 'warning' | 'failed';
    tookMs: number;
    /** Codes of messages in contract/messages, without the values of the messages, which may name users. */
    messages: string[];
  }>;
  tokenRules: Array<Pick<TokenRule, 'name' | 'status'>>;
}

/** One query of a request of Grafana. */
export interface DiagnosticRequest {
  startedAt: string;
  refId: string;
  format: string;
  /** `ok` or a code of docs/errors.md. */
  code: string;
  durationMs: number;
  /**
   * Milliseconds in each stage that the query reached: `queue`, `token`, `memory`, `first_batch`, `receive`, `convert`,
   * `send`.
   */
  stagesMs: Record<string, number>;
  rows: number;
  /** Bytes of the frames. */
  bytes: number;
  /** For example `dashboard`, `explore`, `alerting`. */
  entrypoint?: string;
  dashboardUid?: string;
  panelId?: string;
  traceId?: string;
  /** The server's id of a failed query. */
  queryId?: string;
}
