/**
 * Converts the Arrow files of a plugin's response to the JSON frames that Grafana's server sends to the browser.
 *
 * Rejects the columns that Grafana's decoder rejects, so that a frame that fails in Grafana also fails in the demo. The
 * error names the column. Rules: grafana-plugin-sdk-go `data/arrow.go`, `data/frame_json.go` and
 * `data/field_config.go`.
 */
import { type Field, makeData, type RecordBatch, Type, Vector } from 'apache-arrow';
import { openArrowFile } from '../../plugin-host/arrow-files';

type FrameFieldType = 'time' | 'number' | 'string' | 'boolean' | 'enum' | 'other';

interface JsonField {
  name: string;
  type: FrameFieldType;
  typeInfo: { frame: string; nullable: boolean };
  labels?: Record<string, string>;
  config?: unknown;
}

/** Row numbers of values that JSON cannot express. */
interface Entities {
  NaN?: number[];
  Inf?: number[];
  NegInf?: number[];
}

export interface JsonFrame {
  schema: { name?: string; refId?: string; meta?: unknown; fields: JsonField[] };
  data: { values: unknown[][]; entities?: Array<Entities | null>; nanos?: Array<number[] | null> };
}

interface Column {
  type: FrameFieldType;
  /** Go's name of the type, for the schema of a JSON frame. */
  frameType: string;
  values: unknown[];
  entities?: Entities;
  nanos?: number[];
}

const FILE_MAGIC = 'ARROW1';
const NANOS_PER_MS = 1_000_000n;

function parsed(json: string | undefined): unknown {
  return json === undefined || json === '' ? undefined : JSON.parse(json);
}

/** Like Grafana, ignores the unit of a timestamp: the number counts as nanoseconds. */
function timeColumn(vector: Vector): Column {
  const raw = vector.data.flatMap((chunk) => {
    const values: BigInt64Array = BigInt64Array.from(chunk.values);
    return Array.from(values.subarray(0, chunk.length), (value, row) => (chunk.getValid(row) ? value : null));
  });
  const nanos = raw.map((ns) => (ns === null ? 0 : Number(((ns % NANOS_PER_MS) + NANOS_PER_MS) % NANOS_PER_MS)));
  return {
    type: 'time',
    frameType: 'time.Time',
    values: raw.map((ns, row) => (ns === null ? null : Number((ns - BigInt(nanos[row])) / NANOS_PER_MS))),
    nanos: nanos.some((value) => value !== 0) ? nanos : undefined,
  };
}

function floatColumn(vector: Vector, frameType: string): Column {
  const entities: Entities = {};
  const values = Array.from(vector, (value: number | null, row) => {
    if (value === null || Number.isFinite(value)) {
      return value;
    }
    const kind = Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : 'NegInf';
    (entities[kind] ??= []).push(row);
    return null;
  });
  return { type: 'number', frameType, values, entities: Object.keys(entities).length > 0 ? entities : undefined };
}

function jsonColumn(vector: Vector): Column {
  const decoder = new TextDecoder();
  const values = Array.from(vector, (bytes: Uint8Array | null) => {
    try {
      return bytes === null ? null : (JSON.parse(decoder.decode(bytes)) as unknown);
    } catch {
      // Grafana writes null for invalid JSON.
      return null;
    }
  });
  return { type: 'other', frameType: 'json.RawMessage', values };
}

function integerColumn(vector: Vector, field: Field): Column {
  const { bitWidth, isSigned } = field.type as { bitWidth: number; isSigned: boolean };
  const isEnum = bitWidth === 16 && !isSigned && field.metadata.get('tstype') === 'enum';
  return {
    type: isEnum ? 'enum' : 'number',
    frameType: isEnum ? 'enum' : `${isSigned ? '' : 'u'}int${bitWidth}`,
    values: Array.from(vector, (value: number | bigint | null) => (value === null ? null : Number(value))),
  };
}

function column(vector: Vector, field: Field): Column {
  switch (field.type.typeId) {
    case Type.Timestamp:
      return timeColumn(vector);
    case Type.Int:
      return integerColumn(vector, field);
    case Type.Float: {
      const { precision } = field.type as { precision: number };
      if (precision > 0) {
        return floatColumn(vector, precision === 1 ? 'float32' : 'float64');
      }
      break;
    }
    case Type.Utf8:
    case Type.Utf8View:
      return { type: 'string', frameType: 'string', values: Array.from(vector) };
    case Type.Bool:
      return { type: 'boolean', frameType: 'bool', values: Array.from(vector) };
    case Type.Binary:
      return jsonColumn(vector);
  }
  throw new Error(`Grafana cannot read the column "${field.name}" of Arrow type ${field.type.toString()}.`);
}

/** The properties of a link, and of its `internal` object (a link to Explore), that Grafana's server keeps. */
const LINK_KEYS = ['title', 'targetBlank', 'url', 'internal'];
const INTERNAL_KEYS = ['query', 'datasourceUid', 'datasourceName', 'panelsState', 'transformations', 'timeRange'];

function picked(value: unknown, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => keys.includes(key)));
}

/** The display options without the parts of links that Grafana's server drops. */
function keptConfig(config: unknown): unknown {
  if (config === null || typeof config !== 'object' || !('links' in config) || !Array.isArray(config.links)) {
    return config;
  }
  const links = config.links.map((link: unknown) => {
    const kept = picked(link, LINK_KEYS);
    return kept.internal === undefined ? kept : { ...kept, internal: picked(kept.internal, INTERNAL_KEYS) };
  });
  return { ...config, links };
}

function jsonField(field: Field, { type, frameType }: Column): JsonField {
  const labels = parsed(field.metadata.get('labels'));
  const config = keptConfig(parsed(field.metadata.get('config')));
  return {
    name: field.name,
    type,
    typeInfo: { frame: frameType, nullable: field.nullable },
    ...(labels ? { labels: labels as Record<string, string> } : {}),
    ...(config ? { config } : {}),
  };
}

/** The values of a column in all batches. */
function wholeColumn(batches: readonly RecordBatch[], field: Field, index: number): Vector {
  const chunks = batches.map((batch) => batch.data.children[index]);
  return new Vector(chunks.length > 0 ? chunks : [makeData({ type: field.type, length: 0 })]);
}

/**
 * The JSON frame of an Arrow file.
 *
 * @param bytes One Arrow IPC file.
 * @param refId Used if the frame has none.
 * @throws {Error} For bytes that are not an Arrow file, and for a column that Grafana cannot read.
 */
export function frameToJson(bytes: Uint8Array, refId: string): JsonFrame {
  if (new TextDecoder().decode(bytes.subarray(0, FILE_MAGIC.length)) !== FILE_MAGIC) {
    throw new Error('The frame is not an Arrow file.');
  }
  // The batches are not read as a Table, because a Table merges columns of the same name. Columns of series may differ
  // only in their labels.
  const reader = openArrowFile(bytes);
  const { fields, metadata } = reader.schema;
  const batches = [...reader];
  const columns = fields.map((field, index) => column(wholeColumn(batches, field, index), field));
  const meta = parsed(metadata.get('meta'));
  return {
    schema: {
      name: metadata.get('name') || undefined,
      refId: metadata.get('refId') || refId,
      ...(meta ? { meta } : {}),
      fields: fields.map((field, index) => jsonField(field, columns[index])),
    },
    data: {
      values: columns.map(({ values }) => values),
      ...(columns.some(({ entities }) => entities)
        ? { entities: columns.map(({ entities }) => entities ?? null) }
        : {}),
      ...(columns.some(({ nanos }) => nanos) ? { nanos: columns.map(({ nanos }) => nanos ?? null) } : {}),
    },
  };
}
