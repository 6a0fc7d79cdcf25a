/**
 * Fields and metadata of a frame, apart from how it is encoded.
 *
 * Grafana's decoder is strict: a label that is no text, an unknown severity or broken JSON makes the whole answer fail, not
 * only the frame. So these are made here and nowhere else.
 *
 * @see grafana-plugin-sdk-go `data/frame_meta.go`, `data/field_config.go`
 */
import { type PlainKind, tooLarge } from '../arrow-ipc';
import { type FrameContext } from './frame-context';
import { type FrameOptions } from './frame-options';

export interface FieldDescription {
  name: string;
  kind: PlainKind;
  nullable: boolean;
  labels?: Readonly<Record<string, string>>;
  config?: Readonly<Record<string, unknown>>;
}

/**
 * What a frame says of itself, beside the remarks and the SQL, which every frame has. A version other than 0.0 makes
 * alerting and expressions read the frame by its kind; otherwise they judge it by its columns.
 */
export interface FrameKind {
  type?: 'timeseries-wide' | 'numeric-long' | 'numeric-wide' | 'log-lines' | 'table';
  typeVersion?: readonly [number, number];
  preferredVisualisationType?: 'logs' | 'graph' | 'table';
}

/** Characters of all names and labels of a frame: a frame has each series' labels in its header, which is written twice. */
const MAX_HEADER_TEXT = 32 * 1024 * 1024;

/** @throws {ProxyError} 'result_too_large' */
export function checkHeaderText(length: number): void {
  if (length > MAX_HEADER_TEXT) {
    throw tooLarge('The names and labels of its series have more than 32 MiB.');
  }
}

/** Characters of the SQL that a frame shows. Every frame of every query has it, and it may be some megabytes. */
const MAX_SHOWN_SQL = 64 * 1024;

function shownSql(sql: string): string {
  return sql.length <= MAX_SHOWN_SQL ? sql : `${sql.slice(0, MAX_SHOWN_SQL)}… (${sql.length} characters)`;
}

/** Everything of a frame but its values. */
export interface FrameHeader {
  refId: string;
  meta: Readonly<Record<string, unknown>>;
  fields: readonly FieldDescription[];
}

/** What a header is made of. */
export type HeaderContext = Pick<FrameContext, 'notices' | 'stats' | 'custom'> & {
  options: Pick<FrameOptions, 'refId' | 'executedQueryString'>;
};

/** Kinds as Grafana's browser half knows them. */
export function fieldType(kind: PlainKind): 'time' | 'string' | 'boolean' | 'other' | 'number' {
  switch (kind) {
    case 'timestamp':
      return 'time';
    case 'utf8':
    case 'utf8View':
      return 'string';
    case 'bool':
      return 'boolean';
    case 'json':
      return 'other';
    default:
      return 'number';
  }
}

/**
 * The header of a frame. Made last: conversions add notices, and time passes.
 *
 * @throws {ProxyError} 'result_too_large' for names and labels beyond `MAX_HEADER_TEXT`.
 */
export function frameHeader(fields: readonly FieldDescription[], kind: FrameKind, context: HeaderContext): FrameHeader {
  let length = 0;
  for (const { name, labels } of fields) {
    length += name.length;
    for (const label in labels) {
      length += label.length + (labels[label]?.length ?? 0);
    }
  }
  checkHeaderText(length);
  const notices = context.notices.list;
  const stats = context.stats();
  const { custom } = context;
  const meta = {
    ...kind,
    executedQueryString: shownSql(context.options.executedQueryString),
    ...(notices.length > 0 && { notices }),
    ...(stats.length > 0 && { stats }),
    ...(custom !== undefined && { custom }),
  };
  return { refId: context.options.refId, meta, fields };
}
