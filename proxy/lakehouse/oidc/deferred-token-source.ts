/**
 * Loads a token source at the first call, so that a backend without OAuth does not load the OAuth libraries into
 * memory.
 */
import { type AccessToken, type FoundProvider, type KeyFinding, type SignIn, type TokenSource } from './token-source';

/** A token source whose promises also reject when the source cannot be loaded. */
export class DeferredTokenSource implements TokenSource {
  readonly #open: () => Promise<TokenSource>;
  #source: Promise<TokenSource> | undefined;

  /** @param open Called at the first use, and again after a failure. */
  constructor(open: () => Promise<TokenSource>) {
    this.#open = open;
  }

  async getToken(signal: AbortSignal): Promise<AccessToken> {
    return (await this.#opened()).getToken(signal);
  }

  async signIn(dataSource: string): Promise<SignIn> {
    return (await this.#opened()).signIn(dataSource);
  }

  async discover(signal: AbortSignal): Promise<FoundProvider> {
    return (await this.#opened()).discover(signal);
  }

  async checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding> {
    return (await this.#opened()).checkKey(token, signal);
  }

  accept(token: AccessToken): void {
    this.#enqueue((source) => source.accept(token));
  }

  reject(token: AccessToken): void {
    this.#enqueue((source) => source.reject(token));
  }

  /** Calls `callback` as soon as the source has loaded, and before any later `getToken`. */
  #enqueue(callback: (source: TokenSource) => void): void {
    void this.#opened().then(callback, () => undefined);
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
