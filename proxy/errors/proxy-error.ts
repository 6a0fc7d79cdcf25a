import { ERRORS, type ErrorCode, type ErrorEntry } from './catalogue';
import { foreignText, shortText } from './foreign-text';

export interface ProxyErrorOptions {
  /**
   * The particulars: the server's or provider's own words, an address, a field's problem. Never a secret. The catalogue
   * decides by the code whether viewers may read them.
   */
  detail?: string;
  /** Replaces the catalogue's advice where the place of the failure knows better. Shown to those who see the detail. */
  advice?: string;
  /** The server's id of the failed query: the key into its audit log. */
  queryId?: string;
  /** What was caught. Goes to the log at debug level, never to the browser. */
  cause?: unknown;
}

/** Longest particulars, in code points: a text of the server, and ours around it. */
const MAX_DETAIL_CHARACTERS = 4000;
const MAX_QUERY_ID_CHARACTERS = 64;

/**
 * An expected failure, in words that a user can act on.
 *
 * It has one text for those who may know the set-up of the data source and one for everybody else. Whatever its words come
 * from, they are bounded and hold no control characters.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly advice: string;
  readonly queryId: string | undefined;

  constructor(code: ErrorCode, options: ProxyErrorOptions = {}) {
    const entry: ErrorEntry = ERRORS[code];
    const detail = options.detail && foreignText(options.detail, MAX_DETAIL_CHARACTERS);
    super(detail ? `${entry.message} ${detail}` : entry.message, { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.advice = foreignText(options.advice ?? entry.advice);
    this.queryId = options.queryId === undefined ? undefined : shortText(options.queryId, MAX_QUERY_ID_CHARACTERS);
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

  /** For those who set data sources up: what happened, the particulars, what to do, and the key into the audit log. */
  get adminText(): string {
    const id = this.queryId === undefined ? '' : ` (query_id ${this.queryId})`;
    return `${this.message} ${this.advice}${id}`;
  }

  /**
   * For everybody else: the same where the particulars are about their query. Where they may name hosts, addresses, files
   * or accounts, one line without them.
   */
  get viewerText(): string {
    return ERRORS[this.code].particulars === 'everyone'
      ? this.adminText
      : `${this.summary} Ask whoever administers this data source.`;
  }

  /** Turns anything caught into a ProxyError. One that already is one comes back unchanged. */
  static from(reason: unknown, code: ErrorCode = 'internal'): ProxyError {
    return reason instanceof ProxyError ? reason : new ProxyError(code, { cause: reason });
  }
}
