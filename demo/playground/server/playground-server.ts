/**
 * The web server of the playground: the page, the files of the built plugin, and the part of Grafana's HTTP API that a
 * data source needs. Listens on loopback only. Accepts requests only for a loopback host, and changes and calls only
 * from its own page.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PLUGIN_ID } from '../../../contract/plugin-id';
import { type PageFiles } from '../bundle-page';
import { type GrafanaLibraries } from '../grafana-libraries';
import { type DemoHints } from '../playground-data';
import { handleAudit } from './audit-route';
import { handleHealth, handleResource, handleSettings } from './data-source-routes';
import { DEMO_USERS, demoUser, USER_COOKIE, userOfCookie } from './demo-users';
import { HttpError, sendBytes, sendJson, sendRevalidated } from './http-response';
import { pageHtml } from './page-html';
import { handleQuery } from './query-route';
import { type PlaygroundServices } from './request';
import { StaticFiles } from './static-files';

export interface PlaygroundOptions {
  services: Omit<PlaygroundServices, 'pluginVersion' | 'grafanaVersion'>;
  /** Folder of the project, with the built plugin in `dist/`. */
  root: string;
  libraries: GrafanaLibraries;
  pageFiles: PageFiles;
  hints: DemoHints;
  /** 0 or undefined: a free port. */
  port?: number;
  /** Called with errors that the page receives only as HTTP status 500. */
  onError: (error: unknown) => void;
}

export interface Playground {
  /** For example `http://127.0.0.1:41234/`. */
  address: string;
  close(): Promise<void>;
}

/**
 * Time in milliseconds for which idle connections stay open. If the server closes a connection while the client sends a
 * request, the client gets an error. So the time is longer than usual pauses between requests.
 */
const KEEP_ALIVE_MS = 120_000;

const API = /^\/api\/datasources\/uid\/([^/]+)(?:\/(health|resources)(?:\/(.*))?)?$/;
const PAGES = /^\/(?:$|(?:explore|dashboard)$|(?:alerting|dashboard|explore|settings|variables)\/)/;

interface PluginJson extends Record<string, unknown> {
  info: { version: string; logos: { small: string; large: string } } & Record<string, unknown>;
}

/** plugin.json with the paths of its files, as Grafana's server sends it to the page. */
async function readPluginMeta(distFolder: string): Promise<PluginJson> {
  const meta = JSON.parse(await readFile(join(distFolder, 'plugin.json'), 'utf8')) as PluginJson;
  const baseUrl = `public/plugins/${PLUGIN_ID}`;
  const { small, large } = meta.info.logos;
  return {
    ...meta,
    baseUrl,
    module: `${baseUrl}/module.js`,
    info: { ...meta.info, logos: { small: `${baseUrl}/${small}`, large: `${baseUrl}/${large}` } },
  };
}

/**
 * Rejects requests with another host name, which may resolve to this address (DNS rebinding). Also rejects changes and
 * calls by pages of other sites. Browsers send the origin of the page with such requests. GET is harmless, because
 * browsers do not let such a page read the response. Programs send no origin.
 */
function rejectOtherSites({ method, headers: { host = '', origin } }: IncomingMessage): void {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
    throw new HttpError(403, 'The playground accepts requests to the loopback address only.');
  }
  if (origin !== undefined && origin !== `http://${host}` && method !== 'GET' && method !== 'HEAD') {
    throw new HttpError(403, 'The playground accepts changes and calls from its own page only.');
  }
}

class PlaygroundServer {
  readonly #options: PlaygroundOptions;
  readonly #pluginMeta: PluginJson;
  readonly #files: StaticFiles;
  readonly #services: PlaygroundServices;

  constructor(options: PlaygroundOptions, pluginMeta: PluginJson) {
    this.#options = options;
    this.#pluginMeta = pluginMeta;
    this.#files = new StaticFiles(options.root, options.libraries, options.pageFiles);
    this.#services = {
      ...options.services,
      pluginVersion: pluginMeta.info.version,
      grafanaVersion: options.libraries.version,
    };
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://playground');
    rejectOtherSites(request);
    if (url.pathname.startsWith('/public/')) {
      await this.#sendFile(decodeURIComponent(url.pathname.slice('/public/'.length)), request, response);
    } else if (url.pathname.startsWith('/api/')) {
      await this.#callApi(url.pathname, request, response);
    } else if (PAGES.test(url.pathname)) {
      this.#sendPage(url, request, response);
    } else {
      throw new HttpError(404, 'Not found');
    }
  }

  async #sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await this.#files.read(path);
    if (!file) {
      throw new HttpError(404, 'Not found');
    }
    sendRevalidated(request, response, file.contentType, file.body);
  }

  async #callApi(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = { user: userOfCookie(request.headers.cookie), services: this.#services };
    if (path === '/api/ds/query' && request.method === 'POST') {
      return handleQuery(call, request, response);
    }
    if (path === '/api/playground/audit') {
      return handleAudit(this.#services.audit, response);
    }
    const [, uid, part, rest] = API.exec(path) ?? [];
    if (uid === undefined) {
      throw new HttpError(404, 'Not found');
    }
    if (part === 'health') {
      return handleHealth(call, uid, request, response);
    }
    return part === 'resources'
      ? handleResource(call, uid, rest ?? '', request, response)
      : handleSettings(call, uid, request, response);
  }

  #sendPage(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const chosen = demoUser(url.searchParams.get('user'));
    if (chosen) {
      response.setHeader('set-cookie', `${USER_COOKIE}=${chosen.id}; Path=/; SameSite=Strict`);
    }
    const html = pageHtml({
      user: chosen ?? userOfCookie(request.headers.cookie),
      users: DEMO_USERS,
      theme: url.searchParams.get('theme') === 'light' ? 'light' : 'dark',
      dataSources: this.#services.dataSources.list(),
      pluginMeta: this.#pluginMeta,
      grafanaVersion: this.#services.grafanaVersion,
      hints: this.#options.hints,
    });
    sendBytes(response, 200, 'text/html; charset=utf-8', html);
  }
}

function fail(error: unknown, response: ServerResponse, onError: (error: unknown) => void): void {
  const known = error instanceof HttpError ? error : undefined;
  if (!known && !response.destroyed) {
    onError(error);
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // As in Grafana, only the log contains the error of a failed plugin call.
  sendJson(response, known?.status ?? 500, { message: known?.message ?? 'An error occurred within the plugin' });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts the web server. The caller closes the services. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const playground = new PlaygroundServer(options, await readPluginMeta(join(options.root, 'dist')));
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    playground.respond(request, response).catch((error: unknown) => fail(error, response, options.onError));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
