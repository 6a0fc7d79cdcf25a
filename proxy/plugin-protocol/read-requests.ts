/**
 * Reads Grafana's requests: protobuf in, the plain values that the handlers take out.
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
} from '../handlers/plugin-request';
import { readFields, type FieldValue } from '../protobuf/read-fields';
import { type RequestReader } from './grpc-method';

/** Grafana puts this before the names of all headers but `Authorization`, `X-Id-Token`, `Cookie` and `FromAlert`. */
const HEADER_PREFIX = 'http_';

/** `DataFrameFormat.JSON`. */
const JSON_FORMAT = 1;

/** Of a field that is missing. */
const NO_BYTES: Uint8Array = new Uint8Array();

type Entries<Value = string> = Array<[name: string, value: Value]>;

/** Header names differ in case between Grafana's releases and callers. */
function headerName(name: string): string {
  const lower = name.toLowerCase();
  return lower.startsWith(HEADER_PREFIX) ? lower.slice(HEADER_PREFIX.length) : lower;
}

function toHeaders(entries: Entries): RequestHeaders {
  return Object.fromEntries(entries.map(([name, value]) => [headerName(name), value]));
}

function readStringList(value: FieldValue): string[] {
  const values: string[] = [];
  readFields(value.bytes(), { 1: (item) => values.push(item.text()) });
  return values;
}

function readUser(value: FieldValue): GrafanaUser {
  const user = { login: '', name: '', email: '', role: '' };
  readFields(value.bytes(), {
    1: (login) => (user.login = login.text()),
    2: (name) => (user.name = name.text()),
    3: (email) => (user.email = email.text()),
    4: (role) => (user.role = role.text()),
  });
  return user;
}

/** The rest of what is known of a data source stands beside its settings. */
type SettingsOnWire = Omit<NonNullable<PluginContext['dataSource']>, 'orgId' | 'grafanaUrl' | 'grafanaConfig'>;

function readDataSource(value: FieldValue): SettingsOnWire {
  const secrets: Entries = [];
  const settings = { uid: '', name: '', jsonData: NO_BYTES, lastUpdatedMs: 0 };
  readFields(value.bytes(), {
    2: (name) => (settings.name = name.text()),
    8: (jsonData) => (settings.jsonData = jsonData.bytes()),
    9: (secret) => secrets.push(secret.textEntry()),
    10: (lastUpdated) => (settings.lastUpdatedMs = lastUpdated.number()),
    11: (uid) => (settings.uid = uid.text()),
  });
  return { ...settings, decryptedSecureJsonData: Object.fromEntries(secrets) };
}

function readContext(value: FieldValue): PluginContext {
  const config: Entries = [];
  const plain = { orgId: 0, pluginId: '', namespace: '' };
  let user: GrafanaUser | undefined;
  let settings: SettingsOnWire | undefined;
  readFields(value.bytes(), {
    1: (orgId) => (plain.orgId = orgId.number()),
    2: (pluginId) => (plain.pluginId = pluginId.text()),
    3: (person) => (user = readUser(person)),
    5: (dataSource) => (settings = readDataSource(dataSource)),
    6: (entry) => config.push(entry.textEntry()),
    10: (namespace) => (plain.namespace = namespace.text()),
  });
  const grafanaConfig = Object.fromEntries(config);
  const { orgId } = plain;
  const grafanaUrl = grafanaConfig.GF_APP_URL;
  const dataSource = settings && { ...settings, orgId, grafanaUrl, grafanaConfig };
  return { ...plain, user, dataSource, grafanaConfig };
}

/** A missing context stands for a call of Grafana itself, without user and data source. */
function noContext(): PluginContext {
  return { orgId: 0, pluginId: '', namespace: '', user: undefined, dataSource: undefined, grafanaConfig: {} };
}

function readTimeRange(value: FieldValue): DataQuery['timeRange'] {
  const range = { fromMs: 0, toMs: 0 };
  readFields(value.bytes(), {
    1: (from) => (range.fromMs = from.number()),
    2: (to) => (range.toMs = to.number()),
  });
  return range;
}

function readQuery(value: FieldValue): DataQuery {
  const query: DataQuery = {
    refId: '',
    maxDataPoints: 0,
    intervalMs: 0,
    timeRange: { fromMs: 0, toMs: 0 },
    json: NO_BYTES,
  };
  readFields(value.bytes(), {
    1: (refId) => (query.refId = refId.text()),
    2: (points) => (query.maxDataPoints = points.number()),
    3: (interval) => (query.intervalMs = interval.number()),
    4: (range) => (query.timeRange = readTimeRange(range)),
    5: (json) => (query.json = json.bytes()),
  });
  return query;
}

/** Queries whose answers are to come whole or in parts: the two messages have the same fields. */
function readQueries(message: Uint8Array): QueryDataRequest {
  const headers: Entries = [];
  const queries: DataQuery[] = [];
  let context = noContext();
  let format = 0;
  readFields(message, {
    1: (value) => (context = readContext(value)),
    2: (header) => headers.push(header.textEntry()),
    3: (query) => queries.push(readQuery(query)),
    4: (value) => (format = value.number()),
  });
  return { context, headers: toHeaders(headers), queries, encoding: format === JSON_FORMAT ? 'json' : 'arrow' };
}

export const QUERY_DATA_REQUEST: RequestReader<QueryDataRequest> = {
  name: 'pluginv2.QueryDataRequest',
  read: readQueries,
};

export const QUERY_CHUNKED_DATA_REQUEST: RequestReader<QueryDataRequest> = {
  name: 'pluginv2.QueryChunkedDataRequest',
  read: readQueries,
};

export const CALL_RESOURCE_REQUEST: RequestReader<ResourceRequest> = {
  name: 'pluginv2.CallResourceRequest',
  read(message) {
    const headers: Entries<string[]> = [];
    const request = { context: noContext(), path: '', method: '', url: '', body: NO_BYTES };
    readFields(message, {
      1: (context) => (request.context = readContext(context)),
      2: (path) => (request.path = path.text()),
      3: (method) => (request.method = method.text()),
      4: (url) => (request.url = url.text()),
      5: (header) => headers.push(header.entry(readStringList, [])),
      6: (body) => (request.body = body.bytes()),
    });
    // Lists of values are joined by a comma, as HTTP allows.
    return { ...request, headers: toHeaders(headers.map(([name, values]) => [name, values.join(', ')])) };
  },
};

export const CHECK_HEALTH_REQUEST: RequestReader<CheckHealthRequest> = {
  name: 'pluginv2.CheckHealthRequest',
  read(message) {
    const headers: Entries = [];
    let context = noContext();
    readFields(message, {
      1: (value) => (context = readContext(value)),
      2: (header) => headers.push(header.textEntry()),
    });
    return { context, headers: toHeaders(headers) };
  },
};

/** Asks whether a service of this name is well. */
export const HEALTH_CHECK_REQUEST: RequestReader<string> = {
  name: 'grpc.health.v1.HealthCheckRequest',
  read(message) {
    let service = '';
    readFields(message, { 1: (value) => (service = value.text()) });
    return service;
  },
};

/** A request whose content makes no difference. */
export function anyRequest(name: string): RequestReader<void> {
  return { name, read: (message) => readFields(message, {}) };
}
