/** A BackendSrv for tests, which records the URLs of requests and returns given responses. */
import { type BackendSrv, type BackendSrvRequest, type FetchResponse, setBackendSrv } from '@grafana/runtime';
import { from, map, type Observable } from 'rxjs';

/** Returns the body of a response, or rejects as Grafana does, with a status and the body in `data`. */
export type Responder = (request: BackendSrvRequest) => Promise<unknown>;

/** Emits the parts of a response. */
export type ChunkedResponder = (request: BackendSrvRequest) => Observable<FetchResponse<Uint8Array | undefined>>;

class FakeBackend implements BackendSrv {
  readonly #respond: Responder;

  constructor(
    respond: Responder,
    readonly chunked: ChunkedResponder
  ) {
    this.#respond = respond;
  }

  fetch<T>(request: BackendSrvRequest): Observable<FetchResponse<T>>;
  fetch(config: BackendSrvRequest): Observable<FetchResponse> {
    return from(this.#respond(config)).pipe(
      map((data) => ({
        data,
        config,
        status: 200,
        statusText: 'OK',
        ok: true,
        headers: new Headers(),
        redirected: false,
        type: 'basic',
        url: config.url,
      }))
    );
  }

  get = this.#unused;
  post = this.#unused;
  put = this.#unused;
  patch = this.#unused;
  delete = this.#unused;
  request = this.#unused;
  datasourceRequest = this.#unused;

  #unused(): Promise<never> {
    return Promise.reject(new Error('The plugin sends requests with fetch() only.'));
  }
}

/** Replaces Grafana's BackendSrv. @returns The URLs of the requests. Each request appends to the list. */
export function respondWith(respond: Responder): string[] {
  const urls: string[] = [];
  setBackendSrv(
    new FakeBackend((request) => {
      urls.push(request.url);
      return respond(request);
    }, unexpected)
  );
  return urls;
}

/** Like `respondWith`, for responses in parts. */
export function respondInParts(respond: ChunkedResponder): string[] {
  const urls: string[] = [];
  setBackendSrv(
    new FakeBackend(unexpected, (request) => {
      urls.push(request.url);
      return respond(request);
    })
  );
  return urls;
}

function unexpected({ url }: BackendSrvRequest): never {
  throw new Error(`Unexpected request: ${url}`);
}
