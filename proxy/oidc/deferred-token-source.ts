/**
 * Stands for a token source until the first call that needs it: the libraries of OAuth take memory that a proxy without
 * it should not pay for.
 */
import { type AccessToken, type FoundProvider, type KeyFinding, type TokenSource } from './token-source';

export class DeferredTokenSource implements TokenSource {
  readonly #open: () => Promise<TokenSource>;
  #source: Promise<TokenSource> | undefined;

  /** @param open Called once, and again after it failed. */
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

  /** In its turn: the source knows of it before it answers a `getToken` right after it. */
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
