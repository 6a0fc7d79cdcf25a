import { inspect } from 'node:util';

/**
 * A value that must not be seen: an API key, a client secret, an access token.
 *
 * Printing, logging or serialising it yields `[secret]`; only `reveal()` gives the text, at the one place that sends it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call it where it is sent, never where it might be kept or printed. */
  reveal(): string {
    return this.#text;
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
