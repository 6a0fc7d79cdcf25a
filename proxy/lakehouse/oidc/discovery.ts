/**
 * Finds the token endpoint of an issuer by OpenID Connect Discovery, and caches the result.
 *
 * The issuer is compared here, because openid-client compares URLs and skips the check for Entra ID.
 */
import { allowInsecureRequests, customFetch, discovery, type ServerMetadata } from 'openid-client';
import { withLimits } from '../../base/async/with-limits';
import { message } from '../../../contract/messages/message';
import { recogniseProvider } from '../../../contract/settings/providers';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Secret } from '../../observe/logging/secret';
import { discoveryFailure, foreignFailure, type ResponseContext } from './provider-failure';
import { forwardedHeadersAdvice, isBehindHost, isBehindTls, productOf } from './discovery-document';
import { ProviderError, proxyErrorIn } from './provider-error';
import { type EndpointHosts } from './endpoint-hosts';
import {
  askProvider,
  type BufferedResponse,
  isSafeUrl,
  jsonObject,
  jsonResponse,
  type ProviderFetch,
  shownUrl,
} from './provider-http';
import { presentableUrl } from '../../observe/logging/redact';
import { type ProviderProduct } from './token-source';
import { withoutSlash } from './shared-audiences';

/** Milliseconds for which a document is cached. */
const KEPT_MS = 3_600_000;
/**
 * A failure of the token endpoint causes a new request for the document only if the last request for it began at least
 * this many milliseconds ago.
 */
const SETTLED_MS = 60_000;
/** Time limit for reading the document. */
const TIME_LIMIT_MS = 10_000;
/**
 * Failures after which cached documents and tokens are still used: these failures do not show that anything has
 * changed.
 */
export const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'provider_unreachable',
  'provider_untrusted',
  'provider_timeout',
  'provider_intercepted',
  'provider_down',
  'provider_rate_limited',
  'proxy_unreachable',
  'no_file_handles',
]);
/** Timeout of openid-client, in seconds. Longer than the limits of the backend, which take effect first. */
export const LIBRARY_TIMEOUT_SECONDS = 60;

/** The discovery document of an identity provider. */
export interface Provider {
  /** The issuer in the document. */
  issuer: string;
  /** URL of the document. */
  discoveryUrl: string;
  tokenEndpoint: string;
  metadata: ServerMetadata;
  /** Undefined when the document does not identify the product. */
  product: ProviderProduct | undefined;
  /**
   * False when the document lists grants, but not `client_credentials`. Only a hint, because the lists are often
   * incomplete.
   */
  listsClientCredentials: boolean;
}

interface DiscoveryDeps {
  fetch: ProviderFetch;
  /** Returns the URL of an issuer's document. */
  discoveryUrl: (issuer: string) => string;
  /** Hosts that the document may use. */
  endpoints: EndpointHosts;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** For tests. Default: 10,000. */
  timeLimitMs?: number;
}

function issuerMismatch(expected: string, found: string, document: Record<string, unknown>): ProviderError {
  if (/[{}]|%7b/i.test(found)) {
    return new ProviderError('provider_issuer_mismatch', {
      detail: `Its issuer is the template "${found}" for all tenants.`,
      advice: [message('entra-issuer-is-template')],
    });
  }
  const detail = [message('issuer-found', { found, configured: expected })];
  const enter = message('issuer-mismatch', { found });
  if (isBehindTls(expected, found)) {
    return new ProviderError('provider_issuer_mismatch', {
      detail,
      advice: [...forwardedHeadersAdvice(expected, document), message('do-not-change-issuer')],
      more: [message('tls-terminated')],
    });
  }
  return isBehindHost(expected, found) && recogniseProvider(expected) === 'keycloak'
    ? new ProviderError('provider_issuer_mismatch', {
        detail,
        advice: [message('forwarded-host-keycloak', { origin: new URL(expected).origin })],
        more: [enter],
      })
    : new ProviderError('provider_issuer_mismatch', { detail, advice: [enter] });
}

/** True for issuers that are equal or differ only by the slash at the end. Such issuers have the same document. */
function isSameBySlash(a: string, b: string): boolean {
  return withoutSlash(a) === withoutSlash(b);
}

/**
 * Returns the document. Throws when it is not the discovery document of this issuer.
 *
 * The older plugin did not compare issuers, so saved issuers may have a slash too many or too few at the end. Such
 * issuers are accepted, because the document is the same. Micromegas does not see the saved issuer: it checks the
 * issuer in the token.
 */
function checkedDocument(
  response: BufferedResponse,
  issuer: string,
  context: ResponseContext
): Record<string, unknown> {
  const { url } = context;
  const document = jsonObject(response.body);
  if (document === undefined) {
    throw foreignFailure(response, { ...context, mayBeIssuer: true });
  }
  const found = document.issuer;
  if (typeof found !== 'string') {
    throw new ProviderError('provider_not_oidc', { detail: `The response of ${shownUrl(url)} has no issuer.` });
  }
  if (!isSameBySlash(found, issuer)) {
    throw issuerMismatch(issuer, presentableUrl(found, []), document);
  }
  return document;
}

/** Reads the document once, without caching. */
async function lookUp(issuer: string, clientId: string, deps: DiscoveryDeps, signal: AbortSignal): Promise<Provider> {
  const server = new URL(issuer);
  if (!isSafeUrl(server)) {
    throw new ProviderError('provider_unreachable', {
      detail: 'The issuer is not an https URL.',
      advice: [message('issuer-not-https')],
    });
  }
  const discoveryUrl = deps.discoveryUrl(issuer);
  const secrets: readonly Secret[] = [];
  const config = await discovery(new URL(discoveryUrl), clientId, undefined, undefined, {
    timeout: LIBRARY_TIMEOUT_SECONDS,
    execute: server.protocol === 'http:' ? [allowInsecureRequests] : [],
    [customFetch]: async (url, { method, headers }) => {
      const response = await askProvider(deps.fetch, url, { method, headers }, signal, 'provider_not_oidc');
      const context = { url, secrets, nowMs: deps.now() };
      if (response.status !== 200) {
        throw discoveryFailure(response, context);
      }
      return jsonResponse(checkedDocument(response, issuer, context));
    },
  });
  const metadata = config.serverMetadata();
  const { token_endpoint: endpoint = '' } = metadata;
  if (isBehindTls(issuer, endpoint)) {
    throw new ProviderError('provider_no_token_endpoint', {
      detail: [message('token-endpoint-over-http', { url: presentableUrl(shownUrl(endpoint), []) })],
      advice: forwardedHeadersAdvice(issuer, { ...metadata }),
      more: [message('tls-terminated')],
    });
  }
  const grants: unknown = metadata.grant_types_supported;
  return {
    issuer: metadata.issuer,
    discoveryUrl,
    tokenEndpoint: deps.endpoints.checked('token_endpoint', metadata.token_endpoint),
    metadata,
    product: productOf(metadata),
    listsClientCredentials: !Array.isArray(grants) || grants.includes('client_credentials'),
  };
}

/** The discovery document of one issuer. It is read when needed and cached for an hour. Callers share one request. */
export class Discovery {
  readonly #issuer: string;
  readonly #clientId: string;
  readonly #deps: DiscoveryDeps;
  /** Times are milliseconds of `elapsedMs`. */
  #known: { provider: Provider; readAtMs: number } | undefined;
  /** Start of the last request for the document. */
  #requestedAtMs = -Infinity;
  #inFlight: Promise<Provider> | undefined;

  constructor(issuer: string, clientId: string, deps: DiscoveryDeps) {
    this.#issuer = issuer;
    this.#clientId = clientId;
    this.#deps = deps;
  }

  /** The cached document, if it is not too old. */
  get known(): Provider | undefined {
    const known = this.#known;
    return known !== undefined && this.#deps.elapsedMs() - known.readAtMs < KEPT_MS ? known.provider : undefined;
  }

  /**
   * The provider, from the cache or from its document.
   *
   * @throws {ProxyError} with a `provider_…` code, or an error of `deps.fetch` about the route to the provider.
   */
  find(): Promise<Provider> {
    const { known } = this;
    if (known !== undefined) {
      return Promise.resolve(known);
    }
    return this.#refreshShared();
  }

  /**
   * Reads the document again, because the token endpoint may have moved. If the last request for the document began
   * less than a minute ago, the document is not read again, so that a failing token endpoint does not double the number
   * of requests.
   *
   * @returns The provider if its token endpoint has changed, else undefined. Never rejects.
   */
  async findMoved(provider: Provider): Promise<Provider | undefined> {
    if (this.#inFlight !== undefined || this.#deps.elapsedMs() - this.#requestedAtMs >= SETTLED_MS) {
      await this.#refreshShared().catch(() => undefined);
    }
    const current = this.#known?.provider;
    return current === undefined || current.tokenEndpoint === provider.tokenEndpoint ? undefined : current;
  }

  /**
   * Reads the document now, for Save & test: the cache does not replace a document that cannot be read. Does not change
   * the cache, so that a document with a wrong token endpoint has no effect on queries; see `keep`.
   *
   * @throws {ProxyError} As `find`.
   */
  async read(): Promise<Provider> {
    try {
      const limitMs = this.#deps.timeLimitMs ?? TIME_LIMIT_MS;
      return await withLimits({ limitMs, awaitsWork: true }, (signal) =>
        lookUp(this.#issuer, this.#clientId, this.#deps, signal)
      );
    } catch (reason) {
      throw proxyErrorIn(reason) ?? new ProxyError('provider_not_oidc', { cause: reason });
    }
  }

  /** Caches a document of `read`. */
  keep(provider: Provider): void {
    this.#known = { provider, readAtMs: this.#deps.elapsedMs() };
  }

  #refreshShared(): Promise<Provider> {
    this.#inFlight ??= this.#refresh().finally(() => (this.#inFlight = undefined));
    return this.#inFlight;
  }

  async #refresh(): Promise<Provider> {
    this.#requestedAtMs = this.#deps.elapsedMs();
    try {
      const provider = await this.read();
      this.keep(provider);
      return provider;
    } catch (reason) {
      if (this.#known !== undefined && OUTAGES.has(ProxyError.from(reason).code)) {
        return this.#known.provider;
      }
      throw reason;
    }
  }
}
