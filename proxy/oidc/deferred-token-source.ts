/**
 * Loads a token source at the first call that needs it. A proxy without OAuth saves the memory of the OAuth libraries.
 */
import { type AccessToken, type FoundProvider, type KeyFinding, type TokenSource } from './token-source';

export class DeferredTokenSource implements TokenSource {
  readonly #open: () => Promise<TokenSource>;
  #source: Promise<TokenSource> | undefined;

  /** @param open Called at the first use, and again when it failed. */
  constructor(open: () => Promise<TokenSource>) {
    this.#open = open;
  }

  async getToken(signal: AbortSignal): Promise<AccessToken> {
    return (await this.#opened()).getToken(signal);
  }

  async signIn(signal: AbortSignal): Promise<AccessToken> {
    return (await this.#opened()).signIn(signal);
  }

  async discover(signal: AbortSignal): Promise<FoundProvider> {
    return (await this.#opened()).discover(signal);
  }

  async checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding> {
    return (await this.#opened()).checkKey(token, signal);
  }

  accept(token: AccessToken): void {
    this.#tell((source) => source.accept(token));
  }

  reject(token: AccessToken): void {
    this.#tell((source) => source.reject(token));
  }

  /** Queued behind the loading, so that a later `getToken` already takes it into account. */
  #tell(what: (source: TokenSource) => void): void {
    void this.#opened().then(what, () => undefined);
  }

  #opened(): Promise<TokenSource> {
    if (this.#source === undefined) {
      this.#source = this.#open();
      // The next call tries again.
      this.#source.catch(() => (this.#source = undefined));
    }
    return this.#source;
  }
}
