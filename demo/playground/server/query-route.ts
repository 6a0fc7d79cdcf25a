/**
 * `POST /api/ds/query`: sends the queries of a page to the plugin and returns its frames, with Grafana's status codes.
 */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type DataResponse } from '../../../proxy/generated/pluginv2/backend_pb';
import { flatHeaders } from './forwarded-headers';
import { frameToJson } from './frame-json';
import { clientGone, HttpError, readJsonObject, sendJson } from './http-response';
import { pluginContext } from './plugin-context';
import { type PlaygroundRequest } from './request';

/** Grafana's defaults for a query model. */
const DEFAULT_MAX_DATA_POINTS = 100;
const DEFAULT_INTERVAL_MS = 1000;

type QueryModel = Record<string, unknown>;

function queriesOf(body: Record<string, unknown>): QueryModel[] {
  const { queries } = body;
  if (!Array.isArray(queries) || queries.length === 0) {
    throw new HttpError(400, 'No queries found');
  }
  return queries.map((query: unknown) => {
    if (query === null || typeof query !== 'object') {
      throw new HttpError(400, 'A query is not an object.');
    }
    return { ...query };
  });
}

function uidOf(query: QueryModel): string {
  const { datasource } = query;
  const uid = datasource !== null && typeof datasource === 'object' && 'uid' in datasource ? datasource.uid : undefined;
  if (typeof uid !== 'string') {
    throw new HttpError(400, 'A query names no data source.');
  }
  return uid;
}

function wholeNumber(value: unknown, fallback: number): bigint {
  const number = Number(value);
  return BigInt(Number.isFinite(number) && number > 0 ? Math.round(number) : fallback);
}

function epochMs(value: unknown): bigint {
  const string = String(value);
  if (!/^-?\d+$/.test(string)) {
    throw new HttpError(400, `"${string}" is not a time in milliseconds since 1970.`);
  }
  return BigInt(string);
}

function resultJson(refId: string, result: DataResponse): Record<string, unknown> {
  return {
    // Grafana replaces a status that is not an HTTP status by 500.
    status: result.status >= 100 && result.status <= 599 ? result.status : 500,
    frames: result.frames.map((bytes) => frameToJson(bytes, refId)),
    ...(result.error === '' ? {} : { error: result.error, errorSource: result.errorSource || 'plugin' }),
  };
}

/** Runs all queries of a request, which have the same data source. */
export async function handleQuery(
  call: PlaygroundRequest,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { services } = call;
  const body = await readJsonObject(request);
  const queries = queriesOf(body);
  const source = services.dataSources.stored(uidOf(queries[0]));
  if (!source) {
    throw new HttpError(404, 'Data source not found');
  }
  const timeRange = { fromEpochMS: epochMs(body.from), toEpochMS: epochMs(body.to) };
  const result = await services.plugin.queryData(
    {
      pluginContext: pluginContext(call, source),
      headers: flatHeaders(request.headers),
      queries: queries.map((query) => ({
        refId: typeof query.refId === 'string' ? query.refId : 'A',
        queryType: typeof query.queryType === 'string' ? query.queryType : '',
        maxDataPoints: wholeNumber(query.maxDataPoints, DEFAULT_MAX_DATA_POINTS),
        intervalMS: wholeNumber(query.intervalMs, DEFAULT_INTERVAL_MS),
        timeRange,
        json: new TextEncoder().encode(JSON.stringify(query)),
      })),
    },
    { signal: clientGone(response) }
  );
  const entries = Object.entries(result.responses);
  const failed = entries.some(([, each]) => each.error !== '');
  sendJson(response, failed ? 400 : 200, {
    results: Object.fromEntries(entries.map(([refId, each]) => [refId, resultJson(refId, each)])),
  });
}
