/**
 * One token source for each set of credentials, way to their provider, and server that receives the token, however many
 * data sources use it: they share the token, the request for it, and the pauses after a failure. Anything else is never
 * shared. A secret must not travel on a way that was not chosen for it, and a token must not reach a server that somebody
 * else chose. A source lives as long as somebody holds it, so that saving other settings does not cost the token.
 */
import { createHash } from 'node:crypto';
import { Secret } from '../logging/secret';
import { type ProviderRoute, type ServerRoute } from '../network/routes';
import { type ClientCredentials } from '../oidc/client-credentials';
import { type TokenSource } from '../oidc/token-source';

export interface TokenLease {
  source: TokenSource;
  /** Gives it back; further calls do nothing. */
  release(): void;
}

/** A secret's JSON is a placeholder: the key needs what it stands for. */
function revealed(this: object, name: string, json: unknown): unknown {
  const value: unknown = Reflect.get(this, name);
  return value instanceof Secret ? value.reveal() : json;
}

/** Where a token comes from and where it goes. */
export interface TokenPath {
  readonly credentials: ClientCredentials;
  /** The way to the identity provider. */
  readonly providerRoute: ProviderRoute;
  /** The server that receives the token: scheme, host, port, TLS settings and proxy. */
  readonly server: ServerRoute;
}

/** Everything that makes a token, its request or its receiver differ. Only a hash of the secrets is kept. */
function keyOf({ credentials, providerRoute, server }: TokenPath): string {
  return createHash('sha256')
    .update(JSON.stringify([credentials, providerRoute, server], revealed))
    .digest('base64');
}

export class TokenRegistry {
  readonly #createSource: (credentials: ClientCredentials, route: ProviderRoute) => TokenSource;
  readonly #held = new Map<string, { source: TokenSource; holders: number }>();

  constructor(createSource: (credentials: ClientCredentials, route: ProviderRoute) => TokenSource) {
    this.#createSource = createSource;
  }

  /** The source for this path, new or shared. */
  acquire(path: TokenPath): TokenLease {
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
