/**
 * The instances of data sources. An instance belongs to one version of the settings of one data source.
 *
 * Grafana does not report changed settings or deleted data sources, but sends the settings with each request. So the
 * instance for a new version replaces the previous one, which closes after its last query. An instance is also replaced
 * if a key or certificate file of Grafana's SOCKS proxy changes. An instance that is unused for 30 minutes is closed at
 * the next request.
 */
import { Cache } from '../../../contract/cache';
import { StringMap } from '../../../contract/string-map';
import { formatAddress } from '../../../contract/settings/host';
import { type Environment } from '../../base/environment';
import { type Logger } from '../../observe/logging/logger';
import { type ProviderFetch, type ProviderRoute } from '../network/routes';
import { ServerAddresses } from '../network/server-addresses';
import { DeferredTokenSource } from '../oidc/deferred-token-source';
import { type ClientCredentials } from '../oidc/client-credentials';
import { RequestTurns } from '../oidc/request-turns';
import { type TokenSource } from '../oidc/token-source';
import { type OperatorPolicy } from '../operator/operator-policy';
import { type MemoryBudget } from '../../observe/memory/memory-budget';
import { type ConnectionEvents } from '../../observe/telemetry/connection-events';
import { type TokenEvents } from '../../observe/telemetry/token-events';
import { AcceptedTokens } from './accepted-tokens';
import { createInstance, type Instance } from './instance';
import { keyOf, type SavedDataSource, versionOf } from './saved-data-source';
import { parseSettings } from './settings';
import { TokenRegistry, type TokenHandle } from './token-registry';

/** Dependencies that all instances of the process share. */
export interface InstanceStoreDeps {
  logger: Logger;
  metrics: TokenEvents;
  /** Memory for the kept results of all data sources together. Default: nothing is kept, so results are not shared. */
  memory?: Pick<MemoryBudget, 'kept'>;
  /** Default: connections to servers are not reported. */
  connectionEvents?: ConnectionEvents;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock, for the lifetime of instances, tokens and caches, and for delays. */
  elapsedMs: () => number;
  /** The limits that the operator has set. */
  policy: OperatorPolicy;
  /** Environment variables of the process, which may set HTTP proxies and Grafana's SOCKS proxy. */
  environment: Environment;
  /** Creates the `fetch` for an identity provider. Default: a `fetch` that uses the network. */
  createProviderFetch?: (route: ProviderRoute) => ProviderFetch;
}

/** An instance in use by one request. */
export interface InstanceHandle {
  readonly instance: Instance;
  /** Releases the instance, which must not be used afterwards. Further calls have no effect. */
  release(): void;
}

/** Owns the instances. A caller holds an instance from `acquire` until it calls `release` of the handle. */
export interface InstanceStore {
  /**
   * Returns the instance for this version of a data source.
   *
   * @throws {ProxyError} `settings_invalid`, `password_unsupported`, `host_not_allowed`, `plaintext_refused`.
   */
  acquire(saved: SavedDataSource): InstanceHandle;
  /** Closes all instances, even those in use. */
  close(): void;
}

/**
 * The address of the SOCKS or HTTP proxy in a route, or empty. An HTTP proxy of the environment is not part of the
 * route. The address is part of the key of `RequestTurns`, so that a proxy that hangs delays only the requests that use
 * it.
 */
function proxyOf({ httpProxy, socks }: ProviderRoute): string {
  return socks === undefined ? (httpProxy?.url ?? '') : formatAddress(socks.host, socks.port);
}

/** Creates a token source. The first call loads the OAuth libraries. */
async function loadTokenSource(
  credentials: ClientCredentials,
  route: ProviderRoute,
  turns: RequestTurns,
  { now, elapsedMs, logger, metrics, policy, environment, ...deps }: InstanceStoreDeps
): Promise<TokenSource> {
  const [{ createTokenSource }, { createProviderFetch }] = await Promise.all([
    import('../oidc/create-token-source'),
    import('../network/provider-fetch'),
  ]);
  const overNetwork = (to: ProviderRoute) =>
    createProviderFetch(to, { allowsHost: (host, port) => policy.allowsHost(host, port), environment });
  return createTokenSource(credentials, {
    fetch: (deps.createProviderFetch ?? overNetwork)(route),
    readFile: (path) => policy.readFile(path),
    fileVersion: (path) => policy.fileVersion(path),
    now,
    elapsedMs,
    logger,
    turns: { run: (issuer, request) => turns.run(`${issuer} ${proxyOf(route)}`, request) },
    onRequest: (request) => metrics.tokenRequested(request),
  });
}

/** Milliseconds without use after which an instance is closed. */
const IDLE_LIMIT_MS = 30 * 60_000;

/** Minimum milliseconds between two searches for idle instances. */
const SWEEP_MS = 60_000;

/** Maximum number of pairs of organization and server whose accepted tokens are remembered. */
const MAX_SERVERS = 100;

interface Entry {
  version: string;
  instance: Instance;
  token: TokenHandle | undefined;
  handles: number;
  /** In milliseconds of `elapsedMs`. */
  lastUsedMs: number;
  /** True when the store no longer returns this instance, which closes after its last use. */
  isRetired: boolean;
}

class LiveInstances implements InstanceStore {
  readonly #deps: InstanceStoreDeps;
  readonly #current = new StringMap<Entry>();
  /** Replaced instances that are still in use. */
  readonly #retired = new Set<Entry>();
  readonly #tokens: TokenRegistry;
  readonly #addresses = new ServerAddresses();
  /** By organization and server, so that an organization learns nothing about the tokens of another one. */
  readonly #accepted = new Cache<AcceptedTokens>({ maxSize: MAX_SERVERS });
  #nextSweepMs = 0;

  constructor(deps: InstanceStoreDeps) {
    this.#deps = deps;
    const turns = new RequestTurns();
    this.#tokens = new TokenRegistry(
      (credentials, route) => new DeferredTokenSource(() => loadTokenSource(credentials, route, turns, deps))
    );
  }

  acquire(saved: SavedDataSource): InstanceHandle {
    const handle = this.#handle(this.#entryOf(saved));
    this.#dropIdle();
    return handle;
  }

  close(): void {
    for (const entry of [...this.#current.values(), ...this.#retired]) {
      this.#end(entry);
    }
    this.#current.clear();
    this.#retired.clear();
  }

  /** The entry for this version of the settings. The previous instance closes even if this version is invalid. */
  #entryOf(saved: SavedDataSource): Entry {
    const key = keyOf(saved);
    const version = versionOf(saved);
    const before = this.#current.get(key);
    if (before?.version === version && before.instance.settings.files.every((file) => file.isUnchanged())) {
      return before;
    }
    let entry: Entry | undefined;
    try {
      // The new instance is opened before the old one closes. So the token is kept if the credentials are equal.
      entry = this.#open(saved, version);
      return entry;
    } finally {
      if (before !== undefined) {
        this.#retire(key, before);
      }
      if (entry !== undefined) {
        this.#current.set(key, entry);
      }
    }
  }

  #open(saved: SavedDataSource, version: string): Entry {
    const settings = parseSettings(saved, this.#deps);
    const { now, elapsedMs, connectionEvents, memory } = this.#deps;
    const addresses = this.#addresses;
    const { providerRoute, server } = settings;
    const credentials = settings.auth.kind === 'oauth2' ? settings.auth.credentials : undefined;
    const token = credentials && this.#tokens.acquire({ credentials, providerRoute, server });
    this.#deps.logger.debug('Data source opened', { uid: saved.uid, orgId: saved.orgId, auth: settings.auth.kind });
    return {
      version,
      instance: createInstance(settings, {
        tokenSource: token?.source,
        tokenEvents: this.#deps.metrics,
        acceptedTokens: this.#acceptedBy(`${saved.orgId} ${formatAddress(server.host, server.port)}`),
        now,
        elapsedMs,
        addresses,
        connectionEvents,
        kept: memory?.kept,
      }),
      token,
      handles: 0,
      lastUsedMs: elapsedMs(),
      isRetired: false,
    };
  }

  /** The tokens that a server accepted from an organization. */
  #acceptedBy(key: string): AcceptedTokens {
    const accepted = this.#accepted.get(key) ?? new AcceptedTokens(this.#deps.elapsedMs);
    this.#accepted.set(key, accepted);
    return accepted;
  }

  #handle(entry: Entry): InstanceHandle {
    entry.handles += 1;
    entry.lastUsedMs = this.#deps.elapsedMs();
    let isHeld = true;
    return {
      instance: entry.instance,
      release: () => {
        if (isHeld) {
          isHeld = false;
          this.#released(entry);
        }
      },
    };
  }

  #released(entry: Entry): void {
    entry.handles -= 1;
    entry.lastUsedMs = this.#deps.elapsedMs();
    if (entry.isRetired && entry.handles === 0 && this.#retired.delete(entry)) {
      this.#end(entry);
    }
  }

  #retire(key: string, entry: Entry): void {
    entry.isRetired = true;
    this.#current.delete(key);
    if (entry.handles === 0) {
      this.#end(entry);
    } else {
      this.#retired.add(entry);
    }
  }

  #dropIdle(): void {
    const elapsedMs = this.#deps.elapsedMs();
    if (elapsedMs < this.#nextSweepMs) {
      return;
    }
    this.#nextSweepMs = elapsedMs + SWEEP_MS;
    const limit = elapsedMs - IDLE_LIMIT_MS;
    for (const [key, entry] of this.#current) {
      if (entry.handles === 0 && entry.lastUsedMs < limit) {
        this.#retire(key, entry);
      }
    }
  }

  #end(entry: Entry): void {
    entry.instance.close();
    entry.token?.release();
    const { uid, orgId } = entry.instance.settings;
    this.#deps.logger.debug('Data source closed', { uid, orgId });
  }
}

/** Creates a store without instances. */
export function createInstanceStore(deps: InstanceStoreDeps): InstanceStore {
  return new LiveInstances(deps);
}
