/** For tests: writes down what a stream tells. */
import { type Headers } from '../headers.ts';
import { type StreamEvents } from '../stream.ts';

export class StreamLog implements StreamEvents {
  /** The names of the events, each once in a row. */
  readonly events: string[] = [];
  headers: Headers | undefined;
  trailers: Headers | undefined;
  readonly parts: Buffer[] = [];
  bytes = 0;
  code: number | undefined;
  /** Resolves with the code of the end. */
  readonly closed: Promise<number | undefined>;
  readonly answered: Promise<void>;
  /** Called with each part of the body. */
  onPart: ((bytes: Uint8Array) => void) | undefined;
  #close: (code: number | undefined) => void = () => undefined;
  #answer: () => void = () => undefined;
  #wanted = Infinity;
  #enough: () => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => (this.#close = resolve));
    this.answered = new Promise((resolve) => (this.#answer = resolve));
  }

  get body(): Buffer {
    return Buffer.concat(this.parts);
  }

  /** Resolves when so many bytes of the body have come. */
  atLeast(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = bytes;
      this.#enough = resolve;
      this.#check();
    });
  }

  onHeaders(headers: Headers): void {
    this.#note('headers');
    this.headers = headers;
    this.#answer();
  }

  onData(bytes: Uint8Array): void {
    this.#note('data');
    this.parts.push(Buffer.from(bytes));
    this.bytes += bytes.length;
    this.onPart?.(bytes);
    this.#check();
  }

  onTrailers(headers: Headers): void {
    this.#note('trailers');
    this.trailers = headers;
  }

  onEnd(): void {
    this.#note('end');
  }

  onClose(code: number | undefined): void {
    this.#note('close');
    this.code = code;
    this.#close(code);
  }

  #note(event: string): void {
    if (this.events.at(-1) !== event || event === 'close') {
      this.events.push(event);
    }
  }

  #check(): void {
    if (this.bytes >= this.#wanted) {
      this.#enough();
    }
  }
}
