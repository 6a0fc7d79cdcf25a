import { ERRORS, type ErrorCode, type ErrorEntry } from './catalogue';

export interface ProxyErrorOptions {
  /** The particulars, shown to the user: the server's or provider's own words, a field's problem. Never a secret. */
  detail?: string;
  /** Replaces the catalogue's advice where the place of the failure knows better. */
  advice?: string;
  /** The server's id of the failed query: the key into its audit log. */
  queryId?: string;
  /** What was caught. Goes to the log at debug level, never to the browser. */
  cause?: unknown;
}

/** An expected failure, in words that a user can act on. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly advice: string;
  readonly queryId: string | undefined;

  constructor(code: ErrorCode, options: ProxyErrorOptions = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(options.detail ? `${entry.message} ${options.detail}` : entry.message, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.advice = options.advice ?? entry.advice;
    this.queryId = options.queryId;
  }

  /** `downstream` keeps an outage of the lakehouse from counting as a bug of this plugin. */
  get source(): 'plugin' | 'downstream' {
    return ERRORS[this.code].source;
  }

  /** HTTP-like status for Grafana. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** What happened, in one sentence without particulars: a title. */
  get summary(): string {
    return ERRORS[this.code].message;
  }

  /** What a panel shows: what happened, the server's words, what to do, and the key into the audit log. */
  get userText(): string {
    const id = this.queryId === undefined ? '' : ` (query_id ${this.queryId})`;
    return `${this.message} ${this.advice}${id}`;
  }

  /** Turns anything caught into a ProxyError. One that already is one comes back unchanged. */
  static from(reason: unknown, code: ErrorCode = 'internal'): ProxyError {
    return reason instanceof ProxyError ? reason : new ProxyError(code, { cause: reason });
  }
}
