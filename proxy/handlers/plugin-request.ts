/**
 * The requests that Grafana sends to a data source, as plain values: `plugin-protocol/` turns protobuf into these and
 * back, the handlers know nothing of the wire.
 */
import { type HealthDetails } from '../../contract/health';
import { type SavedDataSource } from '../instances/saved-data-source';

/** Who asks. Grafana leaves fields empty for anonymous users and invents logins for its own background work. */
export interface GrafanaUser {
  login: string;
  name: string;
  email: string;
  /** `Viewer`, `Editor`, `Admin` or `None`. Background work counts as Admin: never grant rights by it alone. */
  role: string;
}

export interface PluginContext {
  orgId: number;
  pluginId: string;
  /** Tenant as Grafana's API server names it; empty on older servers. */
  namespace: string;
  user: GrafanaUser | undefined;
  dataSource: SavedDataSource | undefined;
  /** Grafana's own configuration as far as it concerns plugins, such as `GF_SQL_ROW_LIMIT`. */
  grafanaConfig: Readonly<Record<string, string>>;
}

/** Header names in lower case, without the `http_` prefix that Grafana puts before most of them. */
export type RequestHeaders = Readonly<Record<string, string>>;

export interface DataQuery {
  refId: string;
  maxDataPoints: number;
  intervalMs: number;
  /** Milliseconds since 1970. */
  timeRange: { fromMs: number; toMs: number };
  /** The saved query model as JSON text. */
  json: Uint8Array;
}

/** How frames are written. Every Grafana reads Arrow; newer ones may ask for JSON. */
export type FrameEncoding = 'arrow' | 'json';

export interface QueryDataRequest {
  context: PluginContext;
  headers: RequestHeaders;
  queries: readonly DataQuery[];
  /** What Grafana would like. */
  encoding: FrameEncoding;
}

/** One Arrow IPC file or JSON frame in pieces, so that large answers are written without being joined first. */
export type FrameBytes = readonly Uint8Array[];

export interface DataResponse {
  frames: readonly FrameBytes[];
  /** Of the frames. Missing: Arrow. */
  encoding?: FrameEncoding;
  /** Set when the query failed; frames may still be given, to show the executed SQL in the inspector. */
  error?: string;
  errorSource?: 'plugin' | 'downstream';
  /** HTTP-like, 200 when good. Grafana shows 0 as 500. */
  status: number;
}

/** All answers of a request. */
export interface QueryDataAnswer {
  /** By refId, one for each query. */
  responses: ReadonlyMap<string, DataResponse>;
  /** To be called once the answers have gone out, or nobody wants them: the memory that they hold is free then. */
  done(): void;
}

/** A part of an answer. Parts with the same refId and frameId are rows of one frame, in order. */
export interface DataChunk extends Omit<DataResponse, 'frames'> {
  refId: string;
  frameId: string;
  /** Empty where a failed query has nothing to show. Of JSON frames only the first part has the schema. */
  frame: FrameBytes;
}

export interface CheckHealthRequest {
  context: PluginContext;
  headers: RequestHeaders;
}

export interface CheckHealthResult {
  status: 'ok' | 'error';
  message: string;
  details: HealthDetails;
}

export interface ResourceRequest {
  context: PluginContext;
  /** Without a leading slash or query string. */
  path: string;
  method: string;
  /** Path with query string. */
  url: string;
  headers: RequestHeaders;
  body: Uint8Array;
}

export interface ResourceResponse {
  status: number;
  /** JSON-serialisable answer. */
  body: unknown;
}

/** What the process can do for Grafana. Each call ends early when its signal aborts. */
export interface Handlers {
  /** Never rejects: a failed query is a DataResponse with an error. */
  queryData(request: QueryDataRequest, signal: AbortSignal): Promise<QueryDataAnswer>;
  /** The same in parts, each sent before more is received. Never fails: a failed query has a part with its error. */
  queryChunkedData(request: QueryDataRequest, signal: AbortSignal): AsyncIterable<DataChunk>;
  checkHealth(request: CheckHealthRequest, signal: AbortSignal): Promise<CheckHealthResult>;
  callResource(request: ResourceRequest, signal: AbortSignal): Promise<ResourceResponse>;
  /** Prometheus text exposition. */
  collectMetrics(): Promise<string>;
}
