/** Facts about a query that has ended. Contains no SQL, no values and no names of users. */
import { type ErrorCode } from '../../base/errors/catalogue';
import { type QueryStage } from './query-stages';

/** One query, whether it succeeded or failed. */
export interface QuerySummary {
  refId: string;
  /** The format or the type of the query, such as `table` or `profile`. `unknown` if the saved query cannot be read. */
  format: string;
  code: ErrorCode | 'ok';
  /** Milliseconds since 1970. */
  startedMs: number;
  /** Milliseconds until the result was complete, without the time for sending it or its parts. */
  durationMs: number;
  rows: number;
  /** Bytes of the frames. */
  bytes: number;
  /** Milliseconds in each stage that the query reached. Stages may overlap, see `QUERY_STAGES`. */
  stagesMs: Partial<Record<QueryStage, number>>;
  orgId: number;
  dataSourceUid?: string;
  /** The Micromegas server. Missing if the settings of the data source are invalid. */
  server?: { host: string; port: number };
  /** URL of the Grafana server. Several servers may share one backend. */
  grafanaUrl?: string;
  /** The origin of the query in the server's audit trail, for example `dashboard`. */
  entrypoint?: string;
  dashboardUid?: string;
  panelId?: string;
  /** 32 hexadecimal digits. Missing if tracing is off and Grafana sent no trace context. */
  traceId?: string;
  /** Set if no statement was sent for the query. */
  sharedFrom?: 'memory' | 'statement' | undefined;
  /**
   * Tells whether a query with time bins was refreshed in parts or over its whole range. Undefined for other queries.
   */
  refreshed?: 'parts' | 'whole' | undefined;
  /** The server's ID of a failed query. */
  queryId?: string;
}

/** Is called for each query. Must not throw. */
export interface QueryObserver {
  /** Each call is followed by one call of `queryEnded`. */
  queryStarted?(): void;
  /** Is called when the result has been sent, or when the caller has left. */
  queryEnded(summary: QuerySummary): void;
}
