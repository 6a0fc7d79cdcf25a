/**
 * Remembers which kinds of tokens a server accepted, as evidence for the cause of a later rejection. A kind is the
 * issuer, the audiences and the signing key of a token. No token and no subject is kept.
 */
import { type TokenDescription } from '../oidc/token-source';

/** An accepted kind of token. */
export interface AcceptedToken {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly keyId: string | undefined;
  /** Milliseconds since a token of this kind was last accepted. */
  readonly agoMs: number;
}

type Kind = Omit<AcceptedToken, 'agoMs'> & { acceptedMs: number };

/** Maximum number of kinds per server. A server trusts a few issuers. */
const MAX_KINDS = 20;
/** Maximum length of a claim in characters, and maximum number of audiences. Other tokens are not remembered. */
const MAX_CHARACTERS = 500;
const MAX_AUDIENCES = 10;

const isShort = (claim = '') => claim.length <= MAX_CHARACTERS;
const audiencesOf = ({ audience = [] }: TokenDescription) => audience.toSorted();

/** True for two equal lists of audiences. @param one Sorted. @param other Sorted. */
function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((audience, index) => audience === other[index]);
}

/** The tokens that one server accepted. */
export class AcceptedTokens {
  readonly #elapsedMs: () => number;
  /** The least recently accepted first. */
  #kinds: readonly Kind[] = [];
  #last: { description: TokenDescription; kind: Kind } | undefined;

  /** @param elapsedMs Milliseconds of a monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** Call this when the server has accepted a token. */
  add(description: TokenDescription): void {
    if (this.#last?.description === description) {
      this.#last.kind.acceptedMs = this.#elapsedMs();
      return;
    }
    const { issuer, keyId, audience = [] } = description;
    if (issuer === undefined || audience.length > MAX_AUDIENCES || ![issuer, keyId, ...audience].every(isShort)) {
      return;
    }
    const kind = { issuer, audience: audiencesOf(description), keyId, acceptedMs: this.#elapsedMs() };
    const others = this.#kinds.filter((each) => each.issuer !== issuer || !isSame(each.audience, kind.audience));
    this.#kinds = [...others, kind].slice(-MAX_KINDS);
    this.#last = { description, kind };
  }

  /**
   * The accepted kind that is most like a rejected token: with the same issuer and audiences, or else the last one with
   * the same issuer. Undefined if the server accepted no token of this issuer.
   */
  like(description: TokenDescription): (AcceptedToken & { isSameAudience: boolean }) | undefined {
    const ofIssuer = this.#kinds.filter(({ issuer }) => issuer === description.issuer);
    const audience = audiencesOf(description);
    const same = ofIssuer.find((kind) => isSame(kind.audience, audience));
    const found = same ?? ofIssuer.at(-1);
    if (found === undefined) {
      return undefined;
    }
    const { acceptedMs, ...kind } = found;
    return { ...kind, agoMs: this.#elapsedMs() - acceptedMs, isSameAudience: same !== undefined };
  }
}
