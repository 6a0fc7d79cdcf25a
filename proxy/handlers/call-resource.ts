/**
 * The resource API: what the editors ask for besides queries. `contract/resources.ts` has its payloads.
 *
 * Grafana lets every user who may query call it, so it answers nothing that a query could not.
 */
import { type ColumnInfo, type ErrorPayload, type TableInfo } from '../../contract/resources';
import { type ArrowSchema, typeText } from '../arrow-ipc/arrow-type';
import { cellBytes } from '../arrow-ipc/cell-json';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { readEncapsulatedSchema } from '../arrow-ipc/read-message';
import { ResultReader } from '../arrow-ipc/result-reader';
import { ProxyError } from '../errors/proxy-error';
import { type Instance } from '../instances/instance';
import { callerOf } from './caller';
import { type ResourceRequest, type ResourceResponse } from './plugin-request';
import { type QueryDataDeps } from './query-data';

function columnsOf(schema: ArrowSchema): ColumnInfo[] {
  return schema.fields.map(({ name, type }) => ({ name, type: typeText(type) }));
}

/** Reads the answer to `CommandGetTables` with schemas. */
async function readTables(messages: AsyncIterable<IpcMessage>): Promise<TableInfo[]> {
  const reader = new ResultReader();
  const tables: TableInfo[] = [];
  for await (const message of messages) {
    const batch = reader.read(message);
    if (batch === undefined || reader.schema === undefined) {
      continue;
    }
    const names = reader.schema.fields.map(({ name }) => name);
    const nameColumn = batch.columns[names.indexOf('table_name')];
    const schemaColumn = batch.columns[names.indexOf('table_schema')];
    for (let row = 0; row < batch.length; row++) {
      tables.push({
        name: Buffer.from(cellBytes(nameColumn, row)).toString('utf8'),
        columns: columnsOf(readEncapsulatedSchema(cellBytes(schemaColumn, row))),
      });
    }
  }
  return tables;
}

/** The columns of a query's result, learnt from a run that returns no rows. */
async function readColumns(messages: AsyncIterable<IpcMessage>): Promise<ColumnInfo[]> {
  const reader = new ResultReader();
  for await (const message of messages) {
    reader.read(message);
    if (reader.schema !== undefined) {
      return columnsOf(reader.schema);
    }
  }
  return [];
}

type Route = (instance: Instance, request: ResourceRequest, signal: AbortSignal) => Promise<unknown>;

const schemaCall = (request: ResourceRequest, signal: AbortSignal) => ({
  ...callerOf(request.context.user, request.headers, 'schema'),
  signal,
});

const ROUTES: Readonly<Record<string, Route>> = {
  async tables(instance, request, signal) {
    return { tables: await readTables(instance.getTables(schemaCall(request, signal))) };
  },
  async columns(instance, request, signal) {
    const table = new URL(request.url, 'http://resource').searchParams.get('table') ?? '';
    if (table.trim() === '') {
      throw new ProxyError('resource_invalid', { detail: 'Name the table: columns?table=log_entries.' });
    }
    const quoted = `"${table.replaceAll('"', '""')}"`;
    const messages = instance.execute(`SELECT * FROM ${quoted} LIMIT 0`, schemaCall(request, signal));
    return { table, columns: await readColumns(messages) };
  },
};

function failure(error: ProxyError): ResourceResponse {
  const body: ErrorPayload = { code: error.code, message: error.userText };
  return { status: error.status, body };
}

async function answer(request: ResourceRequest, deps: QueryDataDeps, signal: AbortSignal): Promise<ResourceResponse> {
  const route = Object.hasOwn(ROUTES, request.path) ? ROUTES[request.path] : undefined;
  if (route === undefined) {
    throw new ProxyError('resource_unknown', { detail: `There are ${Object.keys(ROUTES).join(' and ')}.` });
  }
  if (request.method !== 'GET' && request.method !== '') {
    throw new ProxyError('resource_invalid', { detail: `${request.path} is read with GET.` });
  }
  if (request.context.dataSource === undefined) {
    throw new ProxyError('resource_invalid', { detail: 'The call names no data source.' });
  }
  const lease = deps.store.acquire(request.context.dataSource);
  try {
    return { status: 200, body: await route(lease.instance, request, signal) };
  } finally {
    lease.release();
  }
}

/** Never rejects: a failure is an answer with an `ErrorPayload`. */
export async function callResource(
  request: ResourceRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<ResourceResponse> {
  let response: ResourceResponse;
  try {
    response = await answer(request, deps, signal);
  } catch (reason) {
    const error = ProxyError.from(reason);
    if (error.code === 'internal') {
      deps.logger.error('A resource call failed inside the data source', { path: request.path, cause: error.cause });
    }
    response = failure(error);
  }
  // Paths are the caller's words: only known ones become label values.
  deps.metrics.resourceCalled(Object.hasOwn(ROUTES, request.path) ? request.path : 'other', response.status);
  return response;
}
