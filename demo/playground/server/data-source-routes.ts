/** Grafana's API for one data source: `/api/datasources/uid/<uid>[/health|/resources/…]`. */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ResourcePart } from '../../plugin-host/plugin-client';
import { CheckHealthResponse_HealthStatus } from '../../../proxy/generated/pluginv2/backend_pb';
import { flatHeaders, plainHeaders } from './forwarded-headers';
import { clientGone, HttpError, readBody, readJsonObject, sendJson } from './http-response';
import { pluginContext } from './plugin-context';
import { type PlaygroundRequest } from './request';
import { type DataSourceUpdate, type StoredDataSource } from './saved-data-sources';

function stored({ services }: PlaygroundRequest, uid: string): StoredDataSource {
  const source = services.dataSources.stored(uid);
  if (!source) {
    throw new HttpError(404, 'Data source not found');
  }
  return source;
}

function stringRecord(value: unknown): Record<string, string> | undefined {
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      )
    : undefined;
}

function updateOf(body: Record<string, unknown>): DataSourceUpdate {
  const { name, jsonData, secureJsonData } = body;
  if (typeof name !== 'string' || name.trim() === '') {
    throw new HttpError(400, 'A data source needs a name.');
  }
  return {
    name,
    jsonData: jsonData !== null && typeof jsonData === 'object' ? { ...jsonData } : {},
    secureJsonData: stringRecord(secureJsonData),
  };
}

/** `GET` and `PUT /api/datasources/uid/<uid>`. */
export async function handleSettings(
  call: PlaygroundRequest,
  uid: string,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { dataSources } = call.services;
  const source = stored(call, uid);
  if (request.method !== 'PUT') {
    sendJson(response, 200, dataSources.find(uid));
    return;
  }
  if (call.user.role !== 'Admin') {
    throw new HttpError(403, 'Only an admin may change a data source.');
  }
  const saved = dataSources.update(uid, updateOf(await readJsonObject(request)));
  if (!saved) {
    throw new HttpError(403, `"${source.name}" is provisioned and cannot be changed here.`);
  }
  sendJson(response, 200, { message: 'Datasource updated', id: saved.id, name: saved.name, datasource: saved });
}

/** `GET /api/datasources/uid/<uid>/health`. A failed check has status 400, and a body of the same format. */
export async function handleHealth(
  call: PlaygroundRequest,
  uid: string,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { plugin } = call.services;
  const health = await plugin.checkHealth(
    {
      pluginContext: pluginContext(call, stored(call, uid)),
      headers: flatHeaders(request.headers),
    },
    { signal: clientGone(response) }
  );
  const isOk = health.status === CheckHealthResponse_HealthStatus.OK;
  const details = new TextDecoder().decode(health.jsonDetails);
  sendJson(response, isOk ? 200 : 400, {
    status: CheckHealthResponse_HealthStatus[health.status],
    message: health.message,
    details: details === '' ? undefined : (JSON.parse(details) as unknown),
  });
}

/**
 * `/api/datasources/uid/<uid>/resources/<path>`, any method. Sends each part of the plugin's response when it arrives.
 * Reading pauses while the browser is slower than the plugin.
 */
export async function handleResource(
  call: PlaygroundRequest,
  uid: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { plugin } = call.services;
  const { search } = new URL(request.url ?? '/', 'http://playground');
  const signal = clientGone(response);
  await plugin.streamResource(
    {
      context: pluginContext(call, stored(call, uid)),
      path,
      method: request.method ?? 'GET',
      url: `${path}${search}`,
      headers: plainHeaders(request.headers),
      body: await readBody(request),
    },
    { signal, onPart: (part) => sendPart(response, part, signal) }
  );
  response.end();
}

/**
 * Sends a part of a response. Of the headers, only those of the first part are sent.
 *
 * @param signal Aborted when the browser disconnects.
 * @returns A promise if the browser is slower than the plugin. The promise rejects when the browser disconnects.
 */
function sendPart(
  response: ServerResponse,
  { status, headers, body }: ResourcePart,
  signal: AbortSignal
): Promise<void> | undefined {
  if (!response.headersSent) {
    response.writeHead(status, {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      ...lowerCase(headers),
    });
  }
  return response.write(body) ? undefined : once(response, 'drain', { signal }).then(() => undefined);
}

function lowerCase(headers: ResourcePart['headers']): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), [...values]]));
}
