/** A BackendSrv for tests: it records the requests, and returns the given answers. */
import { type BackendSrv, type BackendSrvRequest, type FetchResponse, setBackendSrv } from '@grafana/runtime';
import { from, map, type Observable } from 'rxjs';

/** Returns the body of an answer, or rejects as Grafana does, with a status and the body in `data`. */
export type Answer = (request: BackendSrvRequest) => Promise<unknown>;

/** Returns the parts of an answer. */
export type ChunkedAnswer = (request: BackendSrvRequest) => Observable<FetchResponse<Uint8Array | undefined>>;

class AnsweringBackend implements BackendSrv {
  readonly #answer: Answer;

  constructor(
    answer: Answer,
    readonly chunked: ChunkedAnswer
  ) {
    this.#answer = answer;
  }

  fetch<T>(request: BackendSrvRequest): Observable<FetchResponse<T>>;
  fetch(config: BackendSrvRequest): Observable<FetchResponse> {
    return from(this.#answer(config)).pipe(
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
export function answerWith(answer: Answer): string[] {
  const asked: string[] = [];
  setBackendSrv(
    new AnsweringBackend((request) => {
      asked.push(request.url);
      return answer(request);
    }, unexpected)
  );
  return asked;
}

/** As `answerWith`, for answers in parts. */
export function answerInParts(answer: ChunkedAnswer): string[] {
  const asked: string[] = [];
  setBackendSrv(
    new AnsweringBackend(unexpected, (request) => {
      asked.push(request.url);
      return answer(request);
    })
  );
  return asked;
}

function unexpected({ url }: BackendSrvRequest): never {
  throw new Error(`Unexpected request: ${url}`);
}
