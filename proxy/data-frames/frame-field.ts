/**
 * Fields and metadata of a frame in the form that Grafana's decoder reads.
 *
 * The decoder is strict: a label that is no text, an unknown severity or broken JSON makes the whole answer fail, not only
 * the frame. So these maps are made here and nowhere else.
 *
 * @see grafana-plugin-sdk-go `data/arrow.go`, `data/frame_meta.go`, `data/field_config.go`
 */
import { type PlainKind } from '../arrow-ipc/plain-column';
import { type PlainField, type PlainSchema } from '../arrow-ipc/write-metadata';
import { type FrameOptions } from './frame-options';
import { type Notices } from './notices';

export interface FieldDescription {
  name: string;
  kind: PlainKind;
  nullable: boolean;
  labels?: Readonly<Record<string, string>>;
  config?: Readonly<Record<string, unknown>>;
}

/** What a frame says of itself, beside the remarks and the SQL, which every frame has. */
export interface FrameKind {
  type?: 'timeseries-wide' | 'log-lines';
  typeVersion?: readonly [number, number];
  preferredVisualisationType?: 'logs' | 'graph' | 'table';
}

function typeName(kind: PlainKind): string {
  switch (kind) {
    case 'timestamp':
      return 'time';
    case 'utf8':
      return 'string';
    case 'bool':
      return 'boolean';
    case 'json':
      return 'other';
    default:
      return 'number';
  }
}

function plainField({ name, kind, nullable, labels, config }: FieldDescription): PlainField {
  const metadata = new Map([
    ['name', name],
    ['tstype', typeName(kind)],
  ]);
  if (labels !== undefined) {
    metadata.set('labels', JSON.stringify(labels));
  }
  if (config !== undefined) {
    metadata.set('config', JSON.stringify(config));
  }
  return { name, kind, nullable, metadata };
}

/** The schema of a frame. Read the notices last: conversions add to them. */
export function frameSchema(
  fields: readonly FieldDescription[],
  kind: FrameKind,
  options: FrameOptions,
  notices: Notices,
  custom: Record<string, unknown> | undefined = options.custom
): PlainSchema {
  const remarks = notices.list;
  const meta = {
    ...kind,
    executedQueryString: options.executedQueryString,
    ...(remarks.length > 0 && { notices: remarks }),
    ...(custom !== undefined && { custom }),
  };
  return {
    fields: fields.map(plainField),
    metadata: new Map([
      ['name', ''],
      ['refId', options.refId],
      ['meta', JSON.stringify(meta)],
    ]),
  };
}
