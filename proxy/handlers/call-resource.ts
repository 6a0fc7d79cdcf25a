/**
 * The resource API, which the frontend calls in addition to queries. `contract/resources/` has its payloads.
 *
 * Every user who may run queries may call this API, so a user who is not an admin gets only data that a query could
 * return. The audit record of a check is returned only to the admin who ran the check.
 */
import { type DiagnosticsFile } from '../../contract/resources/diagnostics';
import { type QueryCostsPayload } from '../../contract/resources/query-costs';
import { quotedName } from '../../contract/sql/sql-names';
import {
  type ColumnInfo,
  type ColumnsPayload,
  type ErrorPayload,
  type TablesPayload,
  type WhoAmIPayload,
} from '../../contract/resources/resources';
import { type IpcMessage, readSchema } from '../frames/arrow-ipc';
import { Deadline } from '../base/async/deadline';
import { ProxyError } from '../base/errors/proxy-error';
import { type Instance, type InstanceCall } from '../lakehouse/instances/instance';
import { withSlot } from '../lakehouse/instances/with-slot';
import { type InstanceStore } from '../lakehouse/instances/instance-store';
import { type Logger } from '../observe/logging/logger';
import { readLookupRequest } from '../views/lookups/read-request';
import { runLookup } from '../views/lookups/run-lookup';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type Metrics } from '../observe/metrics/metrics';
import { tracedLogger } from '../observe/telemetry/trace-context';
import { callerOf } from '../query/caller';
import { type PendingAuditChecks } from './health/pending-audit-checks';
import { type OpenFiles } from './open-files';
import { isSignedInAdmin, messageFor } from '../query/may-know-details';
import {
  type FileResponse,
  isFile,
  type PluginContext,
  type RequestHeaders,
  type ResourceRequest,
  type ResourceResponse,
} from '../query/plugin-request';
import { columnInfos, readTables } from '../query/read-tables';
import { readCostsRequest, readQueryCosts } from './read-query-costs';
import { findAuditCheck, readWhoAmI } from './read-who-am-i';
import { handleFor, imageFile, perfettoFile } from './resource-files';
import { parameter } from './resource-parameters';

/** The dependencies of the routes. All data sources share these objects. */
export interface CallResourceDeps {
  store: Pick<InstanceStore, 'acquire'>;
  memory: MemoryBudget;
  metrics: Pick<Metrics, 'resourceCalled'>;
  logger: Logger;
  /** Counts and limits the files that are sent at the same time. */
  files: OpenFiles;
  /** Test queries of recent health checks, for the route `who-am-i`. */
  auditChecks: PendingAuditChecks;
  /** Builds the diagnostics file of the data source in `context`. */
  describe: (context: PluginContext) => DiagnosticsFile;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** The columns in the schema of a result. Empty if the server sent no schema. */
async function readColumns(messages: AsyncIterable<IpcMessage>, memory: MemoryAccount): Promise<ColumnInfo[]> {
  const schema = await readSchema(messages, memory);
  return schema === undefined ? [] : columnInfos(schema);
}

/** Maximum length of a table name, in characters. */
const MAX_TABLE_NAME = 1000;

/** The parameter `table`. @throws {ProxyError} 'resource_invalid' if it is missing or too long. */
function tableName(request: ResourceRequest): string {
  const table = parameter(request, 'table');
  if (table.trim() === '') {
    throw new ProxyError('resource_invalid', {
      detail: 'The parameter table is missing. Add it, for example columns?table=log_entries.',
    });
  }
  if (table.length > MAX_TABLE_NAME) {
    throw new ProxyError('resource_invalid', {
      detail: `The parameter table has ${table.length} characters; at most ${MAX_TABLE_NAME} are allowed.`,
    });
  }
  return table;
}

interface Route {
  method: 'GET' | 'POST';
  respond: (request: ResourceRequest, deps: CallResourceDeps, signal: AbortSignal) => Promise<unknown>;
}

/** A route that responds with a file. */
interface FileRoute {
  method: 'GET';
  file: (request: ResourceRequest, deps: CallResourceDeps, signal: AbortSignal) => Promise<FileResponse>;
}

/**
 * Runs `use` with the instance of the request's data source, and returns the result of `use`. All statements of `use`
 * share one slot and one memory account, so they must run one after the other.
 */
async function withInstance<T>(
  { context, headers, trace }: ResourceRequest,
  { store, memory: budget }: CallResourceDeps,
  clientSignal: AbortSignal,
  use: (instance: Instance, call: InstanceCall) => Promise<T>
): Promise<T> {
  const handle = handleFor(context, store);
  const { instance } = handle;
  const deadline = new Deadline({ limitMs: instance.settings.timeoutMs, signal: clientSignal });
  const { signal } = deadline;
  const call = { ...callerOf(context.user, headers, 'completion'), trace, signal, deadline };
  const openMemory = () => budget.open({ signal, limitMs: deadline.leftMs() });
  try {
    return await withSlot(instance, call, openMemory, (held) => use(instance, held));
  } catch (reason) {
    throw deadline.errorOf(reason);
  } finally {
    deadline.end();
    handle.release();
  }
}

const ROUTES: Readonly<Record<string, Route | FileRoute>> = {
  tables: {
    method: 'GET',
    respond: (request, deps, signal) =>
      withInstance(request, deps, signal, (instance, call): Promise<TablesPayload> =>
        readTables(instance.getTables(call), call.memory)
      ),
  },
  columns: {
    method: 'GET',
    async respond(request, deps, signal) {
      const table = tableName(request);
      return withInstance(request, deps, signal, async (instance, call): Promise<ColumnsPayload> => {
        const messages = instance.execute(`SELECT * FROM ${quotedName(table)} LIMIT 0`, call);
        return { table, columns: await readColumns(messages, call.memory) };
      });
    },
  },
  lookup: {
    method: 'POST',
    async respond(request, deps, signal) {
      const lookup = readLookupRequest(request.body);
      return withInstance(request, deps, signal, (instance, call) =>
        runLookup(lookup, {
          execute: (sql, each) => instance.execute(sql, each),
          call,
          suggestsValues: instance.settings.suggestsValues,
          nowMs: deps.now(),
        })
      );
    },
  },
  'who-am-i': {
    method: 'GET',
    async respond(request, deps, signal) {
      const auditCheck = findAuditCheck(request.context, parameter(request, 'check'), deps.auditChecks);
      return withInstance(request, deps, signal, (instance, asked): Promise<WhoAmIPayload> => {
        const call = { ...asked, ...callerOf(request.context.user, request.headers, 'health') };
        return readWhoAmI(auditCheck, (sql, each) => instance.execute(sql, each), call, deps.elapsedMs);
      });
    },
  },
  'query-costs': {
    method: 'GET',
    async respond(request, deps, signal) {
      const asked = readCostsRequest((name) => parameter(request, name));
      return withInstance(request, deps, signal, (instance, call): Promise<QueryCostsPayload> => {
        const caller = callerOf(request.context.user, request.headers, 'inspector');
        return readQueryCosts(asked, instance, { ...call, ...caller });
      });
    },
  },
  diagnostics: {
    method: 'GET',
    async respond({ context }, { describe }): Promise<DiagnosticsFile> {
      if (!isSignedInAdmin(context.user)) {
        throw new ProxyError('admin_only');
      }
      return describe(context);
    },
  },
  image: { method: 'GET', file: imageFile },
  perfetto: { method: 'GET', file: perfettoFile },
};

/**
 * Returns the headers without `fromalert`. Grafana Alerting marks its requests with this header, but never calls a
 * resource. If a browser sent the header, the call would use the service account instead of the user's identity.
 */
function withoutAlerting({ fromalert: _ignored, ...headers }: RequestHeaders): RequestHeaders {
  return headers;
}

/** HTTP status in the metrics for a file that the caller did not receive completely. */
const CALLER_LEFT = 499;

function failure(error: ProxyError, { context }: ResourceRequest): ResourceResponse {
  const body: ErrorPayload = { code: error.code, message: messageFor(context.user, error) };
  return { status: error.status, body };
}

async function responseOf(
  request: ResourceRequest,
  deps: CallResourceDeps,
  signal: AbortSignal
): Promise<ResourceResponse> {
  const route = Object.hasOwn(ROUTES, request.path) ? ROUTES[request.path] : undefined;
  if (route === undefined) {
    throw new ProxyError('resource_unknown', { detail: `The resources are ${Object.keys(ROUTES).join(', ')}.` });
  }
  // The default method is GET.
  if ((request.method || 'GET') !== route.method) {
    throw new ProxyError('resource_invalid', { detail: `The method of ${request.path} must be ${route.method}.` });
  }
  return 'file' in route
    ? route.file(request, deps, signal)
    : { status: 200, body: await route.respond(request, deps, signal) };
}

/**
 * The path of a call, or `other`: the caller may send any path, so only known paths become labels of metrics and spans.
 */
export function knownPath({ path }: ResourceRequest): string {
  return Object.hasOwn(ROUTES, path) ? path : 'other';
}

function logged(error: ProxyError, request: ResourceRequest, deps: CallResourceDeps): void {
  const logger = tracedLogger(deps.logger, request.trace);
  if (error.code === 'internal') {
    logger.error('A resource call failed inside the data source', { path: request.path, cause: error.cause });
  } else {
    logger.debug('A resource call failed', { code: error.code, detail: error.logDetail, cause: error.cause });
  }
}

/** Passes on the parts of a file. When the file ends, the call is counted in the metrics. */
async function* counted(
  parts: FileResponse['parts'],
  request: ResourceRequest,
  deps: CallResourceDeps
): FileResponse['parts'] {
  let status = CALLER_LEFT;
  try {
    yield* parts;
    status = 200;
  } catch (reason) {
    const error = ProxyError.from(reason);
    status = error.status;
    logged(error, request, deps);
    throw reason;
  } finally {
    deps.metrics.resourceCalled(knownPath(request), status);
  }
}

/**
 * Responds to a call of the resource API. Never rejects: a failure becomes a response with an `ErrorPayload`. If a
 * failure occurs while a file is sent, the iteration of its parts throws the error.
 */
export async function callResource(
  request: ResourceRequest,
  deps: CallResourceDeps,
  signal: AbortSignal
): Promise<ResourceResponse> {
  let response: ResourceResponse;
  try {
    response = await responseOf({ ...request, headers: withoutAlerting(request.headers) }, deps, signal);
  } catch (reason) {
    const error = ProxyError.from(reason);
    logged(error, request, deps);
    response = failure(error, request);
  }
  if (isFile(response)) {
    return { ...response, parts: counted(response.parts, request, deps) };
  }
  deps.metrics.resourceCalled(knownPath(request), response.status);
  return response;
}
