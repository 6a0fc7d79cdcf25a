/**
 * The keys that a provider publishes (JWKS, RFC 7517). They help to explain why the server rejected a token: Micromegas
 * caches the keys for an hour, so it may reject valid tokens after the provider has changed its keys. No signature is
 * verified here.
 */
import { Cache } from '../../../contract/cache';
import { withLimits } from '../../base/async/with-limits';
import { message, type Message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Discovery } from './discovery';
import { proxyErrorIn } from './provider-error';
import { type EndpointHosts } from './endpoint-hosts';
import { askProvider, jsonObject, type ProviderFetch, shownUrl } from './provider-http';
import { type KeyFinding, type TokenDescription } from './token-source';

/**
 * Milliseconds for which keys are cached. This time is short, because the backend reads the keys when the provider may
 * just have changed them.
 */
const KEPT_MS = 60_000;
/** Time limit for reading the keys. */
const TIME_LIMIT_MS = 10_000;

interface KeySetDeps {
  fetch: ProviderFetch;
  /** Hosts that the discovery document may use. */
  endpoints: EndpointHosts;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** For tests. Default: 10,000. */
  timeLimitMs?: number;
}

interface PublishedKey {
  id: string | undefined;
  isRsa: boolean;
}

interface PublishedKeys {
  url: string;
  keys: PublishedKey[];
}

function readKeys(json: string): PublishedKey[] | undefined {
  const list: unknown = jsonObject(json)?.keys;
  if (!Array.isArray(list)) {
    return undefined;
  }
  return list.flatMap((entry: unknown) => {
    if (entry === null || typeof entry !== 'object') {
      return [];
    }
    const key: Record<string, unknown> = { ...entry };
    return [{ id: typeof key.kid === 'string' ? key.kid : undefined, isRsa: key.kty === 'RSA' }];
  });
}

const unchecked = (message: Message): KeyFinding => ({ status: 'unchecked', message });

/** Key ids are public, but not trusted: only a string that looks like a key id is shown. */
function shownId(id: string): string {
  return /^[\w.:+/=-]{1,100}$/.test(id) ? id : '(not shown)';
}

/** The published keys of one provider, cached for a minute. Callers share one request. */
export class KeySet {
  readonly #discovery: Discovery;
  readonly #deps: KeySetDeps;
  /** With one entry. */
  readonly #keys: Cache<PublishedKeys>;

  constructor(discovery: Discovery, deps: KeySetDeps) {
    this.#discovery = discovery;
    this.#deps = deps;
    this.#keys = new Cache({ maxSize: 1, ageMs: KEPT_MS, now: deps.elapsedMs });
  }

  /**
   * Finds out whether the provider publishes the key of a token. Never rejects: a provider that does not respond is
   * also a finding.
   */
  async find({ keyId }: TokenDescription): Promise<KeyFinding> {
    if (keyId === undefined) {
      return unchecked(message('token-names-no-key'));
    }
    try {
      const { url, keys } = await this.#keys.load('', () => this.#read());
      const key = keys.find(({ id }) => id === keyId);
      const shown = { key: shownId(keyId), url: shownUrl(url) };
      if (key === undefined) {
        return { status: 'unknown', message: message('token-key-unpublished', shown) };
      }
      return key.isRsa
        ? { status: 'known', message: message('token-key-published', shown) }
        : { status: 'unknown', message: message('token-key-not-rsa', { key: shown.key }) };
    } catch (reason) {
      const error = proxyErrorIn(reason) ?? ProxyError.from(reason);
      return unchecked(message('provider-keys-unreadable', { reason: error.message }));
    }
  }

  async #read(): Promise<PublishedKeys> {
    const { fetch, endpoints, timeLimitMs = TIME_LIMIT_MS } = this.#deps;
    const { metadata } = await this.#discovery.find();
    const url = endpoints.checked('jwks_uri', metadata.jwks_uri);
    const request = { method: 'GET', headers: { accept: 'application/json' } };
    const response = await withLimits({ limitMs: timeLimitMs, awaitsWork: true }, (signal) =>
      askProvider(fetch, url, request, signal, 'provider_not_oidc')
    );
    const keys = response.status === 200 ? readKeys(response.body) : undefined;
    if (keys === undefined) {
      throw new ProxyError('provider_not_oidc', {
        detail: `${shownUrl(url)} responds with HTTP ${response.status} and no set of keys.`,
      });
    }
    return { url, keys };
  }
}
