/**
 * Shares token sources between data sources with the same credentials, the same route to the identity provider and the
 * same server. These data sources share the token, the token requests and the delays after failures.
 *
 * A secret is sent only over the route in its data source's settings, and the token only to the server in these
 * settings. A source exists while an instance uses it. If only other settings change, the new instance uses the same
 * source, so the token is kept.
 */
import { StringMap } from '../../../contract/string-map';
import { digestOf } from '../../base/digest';
import { Secret } from '../../observe/logging/secret';
import { type ProviderRoute, type ServerRoute } from '../network/routes';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type TokenSource } from '../oidc/token-source';

/** The use of a token source until `release`. */
export interface TokenHandle {
  source: TokenSource;
  /** Releases the source. Further calls have no effect. */
  release(): void;
}

/** Replaces the placeholder of a secret by the secret itself, because the key must depend on the secret. */
function revealed(this: object, name: string, json: unknown): unknown {
  const value: unknown = Reflect.get(this, name);
  return value instanceof Secret ? value.reveal() : json;
}

/** How a token is requested, and which server receives it. */
export interface TokenPath {
  readonly credentials: ClientCredentials;
  /** The route to the identity provider. */
  readonly providerRoute: ProviderRoute;
  /** The server that receives the token: scheme, host, port, TLS settings and SOCKS proxy. */
  readonly server: ServerRoute;
}

/** The key of a token source: a hash of all values that determine the token, its request and its receiver. */
function keyOf({ credentials, providerRoute, server }: TokenPath): string {
  return digestOf(JSON.stringify([credentials, providerRoute, server], revealed));
}

/** Counts the handles of each source, and drops the source with its last handle. */
export class TokenRegistry {
  readonly #createSource: (credentials: ClientCredentials, route: ProviderRoute) => TokenSource;
  readonly #held = new StringMap<{ source: TokenSource; holders: number }>();

  constructor(createSource: (credentials: ClientCredentials, route: ProviderRoute) => TokenSource) {
    this.#createSource = createSource;
  }

  /** The source for this path, either new or shared. */
  acquire(path: TokenPath): TokenHandle {
    const key = keyOf(path);
    const entry = this.#held.get(key) ?? {
      source: this.#createSource(path.credentials, path.providerRoute),
      holders: 0,
    };
    this.#held.set(key, entry);
    entry.holders += 1;
    let isHeld = true;
    return {
      source: entry.source,
      release: () => {
        if (isHeld) {
          isHeld = false;
          entry.holders -= 1;
          if (entry.holders === 0) {
            this.#held.delete(key);
          }
        }
      },
    };
  }
}
