/**
 * Sends requests to the playground's server, in the way that the components of @grafana/runtime expect. A failed
 * response is thrown with its body, and a request cancels a running request with the same id. `chunked` does none of
 * this.
 */
import { type BackendSrv, type BackendSrvRequest, type FetchError, type FetchResponse } from '@grafana/runtime';
import { from, lastValueFrom, Observable, type Subscriber } from 'rxjs';

function urlOf({ url, params }: BackendSrvRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== null) {
      query.append(name, String(value));
    }
  }
  const search = query.toString();
  const path = url.startsWith('/') ? url : `/${url}`;
  return search === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${search}`;
}

function stringHeaders(headers: BackendSrvRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {})
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, String(value)])
  );
}

async function dataOf(response: Response, responseType: BackendSrvRequest['responseType']): Promise<unknown> {
  switch (responseType) {
    case 'arraybuffer':
      return response.arrayBuffer();
    case 'blob':
      return response.blob();
    case 'text':
      return response.text();
    default: {
      const body = await response.text();
      try {
        return body === '' ? {} : (JSON.parse(body) as unknown);
      } catch {
        return body;
      }
    }
  }
}

export class PlaygroundBackendSrv implements BackendSrv {
  readonly #running = new Map<string, AbortController>();

  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return from(this.#send<T>(options));
  }

  /** Cancels the running request with this id. */
  cancel(requestId: string): void {
    this.#running.get(requestId)?.abort();
  }

  async request<T>(options: BackendSrvRequest): Promise<T> {
    return (await lastValueFrom(this.fetch<T>(options))).data;
  }

  datasourceRequest<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(options));
  }

  get<T>(url: string, params?: Record<string, unknown>, requestId?: string): Promise<T> {
    return this.request<T>({ url, method: 'GET', params, requestId });
  }

  post<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, method: 'POST', data });
  }

  put<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, method: 'PUT', data });
  }

  patch<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, method: 'PATCH', data });
  }

  delete<T>(url: string, data?: unknown): Promise<T> {
    return this.request<T>({ url, method: 'DELETE', data });
  }

  /** The parts of a response of any status. Unsubscribing aborts the request. */
  chunked(options: BackendSrvRequest): Observable<FetchResponse<Uint8Array | undefined>> {
    return new Observable((subscriber) => {
      const controller = new AbortController();
      this.#readParts(options, controller.signal, subscriber).then(
        () => subscriber.complete(),
        (reason: unknown) => subscriber.error(reason)
      );
      return () => controller.abort();
    });
  }

  async #readParts(
    options: BackendSrvRequest,
    signal: AbortSignal,
    subscriber: Subscriber<FetchResponse<Uint8Array | undefined>>
  ): Promise<void> {
    const response = await fetch(urlOf(options), { headers: stringHeaders(options.headers), signal });
    const { status, statusText, ok, headers, redirected, type, url } = response;
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      subscriber.next({ data: part.value, status, statusText, ok, headers, redirected, type, url, config: options });
    }
  }

  #begin(requestId: string | undefined): AbortController {
    const controller = new AbortController();
    if (requestId !== undefined) {
      this.cancel(requestId);
      this.#running.set(requestId, controller);
    }
    return controller;
  }

  async #send<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    const controller = this.#begin(options.requestId);
    try {
      const response = await fetch(urlOf(options), {
        method: options.method ?? 'GET',
        headers: {
          ...(options.data === undefined ? {} : { 'content-type': 'application/json' }),
          ...stringHeaders(options.headers),
        },
        body: options.data === undefined ? undefined : JSON.stringify(options.data),
        signal: options.abortSignal ? AbortSignal.any([options.abortSignal, controller.signal]) : controller.signal,
      });
      const data = (await dataOf(response, options.responseType)) as T;
      const { status, statusText, ok, headers, redirected, type, url } = response;
      if (!ok) {
        const failure: FetchError<T> = { status, statusText, data, config: options };
        throw failure;
      }
      return { data, status, statusText, ok, headers, redirected, type, url, config: options };
    } catch (error) {
      if (controller.signal.aborted) {
        const cancelled: FetchError = {
          status: -1,
          statusText: 'Request was aborted',
          data: null,
          cancelled: true,
          config: options,
        };
        throw cancelled;
      }
      throw error;
    } finally {
      if (options.requestId !== undefined && this.#running.get(options.requestId) === controller) {
        this.#running.delete(options.requestId);
      }
    }
  }
}
