/**
 * Reads data sources, dashboards, library panels and alert rules through Grafana's HTTP API. Sends GET requests only,
 * to the given address only.
 */
import * as z from 'zod/mini';
import { withLimits } from '../proxy/base/async/with-limits';
import { foreignString } from '../proxy/base/errors/foreign-string';

/** Grafana could not be read. The user sees the message. */
export class GrafanaError extends Error {}

export interface GrafanaAccess {
  /** Address of Grafana, with the path of a reverse proxy if there is one. */
  url: string;
  /** Value of the header `Authorization`. */
  authorization: string;
  /** Maximum duration of one request, in milliseconds. */
  timeoutMs?: number;
  /** Maximum number of pages of one list. */
  maxPages?: number;
}

const TIMEOUT_MS = 30_000;
/** Maximum size of a response, in bytes. The largest dashboards have some megabytes. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
/** Number of dashboards in one page of the list. */
const PAGE = 1000;
/** Number of library panels in one page of the list. */
const LIBRARY_PAGE = 100;
/**
 * Maximum number of pages of one list. Without this limit, the command would never end if a server repeats its pages.
 */
const MAX_PAGES = 1000;

export type JsonObject = Readonly<Record<string, unknown>>;

const object = z.record(z.string(), z.unknown());
const dataSources = z.array(
  z.looseObject({
    uid: z.string(),
    name: z.string(),
    type: z.string(),
    isDefault: z.optional(z.boolean()),
    readOnly: z.optional(z.boolean()),
  })
);
/** A data source in the response of `/api/datasources`. */
export type ListedDataSource = z.infer<typeof dataSources>[number];

const savedDataSource = z.looseObject({
  jsonData: z.nullish(object),
  secureJsonFields: z.nullish(z.record(z.string(), z.boolean())),
});
export type SavedDataSource = z.infer<typeof savedDataSource>;

const found = z.array(z.looseObject({ uid: z.string(), title: z.string(), url: z.optional(z.string()) }));
const dashboard = z.looseObject({ dashboard: object });
const library = z.looseObject({
  result: z.looseObject({
    elements: z.array(z.looseObject({ uid: z.string(), name: z.string(), model: object })),
  }),
});
const rules = z.array(
  z.looseObject({
    uid: z.string(),
    title: z.string(),
    data: z.nullish(z.array(object)),
    folderUID: z.optional(z.string()),
  })
);

export interface Dashboard {
  uid: string;
  title: string;
  /** Path of the dashboard in Grafana. */
  path: string;
  model: JsonObject;
}

export interface LibraryPanel {
  uid: string;
  name: string;
  model: JsonObject;
}

export type AlertRule = z.infer<typeof rules>[number];

/** The message for an HTTP status that is not a success. */
function statusProblem(status: number, path: string): string {
  switch (status) {
    case 401:
      return 'Grafana rejected the sign-in (HTTP 401). Check GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD.';
    case 403:
      return `The account may not read ${path} (HTTP 403). Use a service account with the role Admin of the organization.`;
    case 404:
      return `Grafana has no ${path} (HTTP 404). Either it was deleted in the meantime, or the address of Grafana is wrong: check the address, including the path of a reverse proxy.`;
    default:
      return `Grafana responded to ${path} with HTTP ${status}.`;
  }
}

async function readBounded(response: Response, path: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_RESPONSE_BYTES) {
      throw new GrafanaError(`The response to ${path} has more than ${MAX_RESPONSE_BYTES / 1024 / 1024} MiB.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function fetchBody(url: URL, path: string, authorization: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    headers: { authorization, accept: 'application/json' },
    // A redirect could send the credentials to another host.
    redirect: 'manual',
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new GrafanaError(
      response.status >= 300 && response.status < 400
        ? `Grafana redirects ${path}. Use the address that Grafana shows in a browser.`
        : statusProblem(response.status, path)
    );
  }
  return readBounded(response, path);
}

export class GrafanaApi {
  readonly #access: GrafanaAccess;
  readonly #base: URL;

  /** @throws {GrafanaError} If the address is not HTTP or has a user name, or the authorization cannot be sent. */
  constructor(access: GrafanaAccess) {
    this.#access = access;
    // `fetch` would fail with an error that contains the secret.
    if (!/^[\x20-\x7e]+$/.test(access.authorization)) {
      throw new GrafanaError(
        'GRAFANA_TOKEN contains a line break, or a character that no token contains. Set it to the token only.'
      );
    }
    const base = URL.parse(access.url.endsWith('/') ? access.url : `${access.url}/`);
    if (base === null || !['http:', 'https:'].includes(base.protocol) || base.username !== '' || base.password !== '') {
      throw new GrafanaError(
        'The address of Grafana must begin with http:// or https:// and contain no user name, for example https://grafana.example.com.'
      );
    }
    this.#base = base;
  }

  async #get<T>(path: string, shape: z.ZodMiniType<T>): Promise<T> {
    const { authorization, timeoutMs = TIMEOUT_MS } = this.#access;
    const url = new URL(path, this.#base);
    let body: string;
    try {
      const limits = { limitMs: timeoutMs, late: `no response in ${timeoutMs / 1000} s` };
      body = await withLimits(limits, (signal) => fetchBody(url, path, authorization, signal));
    } catch (reason) {
      if (reason instanceof GrafanaError) {
        throw reason;
      }
      const cause = reason instanceof Error && reason.cause instanceof Error ? reason.cause : reason;
      const detail = foreignString(cause instanceof Error ? cause.message : String(cause), 300);
      throw new GrafanaError(`Grafana at ${this.#base.origin} cannot be reached: ${detail}.`, { cause: reason });
    }
    const json = parsed(body);
    const result = shape.safeParse(json);
    if (!result.success) {
      throw new GrafanaError(
        `The response to ${path} does not come from Grafana's API. Check the address, including the path of a reverse proxy.`
      );
    }
    return result.data;
  }

  /** All data sources of the organization. */
  dataSources(): Promise<ListedDataSource[]> {
    return this.#get('api/datasources', dataSources);
  }

  dataSource(uid: string): Promise<SavedDataSource> {
    return this.#get(`api/datasources/uid/${pathPart(uid)}`, savedDataSource);
  }

  /**
   * Yields the entries of a list, page by page.
   *
   * @throws {GrafanaError} If a page cannot be read, or the list has more than `maxPages` pages.
   */
  async *#entries<Entry>(pageSize: number, read: (page: number) => Promise<Entry[]>): AsyncGenerator<Entry> {
    const { maxPages = MAX_PAGES } = this.#access;
    for (let page = 1; page <= maxPages; page++) {
      const entries = await read(page);
      yield* entries;
      if (entries.length < pageSize) {
        return;
      }
    }
    throw new GrafanaError(
      `Only the first ${maxPages * pageSize} entries of the list were read. If Grafana has fewer, a reverse proxy may drop the number of the page from the address.`
    );
  }

  /**
   * Yields the dashboards of the organization. If a dashboard cannot be read, calls `onProblem` and continues.
   *
   * @throws {GrafanaError} After the last dashboard, if the list could not be read to its end.
   */
  async *dashboards(onProblem: (title: string, problem: string) => void): AsyncGenerator<Dashboard> {
    const list = this.#entries(PAGE, (page) => this.#get(`api/search?type=dash-db&limit=${PAGE}&page=${page}`, found));
    for await (const { uid, title, url } of list) {
      try {
        const { dashboard: model } = await this.#get(`api/dashboards/uid/${pathPart(uid)}`, dashboard);
        yield { uid, title, path: url ?? `/d/${uid}`, model };
      } catch (reason) {
        if (!(reason instanceof GrafanaError)) {
          throw reason;
        }
        onProblem(title, reason.message);
      }
    }
  }

  /**
   * Yields the library panels of the organization.
   *
   * @throws {GrafanaError} After the last panel, if the list could not be read to its end.
   */
  libraryPanels(): AsyncGenerator<LibraryPanel> {
    return this.#entries(LIBRARY_PAGE, async (page) => {
      const path = `api/library-elements?kind=1&perPage=${LIBRARY_PAGE}&page=${page}`;
      return (await this.#get(path, library)).result.elements;
    });
  }

  alertRules(): Promise<AlertRule[]> {
    return this.#get('api/v1/provisioning/alert-rules', rules);
  }
}

/** `encodeURIComponent` throws for half of a surrogate pair. */
function pathPart(part: string): string {
  return encodeURIComponent(part.toWellFormed());
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
