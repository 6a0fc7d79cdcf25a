/**
 * One token source for each set of credentials, however many data sources use it: they share the token, the request for
 * it, and the pauses after a failure. A source lives as long as somebody holds it, so that saving other settings of a
 * data source does not cost it its token.
 */
import { createHash } from 'node:crypto';
import { type ClientCredentials, type TokenSource } from '../oidc/token-source';

export interface TokenLease {
  source: TokenSource;
  /** Gives it back; further calls do nothing. */
  release(): void;
}

function keyOf({ issuer, clientId, clientSecret, audience, scope }: ClientCredentials): string {
  const fields = [issuer, clientId, clientSecret.reveal(), audience ?? null, scope ?? null];
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64');
}

export class TokenRegistry {
  readonly #held = new Map<string, { source: TokenSource; holders: number }>();

  constructor(private readonly createSource: (credentials: ClientCredentials) => TokenSource) {}

  /** The source of these credentials, new or shared. */
  acquire(credentials: ClientCredentials): TokenLease {
    const key = keyOf(credentials);
    const entry = this.#held.get(key) ?? { source: this.createSource(credentials), holders: 0 };
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
