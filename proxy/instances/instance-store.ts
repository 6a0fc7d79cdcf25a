/**
 * The live data sources: one for each saved data source and version of its settings.
 *
 * Grafana never says that settings have changed or a data source is gone; it sends the settings with each request. So a
 * changed version replaces the instance, which ends once its last query has, and one that nobody used for long is let go.
 */
import { type Logger } from '../logging/logger';
import { type Metrics } from '../metrics/metrics';
import { type ProviderFetch, type ProviderRoute } from '../network/routes';
import { DeferredTokenSource } from '../oidc/deferred-token-source';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type TokenSource } from '../oidc/token-source';
import { type OperatorPolicy } from '../operator/operator-policy';
import { createInstance, type Instance } from './instance';
import { type Environment } from './read-socks-proxy';
import { type SavedDataSource, versionOf } from './saved-data-source';
import { parseSettings } from './settings';
import { TokenRegistry, type TokenLease } from './token-registry';

export interface InstanceStoreDeps {
  logger: Logger;
  metrics: Pick<Metrics, 'tokenRequested'>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a clock that nobody sets, by which tokens are kept. Missing: `now`. */
  elapsedMs?: () => number;
  /** What the operator allows. */
  policy: OperatorPolicy;
  /** Of the process: proxies on the way to identity providers. */
  environment: Environment;
  /** Makes the requests to an identity provider. Missing: over the network. */
  createProviderFetch?: (route: ProviderRoute) => ProviderFetch;
}

/** The right to use an instance for one request. */
export interface Lease {
  readonly instance: Instance;
  /** Ends it; further calls do nothing. The instance must not be used afterwards. */
  release(): void;
}

export interface InstanceStore {
  /**
   * The instance of a data source in the version that `saved` has.
   *
   * @throws {ProxyError} `settings_invalid`, `password_unsupported`, `host_not_allowed`, `plaintext_refused`.
   */
  acquire(saved: SavedDataSource): Lease;
  /** Ends all instances, also those in use. */
  close(): void;
}

/** Loaded by the first data source with OAuth. */
async function signIn(
  credentials: ClientCredentials,
  route: ProviderRoute,
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
    now,
    elapsedMs,
    logger,
    onRequest: (code, durationMs) => metrics.tokenRequested(code, durationMs),
  });
}

const IDLE_LIMIT_MS = 30 * 60_000;

interface Entry {
  version: string;
  instance: Instance;
  token: TokenLease | undefined;
  leases: number;
  lastUsedMs: number;
  /** True once a newer version has replaced it. */
  isRetired: boolean;
}

class LiveInstances implements InstanceStore {
  readonly #deps: InstanceStoreDeps;
  readonly #current = new Map<string, Entry>();
  /** Replaced, but still in use. */
  readonly #retired = new Set<Entry>();
  readonly #tokens: TokenRegistry;

  constructor(deps: InstanceStoreDeps) {
    this.#deps = deps;
    this.#tokens = new TokenRegistry(
      (credentials, route) => new DeferredTokenSource(() => signIn(credentials, route, deps))
    );
  }

  acquire(saved: SavedDataSource): Lease {
    const lease = this.#lease(this.#entryOf(saved));
    this.#dropIdle();
    return lease;
  }

  close(): void {
    for (const entry of [...this.#current.values(), ...this.#retired]) {
      this.#end(entry);
    }
    this.#current.clear();
    this.#retired.clear();
  }

  /** The entry in the wanted version. A version that cannot be used ends the one before it as well. */
  #entryOf(saved: SavedDataSource): Entry {
    const key = JSON.stringify([saved.grafanaUrl, saved.orgId, saved.uid]);
    const version = versionOf(saved);
    const before = this.#current.get(key);
    if (before?.version === version) {
      return before;
    }
    let entry: Entry | undefined;
    try {
      // Before the old one ends: equal credentials then keep their token.
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
    const { providerRoute, server } = settings;
    const credentials = settings.auth.kind === 'oauth2' ? settings.auth.credentials : undefined;
    const token = credentials && this.#tokens.acquire({ credentials, providerRoute, server });
    this.#deps.logger.debug('Data source opened', { uid: saved.uid, orgId: saved.orgId, auth: settings.auth.kind });
    return {
      version,
      instance: createInstance(settings, { tokenSource: token?.source, now: this.#deps.now }),
      token,
      leases: 0,
      lastUsedMs: this.#deps.now(),
      isRetired: false,
    };
  }

  #lease(entry: Entry): Lease {
    entry.leases += 1;
    entry.lastUsedMs = this.#deps.now();
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
    entry.leases -= 1;
    entry.lastUsedMs = this.#deps.now();
    if (entry.isRetired && entry.leases === 0 && this.#retired.delete(entry)) {
      this.#end(entry);
    }
  }

  #retire(key: string, entry: Entry): void {
    entry.isRetired = true;
    this.#current.delete(key);
    if (entry.leases === 0) {
      this.#end(entry);
    } else {
      this.#retired.add(entry);
    }
  }

  #dropIdle(): void {
    const limit = this.#deps.now() - IDLE_LIMIT_MS;
    for (const [key, entry] of this.#current) {
      if (entry.leases === 0 && entry.lastUsedMs < limit) {
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

/** A store without instances. */
export function createInstanceStore(deps: InstanceStoreDeps): InstanceStore {
  return new LiveInstances(deps);
}
