/**
 * Handlers without a lakehouse, for tests of the plugin protocol. The JSON of each query determines its response.
 */
import {
  type CheckHealthRequest,
  type DataChunk,
  type DataQuery,
  type DataResponse,
  type Handlers,
  type QueryDataResult,
  type QueryDataRequest,
  type ResourceRequest,
} from '../../proxy/query/plugin-request';
import { ProxyError } from '../../proxy/base/errors/proxy-error';

/** The query model that these handlers understand. */
export interface FakeQuery {
  /** Number of pieces of the frame in the response. All pieces share one buffer. */
  pieces?: number;
  /** Size of each piece. */
  pieceBytes?: number;
  /** Throw an expected error (`proxy_error`) or an unexpected error (`bug`) instead of responding. */
  fail?: 'proxy_error' | 'bug';
  /** Respond only when the call is aborted, or by `release`. */
  hang?: boolean;
  /** Ignore an abort while hanging. */
  isDeaf?: boolean;
  /** End the process by an exception outside of any handler. */
  crash?: boolean;
}

/** Records all requests. */
export class FakeHandlers implements Handlers {
  readonly queryRequests: QueryDataRequest[] = [];
  readonly healthRequests: CheckHealthRequest[] = [];
  readonly resourceRequests: ResourceRequest[] = [];
  /** Abort reasons of the hanging calls. */
  readonly aborted: string[] = [];
  /** Number of responses that were either sent or dropped. */
  done = 0;
  #onHang: () => void = () => undefined;
  #onAbort: () => void = () => undefined;

  /** Resolves when the next hanging query has arrived. */
  nextHang(): Promise<void> {
    return new Promise((resolve) => {
      this.#onHang = resolve;
    });
  }

  /** Makes the query that hangs respond. */
  release: () => void = () => undefined;

  /** Resolves when the next hanging query has been aborted. */
  nextAbort(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAbort = resolve;
    });
  }

  async queryData(request: QueryDataRequest, signal: AbortSignal): Promise<QueryDataResult> {
    this.queryRequests.push(request);
    const responses = request.queries.map(async (query): Promise<[string, DataResponse]> => [
      query.refId,
      await this.#respond(query, signal),
    ]);
    return { responses: new Map(await Promise.all(responses)), done: () => void this.done++ };
  }

  async *queryChunkedData(request: QueryDataRequest, signal: AbortSignal): AsyncGenerator<DataChunk> {
    const { responses } = await this.queryData(request, signal);
    for (const [refId, { frames, ...outcome }] of responses) {
      for (const frame of frames) {
        yield { refId, frameId: 'rows', frame, ...outcome };
      }
    }
  }

  async checkHealth(request: CheckHealthRequest) {
    this.healthRequests.push(request);
    const status = request.context.dataSource === undefined ? ('error' as const) : ('ok' as const);
    return { status, message: `health is ${status}`, details: { message: 'm', verboseMessage: 'v', stages: [] } };
  }

  async callResource(request: ResourceRequest) {
    this.resourceRequests.push(request);
    return { status: request.path === 'missing' ? 404 : 200, body: { path: request.path, url: request.url } };
  }

  async collectMetrics(): Promise<string> {
    return '# HELP fake A counter.\nfake 1\n';
  }

  async #respond(query: DataQuery, signal: AbortSignal): Promise<DataResponse> {
    const model: FakeQuery = JSON.parse(new TextDecoder().decode(query.json));
    if (model.fail === 'proxy_error') {
      throw new ProxyError('query_invalid', { detail: 'near "FORM"' });
    }
    if (model.fail === 'bug') {
      throw new TypeError('x is not a function');
    }
    if (model.crash === true) {
      queueMicrotask(() => {
        throw new Error('thrown outside of a call');
      });
    }
    if (model.hang === true) {
      await this.#hang(signal, model.isDeaf === true);
    }
    const piece = new Uint8Array(model.pieceBytes ?? 4).fill(7);
    return { frames: [Array.from({ length: model.pieces ?? 1 }, () => piece)], status: 200 };
  }

  #hang(signal: AbortSignal, isDeaf: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve;
      signal.addEventListener('abort', () => {
        this.aborted.push(String(signal.reason));
        this.#onAbort();
        if (!isDeaf) {
          resolve();
        }
      });
      this.#onHang();
    });
  }
}

/** A query for these handlers, as Grafana sends it. */
export function fakeQuery(refId: string, model: FakeQuery = {}): { refId: string; json: Uint8Array<ArrayBuffer> } {
  return { refId, json: new TextEncoder().encode(JSON.stringify(model)) };
}
