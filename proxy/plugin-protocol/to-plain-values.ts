/**
 * From protobuf messages to the plain values that the handlers take.
 */
import {
  DataFrameFormat,
  type DataQuery as WireQuery,
  type PluginContext as WireContext,
  type QueryChunkedDataRequest,
  type QueryDataRequest as WholeDataRequest,
  type StringList,
} from '../generated/pluginv2/backend_pb';
import {
  type DataQuery,
  type PluginContext,
  type QueryDataRequest,
  type RequestHeaders,
} from '../handlers/plugin-request';

/** Grafana puts this before the names of all headers but `Authorization`, `X-Id-Token`, `Cookie` and `FromAlert`. */
const HEADER_PREFIX = 'http_';

/** Header names differ in case between Grafana's releases and callers. */
function headerName(name: string): string {
  const lower = name.toLowerCase();
  return lower.startsWith(HEADER_PREFIX) ? lower.slice(HEADER_PREFIX.length) : lower;
}

/** Headers of queries and health checks: one value each. */
export function toHeaders(headers: Readonly<Record<string, string>>): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [headerName(name), value]));
}

/** Headers of resource calls: lists of values, joined by a comma as HTTP allows. */
export function toHeadersFromLists(headers: Readonly<Record<string, StringList>>): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, list]) => [headerName(name), list.values.join(', ')]));
}

/** A missing context stands for a call of Grafana itself, without user and data source. */
export function toPluginContext(context: WireContext | undefined): PluginContext {
  const orgId = Number(context?.orgId ?? 0n);
  const user = context?.user;
  const settings = context?.dataSourceInstanceSettings;
  const grafanaConfig = { ...context?.grafanaConfig };
  return {
    orgId,
    pluginId: context?.pluginId ?? '',
    namespace: context?.namespace ?? '',
    user: user && { login: user.login, name: user.name, email: user.email, role: user.role },
    dataSource: settings && {
      uid: settings.uid,
      orgId,
      grafanaUrl: grafanaConfig.GF_APP_URL,
      name: settings.name,
      jsonData: settings.jsonData,
      decryptedSecureJsonData: { ...settings.decryptedSecureJsonData },
      lastUpdatedMs: Number(settings.lastUpdatedMS),
      grafanaConfig,
    },
    grafanaConfig,
  };
}

/** Queries whose answers are to come whole or in parts: the two messages have the same fields. */
export function toQueryDataRequest(request: WholeDataRequest | QueryChunkedDataRequest): QueryDataRequest {
  return {
    context: toPluginContext(request.pluginContext),
    headers: toHeaders(request.headers),
    queries: request.queries.map(toDataQuery),
    encoding: request.format === DataFrameFormat.JSON ? 'json' : 'arrow',
  };
}

/** int64 fields fit a double: milliseconds and counts of points. */
function toDataQuery(query: WireQuery): DataQuery {
  return {
    refId: query.refId,
    maxDataPoints: Number(query.maxDataPoints),
    intervalMs: Number(query.intervalMS),
    timeRange: {
      fromMs: Number(query.timeRange?.fromEpochMS ?? 0n),
      toMs: Number(query.timeRange?.toEpochMS ?? 0n),
    },
    json: query.json,
  };
}
