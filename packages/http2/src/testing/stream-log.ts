import { type Headers } from '../headers.ts';
import { type StreamEvents } from '../stream.ts';

/** For tests: records the events of a stream. */
export class StreamLog implements StreamEvents {
  /** The names of the events. Consecutive equal events are recorded once, except `close`. */
  readonly events: string[] = [];
  headers: Headers | undefined;
  trailers: Headers | undefined;
  readonly parts: Buffer[] = [];
  bytes = 0;
  code: number | undefined;
  /** Resolves with the code of `onClose`. */
  readonly closed: Promise<number | undefined>;
  /** Resolves when the headers have arrived. */
  readonly headersArrived: Promise<void>;
  /** Called with each part of the body. */
  onPart: ((bytes: Uint8Array) => void) | undefined;
  #resolveClosed: (code: number | undefined) => void = () => undefined;
  #resolveHeadersArrived: () => void = () => undefined;
  #wantedBytes = Infinity;
  #resolveWanted: () => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.headersArrived = new Promise((resolve) => (this.#resolveHeadersArrived = resolve));
  }

  get body(): Buffer {
    return Buffer.concat(this.parts);
  }

  /** Resolves when `bytes` of the body have arrived. */
  atLeast(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wantedBytes = bytes;
      this.#resolveWanted = resolve;
      this.#check();
    });
  }

  onHeaders(headers: Headers): void {
    this.#record('headers');
    this.headers = headers;
    this.#resolveHeadersArrived();
  }

  onData(bytes: Uint8Array): void {
    this.#record('data');
    this.parts.push(Buffer.from(bytes));
    this.bytes += bytes.length;
    this.onPart?.(bytes);
    this.#check();
  }

  onTrailers(headers: Headers): void {
    this.#record('trailers');
    this.trailers = headers;
  }

  onEnd(): void {
    this.#record('end');
  }

  onClose(code: number | undefined): void {
    this.#record('close');
    this.code = code;
    this.#resolveClosed(code);
  }

  #record(event: string): void {
    if (this.events.at(-1) !== event || event === 'close') {
      this.events.push(event);
    }
  }

  #check(): void {
    if (this.bytes >= this.#wantedBytes) {
      this.#resolveWanted();
    }
  }
}
