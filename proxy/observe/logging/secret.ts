import { inspect } from 'node:util';

/**
 * A secret value: an API key, a client secret, an access token.
 *
 * Printing, logging or serializing a `Secret` gives `[secret]`. Only `reveal()` returns the value.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value. Call this only to send the value, never where it may be stored or printed. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
