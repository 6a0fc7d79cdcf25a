/**
 * Decodes Grafana's requests into the plain values that the handlers take.
 *
 * Field numbers: proto/pluginv2/backend.proto and proto/grpc/health/v1/health.proto.
 */
import {
  type CheckHealthRequest,
  type DataQuery,
  type GrafanaUser,
  type PluginContext,
  type QueryDataRequest,
  type RequestHeaders,
  type ResourceRequest,
} from '../query/plugin-request';
import { type Field, type Fields, readMessage } from '../base/protobuf/read-message';
import { type RequestReader } from './grpc-method';

/**
 * The prefix that Grafana adds to the names of most headers of queries and health checks. `Authorization`,
 * `X-Id-Token`, `Cookie` and `FromAlert` have no prefix. The headers of resource requests have no prefix. A client may
 * itself send a name that begins with `http_`, so their names are not changed.
 */
const HEADER_PREFIX = /^http_/i;

/** `DataFrameFormat.JSON`. */
const JSON_FORMAT = 1;

const NO_BYTES: Uint8Array = new Uint8Array();

/**
 * The entries of a map, for `Object.fromEntries`, which creates an own property for each entry, even for `__proto__`.
 */
type Entries = Array<[name: string, value: string]>;

/** Converts names to lower case, because the case of a name differs between Grafana's releases and callers. */
function toHeaders(entries: Entries): RequestHeaders {
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The headers of a query or a health check, without the prefix. */
function withoutPrefix(entries: Entries): RequestHeaders {
  return toHeaders(entries.map(([name, value]) => [name.replace(HEADER_PREFIX, ''), value]));
}

const USER: Fields<GrafanaUser> = {
  1: (user, login) => (user.login = login.string()),
  2: (user, name) => (user.name = name.string()),
  3: (user, email) => (user.email = email.string()),
  4: (user, role) => (user.role = role.string()),
};

interface DataSourceFields {
  uid: string;
  name: string;
  jsonData: Uint8Array;
  lastUpdatedMs: number;
  secrets: Entries;
}

const DATA_SOURCE: Fields<DataSourceFields> = {
  2: (settings, name) => (settings.name = name.string()),
  8: (settings, jsonData) => (settings.jsonData = jsonData.bytes()),
  9: (settings, secret) => settings.secrets.push(secret.stringEntry()),
  10: (settings, lastUpdated) => (settings.lastUpdatedMs = lastUpdated.number()),
  11: (settings, uid) => (settings.uid = uid.string()),
};

interface ContextFields {
  orgId: number;
  pluginId: string;
  namespace: string;
  user: GrafanaUser | undefined;
  dataSource: DataSourceFields | undefined;
  config: Entries;
}

const CONTEXT: Fields<ContextFields> = {
  1: (context, orgId) => (context.orgId = orgId.number()),
  2: (context, pluginId) => (context.pluginId = pluginId.string()),
  3: (context, user) => (context.user = user.message(USER, { login: '', name: '', email: '', role: '' })),
  5: (context, dataSource) => {
    const none: DataSourceFields = { uid: '', name: '', jsonData: NO_BYTES, lastUpdatedMs: 0, secrets: [] };
    context.dataSource = dataSource.message(DATA_SOURCE, none);
  },
  6: (context, entry) => context.config.push(entry.stringEntry()),
  10: (context, namespace) => (context.namespace = namespace.string()),
};

function readContext(field: Field): PluginContext {
  const none: ContextFields = {
    orgId: 0,
    pluginId: '',
    namespace: '',
    user: undefined,
    dataSource: undefined,
    config: [],
  };
  const { config, dataSource, ...context } = field.message(CONTEXT, none);
  const grafanaConfig = Object.fromEntries(config);
  return {
    ...context,
    grafanaConfig,
    dataSource: dataSource && toDataSource(dataSource, context.orgId, grafanaConfig),
  };
}

function toDataSource(
  { secrets, ...settings }: DataSourceFields,
  orgId: number,
  grafanaConfig: PluginContext['grafanaConfig']
): PluginContext['dataSource'] {
  const decryptedSecureJsonData = Object.fromEntries(secrets);
  return { ...settings, decryptedSecureJsonData, orgId, grafanaUrl: grafanaConfig.GF_APP_URL, grafanaConfig };
}

/** The context for a request that has none. Grafana itself sent such a request: it has no user and no data source. */
function noContext(): PluginContext {
  return { orgId: 0, pluginId: '', namespace: '', user: undefined, dataSource: undefined, grafanaConfig: {} };
}

const TIME_RANGE: Fields<DataQuery['timeRange']> = {
  1: (range, from) => (range.fromMs = from.number()),
  2: (range, to) => (range.toMs = to.number()),
};

const QUERY: Fields<DataQuery> = {
  1: (query, refId) => (query.refId = refId.string()),
  2: (query, points) => (query.maxDataPoints = points.number()),
  3: (query, interval) => (query.intervalMs = interval.number()),
  4: (query, range) => (query.timeRange = range.message(TIME_RANGE, { fromMs: 0, toMs: 0 })),
  5: (query, json) => (query.json = json.bytes()),
};

function readQuery(field: Field): DataQuery {
  const timeRange = { fromMs: 0, toMs: 0 };
  return field.message(QUERY, { refId: '', maxDataPoints: 0, intervalMs: 0, timeRange, json: NO_BYTES });
}

interface QueriesFields {
  context: PluginContext;
  headers: Entries;
  queries: DataQuery[];
  format: number;
}

const QUERIES: Fields<QueriesFields> = {
  1: (request, context) => (request.context = readContext(context)),
  2: (request, header) => request.headers.push(header.stringEntry()),
  3: (request, query) => request.queries.push(readQuery(query)),
  4: (request, format) => (request.format = format.number()),
};

/** Reads query requests of both kinds, which have the same fields. */
function readQueries(message: Uint8Array): QueryDataRequest {
  const none: QueriesFields = { context: noContext(), headers: [], queries: [], format: 0 };
  const { context, headers, queries, format } = readMessage(message, QUERIES, none);
  return { context, headers: withoutPrefix(headers), queries, encoding: format === JSON_FORMAT ? 'json' : 'arrow' };
}

export const QUERY_DATA_REQUEST: RequestReader<QueryDataRequest> = {
  name: 'pluginv2.QueryDataRequest',
  read: readQueries,
};

export const QUERY_CHUNKED_DATA_REQUEST: RequestReader<QueryDataRequest> = {
  name: 'pluginv2.QueryChunkedDataRequest',
  read: readQueries,
};

const STRING_LIST: Fields<string[]> = {
  1: (values, value) => values.push(value.string()),
};

/** The fields of one header: its name and the list of its values, which are joined with commas as in HTTP. */
const HEADER_VALUES: Fields<[name: string, value: string]> = {
  1: (header, name) => (header[0] = name.string()),
  2: (header, values) => (header[1] = values.message(STRING_LIST, []).join(', ')),
};

type ResourceFields = Omit<ResourceRequest, 'headers'> & { headers: Entries };

const RESOURCE: Fields<ResourceFields> = {
  1: (request, context) => (request.context = readContext(context)),
  2: (request, path) => (request.path = path.string()),
  3: (request, method) => (request.method = method.string()),
  4: (request, url) => (request.url = url.string()),
  5: (request, header) => request.headers.push(header.message(HEADER_VALUES, ['', ''])),
  6: (request, body) => (request.body = body.bytes()),
};

export const CALL_RESOURCE_REQUEST: RequestReader<ResourceRequest> = {
  name: 'pluginv2.CallResourceRequest',
  read(message) {
    const none = { context: noContext(), path: '', method: '', url: '', body: NO_BYTES, headers: [] };
    const { headers, ...request } = readMessage<ResourceFields>(message, RESOURCE, none);
    return { ...request, headers: toHeaders(headers) };
  },
};

const CHECK_HEALTH: Fields<{ context: PluginContext; headers: Entries }> = {
  1: (request, context) => (request.context = readContext(context)),
  2: (request, header) => request.headers.push(header.stringEntry()),
};

export const CHECK_HEALTH_REQUEST: RequestReader<CheckHealthRequest> = {
  name: 'pluginv2.CheckHealthRequest',
  read(message) {
    const { context, headers } = readMessage(message, CHECK_HEALTH, { context: noContext(), headers: [] });
    return { context, headers: withoutPrefix(headers) };
  },
};

const HEALTH_CHECK: Fields<{ service: string }> = {
  1: (request, service) => (request.service = service.string()),
};

/** Reads the name of the service to check. */
export const HEALTH_CHECK_REQUEST: RequestReader<string> = {
  name: 'grpc.health.v1.HealthCheckRequest',
  read: (message) => readMessage(message, HEALTH_CHECK, { service: '' }).service,
};

/** Reads a request whose content is not used. */
export function anyRequest(name: string): RequestReader<void> {
  return { name, read: (message) => void readMessage(message, {}, undefined) };
}
