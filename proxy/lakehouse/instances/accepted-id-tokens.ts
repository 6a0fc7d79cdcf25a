/**
 * Remembers the kinds of tokens for which a server rejected the access token and accepted the ID token. Later queries
 * with such tokens send the ID token first. A kind is the issuer and the audiences of both tokens.
 */
import { StringSet } from '../../../contract/string-map';
import { digestOf } from '../../base/digest';
import { type UserTokens } from './call-identity';

/** Maximum number of remembered kinds. The users of a data source sign in with a few clients of a few issuers. */
const MAX_KINDS = 100;

/** The key is a hash, because the claims of a token may be long. */
function kindOf({ access, id }: UserTokens): string {
  const claims = [access, id].map(({ description: { issuer, audience } }) => [issuer, audience]);
  return digestOf(JSON.stringify(claims));
}

/** Keeps hashes of at most 100 kinds, but no claim and no token. */
export class AcceptedIdTokens {
  /** The oldest first. */
  readonly #kinds = new StringSet();

  has(tokens: UserTokens): boolean {
    return this.#kinds.size > 0 && this.#kinds.has(kindOf(tokens));
  }

  /** Drops the oldest kind if 100 are remembered. */
  add(tokens: UserTokens): void {
    const [oldest] = this.#kinds;
    if (oldest !== undefined && this.#kinds.size >= MAX_KINDS) {
      this.#kinds.delete(oldest);
    }
    this.#kinds.add(kindOf(tokens));
  }

  /** Call this when the server rejects the ID token. */
  delete(tokens: UserTokens): void {
    this.#kinds.delete(kindOf(tokens));
  }
}
