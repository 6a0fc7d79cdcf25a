import { type FieldLabels } from '../../../contract/settings/field-labels';
import {
  message,
  type Message,
  type MessageCode,
  type MessageValue,
  render,
  type Messages,
  withLabels,
} from '../../../contract/messages/message';
import { type LineColumn } from '../../../contract/sql/sql-parser';
import { type SqlPosition } from '../../../contract/sql/sql-edits';
import { ERRORS, type ErrorCode, type ErrorEntry } from './catalogue';
import { foreignString, foreignLine } from './foreign-string';

/** The details of a failure, in addition to its code and its messages in the catalogue. All are optional. */
export interface ProxyErrorOptions {
  /**
   * The details: the message of the server or provider, an address, the problem of a field. Never a secret. For each
   * code, the catalogue says whether viewers may read the details.
   */
  detail?: Messages;
  /** Replaces the catalogue's advice if the caller knows more. Shown only to users who may read the detail. */
  advice?: Messages;
  /**
   * Less likely causes and observations, which the detail and the advice do not contain. Only Save & test shows them,
   * on request.
   */
  more?: readonly Message[];
  /**
   * Labels of the settings fields that the messages name. Default: the labels that the settings form has for the
   * provider `other`.
   */
  labels?: FieldLabels;
  /** The id that identifies the failed query in the audit log of the server. */
  queryId?: string;
  /** Position of the problem in the SQL as the user wrote it. */
  position?: SqlPosition;
  /** Position of the problem in the SQL that was sent to the server. */
  sentPosition?: LineColumn;
  /** The caught error, for the log. It never goes to the browser. */
  cause?: unknown;
}

/** The options that a copy of an error may change. */
export type ErrorChanges = Pick<ProxyErrorOptions, 'detail' | 'advice' | 'more' | 'labels'>;

/** Maximum length of the detail, in code points. */
const MAX_DETAIL_CHARACTERS = 4000;
const MAX_QUERY_ID_CHARACTERS = 64;
/** Maximum number of items in a value that is a list. */
const MAX_ITEMS = 20;

/** A copy of the message, with bounded values that contain no control characters. */
function safeMessage({ values = {}, ...message }: Message): Message {
  return {
    ...message,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, safeValue(value)])),
  };
}

function safeValue(value: MessageValue): MessageValue {
  if (typeof value === 'string') {
    return foreignString(value);
  }
  if (typeof value === 'number') {
    return value;
  }
  return 'code' in value ? safeMessage(value) : value.slice(0, MAX_ITEMS).map(safeValue);
}

function messagesOf(message: Messages, code: MessageCode): Message[] {
  return typeof message === 'string' ? [{ code, values: { text: message } }] : message.map(safeMessage);
}

/**
 * An expected failure, with advice for the user.
 *
 * An error has one message for admins, who may know the set-up of the data source, and one message for all other users.
 * All parts of the messages are bounded and contain no control characters, no matter where they come from.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code: ErrorCode;
  /** The messages before they are rendered. */
  readonly messages: Readonly<Pick<ProxyErrorOptions, 'detail' | 'advice' | 'more' | 'labels'>>;
  readonly detail: string | undefined;
  readonly advice: string;
  readonly queryId: string | undefined;
  readonly position: SqlPosition | undefined;
  readonly sentPosition: LineColumn | undefined;

  constructor(
    code: ErrorCode,
    { detail, advice, more, labels, queryId, position, sentPosition, cause }: ProxyErrorOptions = {}
  ) {
    const entry: ErrorEntry = ERRORS[code];
    const shownDetail = foreignString(render(detail ?? '', { labels }), MAX_DETAIL_CHARACTERS);
    super(shownDetail === '' ? entry.message : `${entry.message} ${shownDetail}`, { cause });
    this.code = code;
    this.messages = { detail, advice, more, labels };
    this.detail = shownDetail === '' ? undefined : shownDetail;
    this.advice = foreignString(advice === undefined ? withLabels(entry.advice, labels) : render(advice, { labels }));
    this.position = position;
    this.sentPosition = sentPosition;
    this.queryId = queryId === undefined ? undefined : foreignLine(queryId, MAX_QUERY_ID_CHARACTERS);
  }

  /** Grafana counts `downstream` failures, such as an outage of the lakehouse, separately from errors of the plugin. */
  get source(): 'plugin' | 'downstream' {
    return ERRORS[this.code].source;
  }

  /** HTTP-like status for Grafana. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** The detail that the log may contain. */
  get logDetail(): string | undefined {
    return this.detail;
  }

  /** One sentence without details, for a title. */
  get summary(): string {
    return ERRORS[this.code].message;
  }

  /** The message for admins: summary, details, advice, and the id of the query in the audit log. */
  get adminMessage(): string {
    const id = this.queryId === undefined ? '' : ` (query_id ${this.queryId})`;
    return `${this.message} ${this.advice}${id}`;
  }

  /** The summary and the details, as message codes with values. */
  get failureMessages(): Message[] {
    const { detail = '' } = this.messages;
    const failure: Message = { code: 'failure', values: { error: this.code, text: this.summary } };
    return this.detail === undefined
      ? [failure]
      : [failure, ...messagesOf(typeof detail === 'string' ? this.detail : detail, 'verbatim')];
  }

  /** `adminMessage` as message codes with values. */
  get adminMessages(): Message[] {
    const { advice = this.advice } = this.messages;
    return [
      ...this.failureMessages,
      ...messagesOf(typeof advice === 'string' ? this.advice : advice, 'failure-advice'),
      ...(this.queryId === undefined ? [] : [message('query-id', { id: this.queryId })]),
    ];
  }

  /** `more` as message codes with bounded values. */
  get moreMessages(): Message[] {
    return messagesOf(this.messages.more ?? [], 'verbatim');
  }

  /**
   * The message for all other users. It equals `adminMessage` if the details are about the query of the user. Otherwise
   * the message is one line without details, because details may contain hosts, addresses, files or accounts.
   */
  get viewerMessage(): string {
    return ERRORS[this.code].detailReaders === 'everyone'
      ? this.adminMessage
      : `${this.summary} Ask an administrator of this data source.`;
  }

  /** A copy of this error with the given options. */
  with(changes: ErrorChanges): ProxyError {
    const { messages, queryId, position, sentPosition, cause } = this;
    return new ProxyError(this.code, { ...messages, queryId, position, sentPosition, cause, ...changes });
  }

  /** A copy of this error with a sentence after its details. */
  withDetail(sentence: Message): ProxyError {
    const { detail } = this.messages;
    const before = detail === undefined ? [] : messagesOf(detail, 'verbatim');
    return this.with({ detail: [...before, sentence] });
  }

  /** Returns a caught ProxyError unchanged. Another caught value becomes the cause of a new ProxyError with `code`. */
  static from(reason: unknown, code: ErrorCode = 'internal'): ProxyError {
    return reason instanceof ProxyError ? reason : new ProxyError(code, { cause: reason });
  }
}
