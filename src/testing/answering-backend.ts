/** Grafana's way from the browser to its server, for tests: it remembers what was asked and answers what it is told to. */
import { type BackendSrv, type BackendSrvRequest, type FetchResponse, setBackendSrv } from '@grafana/runtime';
import { from, map, type Observable } from 'rxjs';

/** Answers a request with a body, or rejects as Grafana does: with a status and the body under `data`. */
export type Answer = (request: BackendSrvRequest) => Promise<unknown>;

class AnsweringBackend implements BackendSrv {
  readonly #answer: Answer;

  constructor(answer: Answer) {
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

  chunked(): never {
    throw new Error('The settings page sends requests with fetch() alone.');
  }

  #unused(): Promise<never> {
    return Promise.reject(new Error('The settings page sends requests with fetch() alone.'));
  }
}

/** Puts the backend in the place of Grafana's. @returns The addresses that were asked, as they come in. */
export function answerWith(answer: Answer): string[] {
  const asked: string[] = [];
  setBackendSrv(
    new AnsweringBackend((request) => {
      asked.push(request.url);
      return answer(request);
    })
  );
  return asked;
}
