/** Grafana's requests and responses as plain values. `grafana/` converts them from and to protobuf. */
import { type HealthDetails } from '../../contract/resources/health';
import { type SavedDataSource } from '../lakehouse/instances/saved-data-source';
import { type TraceContext } from '../observe/telemetry/trace-context';

/**
 * The user of a request. Grafana leaves fields empty for anonymous visitors, and uses logins of technical users for
 * alert rules and public dashboards (see caller.ts).
 */
export interface GrafanaUser {
  login: string;
  name: string;
  email: string;
  /** `Viewer`, `Editor`, `Admin` or `None`. Technical users have `Admin`, so never grant rights by the role alone. */
  role: string;
}

/** The context that Grafana sends with each call: the user, and the saved data source with its secrets. */
export interface PluginContext {
  orgId: number;
  pluginId: string;
  /** Tenant of Grafana's API server; empty in older releases. */
  namespace: string;
  /** Undefined for some internal calls of Grafana. */
  user: GrafanaUser | undefined;
  /** Undefined for calls without a data source. */
  dataSource: SavedDataSource | undefined;
  /** Grafana's configuration for plugins, such as `GF_SQL_ROW_LIMIT`. */
  grafanaConfig: Readonly<Record<string, string>>;
}

/** Header names in lower case, without the prefix `http_` that Grafana adds in queries and health checks. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** One query of a request. Its fields are not validated. */
export interface DataQuery {
  refId: string;
  /** Maximum number of points for each series of the panel. Grafana's default: the width of the panel in pixels. */
  maxDataPoints: number;
  /** Interval of the panel in milliseconds. With this interval, a series has about `maxDataPoints` points. */
  intervalMs: number;
  /** Milliseconds since 1970. */
  timeRange: { fromMs: number; toMs: number };
  /** The saved query model as JSON. */
  json: Uint8Array;
}

/** How frames are encoded. All releases of Grafana read Arrow; newer releases may request JSON. */
export type FrameEncoding = 'arrow' | 'json';

/** Queries that Grafana sends together. All of them are for the same data source. */
export interface QueryDataRequest {
  context: PluginContext;
  headers: RequestHeaders;
  queries: readonly DataQuery[];
  /** The encoding that Grafana requests. */
  encoding: FrameEncoding;
  /** The trace of the request, which is also sent to Micromegas. */
  trace?: TraceContext;
}

/** One Arrow IPC file or JSON frame, in pieces. Large responses are not copied into one buffer. */
export type FrameBytes = readonly Uint8Array[];

/** The result of one query. */
export interface DataResponse {
  frames: readonly FrameBytes[];
  /** Encoding of the frames. Default: Arrow. */
  encoding?: FrameEncoding;
  /** Set if the query failed. A frame may still show the executed SQL in the query inspector. */
  error?: string;
  errorSource?: 'plugin' | 'downstream';
  /** An HTTP status. Grafana shows 0 as 500. */
  status: number;
}

/** All responses of a request. */
export interface QueryDataResult {
  /** The responses by refId, one per query. */
  responses: ReadonlyMap<string, DataResponse>;
  /** Aborts at the deadline of the queries, see `OutgoingMessage`. Undefined if no query ran. */
  deadline?: AbortSignal;
  /**
   * Frees the memory of the responses, and ends their queries. Call this when the responses have been sent, or when the
   * caller has left.
   */
  done(): void;
}

/** A part of a response. Parts with the same refId and frameId are rows of one frame, in order. */
export interface DataChunk extends Omit<DataResponse, 'frames'> {
  refId: string;
  frameId: string;
  /** Empty if a failed query has no frame. With JSON, only the first part has the schema. */
  frame: FrameBytes;
  /** Aborts at the deadline of the queries, see `OutgoingMessage`. Undefined if no query ran. */
  deadline?: AbortSignal;
}

/** A health check, requested by Save & test or by Grafana's API. */
export interface CheckHealthRequest {
  context: PluginContext;
  headers: RequestHeaders;
  trace?: TraceContext;
}

/** The result of Save & test. `message` is plain text. */
export interface CheckHealthResult {
  status: 'ok' | 'error';
  message: string;
  details: HealthDetails;
}

/** A call of the resource API. Path, headers and body come from the caller and are not checked. */
export interface ResourceRequest {
  context: PluginContext;
  /** Without a leading slash or query string. */
  path: string;
  method: string;
  /** Path with query string. */
  url: string;
  headers: RequestHeaders;
  body: Uint8Array;
  trace?: TraceContext;
}

/** A JSON response of the resource API. */
export interface JsonResponse {
  /** HTTP status. */
  status: number;
  /** The body, which is serialized as JSON. */
  body: unknown;
}

/** A file response, which is sent while the file is read. */
export interface FileResponse {
  /** HTTP status. */
  status: number;
  /** At least `Content-Type`. The values are printable ASCII. */
  headers: Readonly<Record<string, string>>;
  /**
   * Time in milliseconds that the caller has to receive each part. After this time, the call fails with
   * 'file_not_read'.
   */
  partMs: number;
  /**
   * The parts of the file, at least one. Each part is sent completely before the next part is pulled. If the iteration
   * throws, the call ends with a gRPC status after the parts that were sent. Iterate to the end, or call `return` of
   * the iterator, to free the memory of the file and to cancel the query of the file.
   */
  parts: AsyncGenerator<Uint8Array>;
}

export type ResourceResponse = JsonResponse | FileResponse;

/** True for a file response, which is sent in parts. */
export function isFile(response: ResourceResponse): response is FileResponse {
  return 'parts' in response;
}

/** The handlers of Grafana's requests. A handler with a signal ends early when the signal aborts. */
export interface Handlers {
  /** Never rejects: a failed query is a DataResponse with an error. */
  queryData(request: QueryDataRequest, signal: AbortSignal): Promise<QueryDataResult>;
  /**
   * Yields the response in parts. Each part is sent before more data is received. Never rejects: a failed query has a
   * part with its error.
   */
  queryChunkedData(request: QueryDataRequest, signal: AbortSignal): AsyncIterable<DataChunk>;
  checkHealth(request: CheckHealthRequest, signal: AbortSignal): Promise<CheckHealthResult>;
  callResource(request: ResourceRequest, signal: AbortSignal): Promise<ResourceResponse>;
  /** Prometheus text exposition. */
  collectMetrics(): Promise<string>;
}
