/**
 * One token source for each set of credentials and way to their provider, however many data sources use it: they share
 * the token, the request for it, and the pauses after a failure. Different ones never share: a secret must not travel on
 * a way that was not chosen for it. A source lives as long as somebody holds it, so that saving other settings of a data
 * source does not cost it its token.
 */
import { createHash } from 'node:crypto';
import { Secret } from '../logging/secret';
import { type ProviderRoute } from '../network/routes';
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

/** Everything that makes a token or its request differ, secrets in clear text: only a hash of it is kept. */
function keyOf(credentials: ClientCredentials, route: ProviderRoute): string {
  return createHash('sha256')
    .update(JSON.stringify([credentials, route], revealed))
    .digest('base64');
}

export class TokenRegistry {
  readonly #held = new Map<string, { source: TokenSource; holders: number }>();

  constructor(private readonly createSource: (credentials: ClientCredentials, route: ProviderRoute) => TokenSource) {}

  /** The source of these credentials by this way, new or shared. */
  acquire(credentials: ClientCredentials, route: ProviderRoute): TokenLease {
    const key = keyOf(credentials, route);
    const entry = this.#held.get(key) ?? { source: this.createSource(credentials, route), holders: 0 };
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
