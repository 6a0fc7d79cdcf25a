/**
 * Fields and metadata of a frame, independent of the encoding.
 *
 * Grafana's decoder is strict: a label that is not a string, an unknown severity or invalid JSON makes the whole
 * response fail, not only the frame. The types here exclude wrong labels and severities.
 *
 * @see grafana-plugin-sdk-go `data/frame_meta.go`, `data/field_config.go`
 */
import { type PlainKind, tooLarge } from '../arrow-ipc';
import { type FrameContext } from './frame-builder';
import { type FrameOptions } from './frame-options';

/** A field of a frame, without its values. */
export interface FieldDescription {
  name: string;
  kind: PlainKind;
  nullable: boolean;
  /** Labels of a time series. Default: no labels. */
  labels?: Readonly<Record<string, string>>;
  /** Grafana's `FieldConfig`, such as `unit` and `links`. Must be valid JSON of that type. */
  config?: Readonly<Record<string, unknown>>;
}

/**
 * The declared kind of a frame. With a version other than 0.0, alerting and expressions read the frame by its kind.
 * With version 0.0, they guess the kind from the columns.
 */
export interface FrameKind {
  type?: 'timeseries-wide' | 'timeseries-multi' | 'numeric-long' | 'numeric-wide' | 'log-lines' | 'table';
  typeVersion?: readonly [number, number];
  preferredVisualisationType?: 'logs' | 'graph' | 'table' | 'trace' | 'nodeGraph' | 'flamegraph';
  /** The panel in which Explore shows the frame, below all other frames. See `TABLE_PANEL`. */
  preferredVisualisationPluginId?: 'table';
}

/**
 * The kind of a table that hides fields or sets widths or colors with `config.custom`. Explore shows such a table in
 * the panel Table, because Explore's own table ignores `config.custom`. A result has at most one such frame, because in
 * Explore the panel shows only the first frame.
 */
export const TABLE_PANEL: FrameKind = {
  type: 'table',
  typeVersion: [0, 0],
  preferredVisualisationType: 'table',
  preferredVisualisationPluginId: 'table',
};

/** Several frames, each with a time and one value field. A result without series becomes a frame without fields. */
export const MULTI_SERIES: FrameKind = { type: 'timeseries-multi', typeVersion: [0, 1] };

/**
 * The time field of a series.
 * @param binMs Length of a bin: Grafana draws no line across a longer gap. Undefined: Grafana draws lines across all
 *   gaps.
 */
export function timeField(binMs: number | undefined): FieldDescription {
  return {
    name: 'time',
    kind: 'timestamp',
    nullable: false,
    ...(binMs !== undefined && { config: { interval: binMs } }),
  };
}

/**
 * Limit for the names and labels of a frame, in characters. The header contains the labels of each series and is
 * written twice.
 */
const MAX_HEADER_CHARACTERS = 32 * 1024 * 1024;

/**
 * Checks the names and labels of a frame.
 *
 * @param length Length of all or some of the names and labels of the frame, in UTF-16 units or UTF-8 bytes.
 * @throws {ProxyError} 'result_too_large' beyond `MAX_HEADER_CHARACTERS`.
 */
export function checkHeaderLength(length: number): void {
  if (length > MAX_HEADER_CHARACTERS) {
    throw tooLarge('The names and labels have more than 32 million characters.');
  }
}

/** Limit for the SQL in a frame, in characters. SQL may have megabytes. */
export const MAX_SHOWN_SQL = 64 * 1024;

function shownSql(sql: string): string {
  return sql.length <= MAX_SHOWN_SQL ? sql : `${sql.slice(0, MAX_SHOWN_SQL)}… (${sql.length} characters)`;
}

/** The field type in Grafana's frontend. `enum` for numbers that are indices of strings in the display options. */
export function typeOfField({ kind, config }: FieldDescription): ReturnType<typeof fieldType> | 'enum' {
  const type = config?.['type'];
  const isEnum = kind === 'uint16' && type !== null && typeof type === 'object' && 'enum' in type;
  return isEnum ? 'enum' : fieldType(kind);
}

/** Everything in a frame except its values. */
export interface FrameHeader {
  /** Default: none. */
  name?: string;
  refId: string;
  meta: Readonly<Record<string, unknown>>;
  fields: readonly FieldDescription[];
}

/** The properties of `FrameContext` that a header needs. */
export type HeaderContext = Pick<FrameContext, 'notices' | 'stats' | 'custom'> & {
  options: Pick<FrameOptions, 'refId' | 'executedQueryString' | 'sent'>;
};

/** The field type in Grafana's frontend. Display options do not matter. */
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

/** The header of a frame after the first one of a result. Only the first frame has the metadata of the whole result. */
export function furtherHeader(
  fields: readonly FieldDescription[],
  kind: FrameKind,
  { options: { refId } }: HeaderContext
): FrameHeader {
  return { refId, meta: { ...kind }, fields };
}

/**
 * Creates the header of a frame. Call it last, because conversions add notices, and statistics contain the elapsed
 * time.
 *
 * @throws {ProxyError} 'result_too_large' for names and labels beyond `MAX_HEADER_CHARACTERS`.
 */
export function frameHeader(fields: readonly FieldDescription[], kind: FrameKind, context: HeaderContext): FrameHeader {
  let length = 0;
  for (const { name, labels } of fields) {
    length += name.length;
    for (const label in labels) {
      length += label.length + labels[label].length;
    }
  }
  checkHeaderLength(length);
  const notices = context.notices.list;
  const stats = context.stats();
  const { custom, options } = context;
  const sent = options.sent?.();
  const meta = {
    ...kind,
    executedQueryString: shownSql(context.options.executedQueryString),
    ...(notices.length > 0 && { notices }),
    ...(stats.length > 0 && { stats }),
    ...((custom !== undefined || sent !== undefined) && { custom: { ...custom, ...sent } }),
  };
  return { refId: context.options.refId, meta, fields };
}
