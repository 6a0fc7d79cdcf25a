/**
 * Frames in Grafana's JSON form, for a Grafana that asks for it.
 *
 * Values come column by column in this form, so the batches are kept (they are views) and written when all are there. JSON
 * has no words for NaN and the infinities, whose rows are listed as `entities`; times are milliseconds, with what is left
 * of each in `nanos`. Both follow the values, as the decoder needs it.
 *
 * @see grafana-plugin-sdk-go `data/frame_json.go`
 */
import { ByteSink } from '../arrow-ipc/byte-sink';
import { singleText } from '../arrow-ipc/json-numbers';
import { writeJsonText } from '../arrow-ipc/json-text';
import { tooLarge } from '../arrow-ipc/malformed';
import { type PlainColumn, type PlainKind, textOffsets } from '../arrow-ipc/plain-column';
import { isPresent } from '../arrow-ipc/vector';
import { type FieldDescription, fieldType, type FrameHeader } from './frame-field';

/** Size from which on a piece is closed. */
const PIECE_BYTES = 256 * 1024;
/** gRPC and Go hold at most this much in one message. */
const MAX_FRAME_BYTES = 0x7fffffff - 1024 * 1024;

const NS_PER_MS = 1_000_000n;

/** Names of Go's types, by which the decoder chooses its own. */
function goType(kind: PlainKind): string {
  switch (kind) {
    case 'timestamp':
      return 'time.Time';
    case 'utf8':
    case 'utf8View':
      return 'string';
    case 'json':
      return 'json.RawMessage';
    default:
      return kind;
  }
}

/** Rows of a column whose numbers JSON has no word for. */
interface Entities {
  NaN?: number[];
  Inf?: number[];
  NegInf?: number[];
}

/** Text as pieces of bytes. */
class JsonPieces {
  private readonly list: Uint8Array[] = [];
  private size = 0;
  private current = new ByteSink(4096);

  get sink(): ByteSink {
    return this.current;
  }

  /** To be called between values: closes a piece that is large enough. */
  between(): void {
    if (this.current.length >= PIECE_BYTES) {
      this.close();
      this.current = new ByteSink(PIECE_BYTES + 4096);
    }
  }

  finish(): Uint8Array[] {
    this.close();
    return this.list;
  }

  private close(): void {
    const bytes = this.current.finish();
    this.size += bytes.length;
    if (this.size > MAX_FRAME_BYTES) {
      throw tooLarge('It has more than 2 GiB.');
    }
    this.list.push(bytes);
  }
}

export class JsonFrameWriter {
  private readonly batches: Array<readonly PlainColumn[]> = [];

  add(_length: number, columns: readonly PlainColumn[]): void {
    this.batches.push(columns);
  }

  finish({ refId, meta, fields }: FrameHeader, part: 'whole' | 'rows' = 'whole'): Uint8Array[] {
    const pieces = new JsonPieces();
    if (part === 'whole') {
      const schema = { refId, meta, fields: fields.map(fieldSchema) };
      pieces.sink.text(`{"schema":${JSON.stringify(schema)},"data":{"values":[`);
    } else {
      pieces.sink.text('{"data":{"values":[');
    }
    const entities: Array<Entities | null> = [];
    const nanos: Array<readonly PlainColumn[] | null> = [];
    fields.forEach((field, index) => {
      const columns = this.batches.flatMap((batch) => batch[index] ?? []);
      pieces.sink.text(index === 0 ? '[' : ',[');
      const special = writeColumn(columns, pieces);
      pieces.sink.text(']');
      entities.push(Object.keys(special).length === 0 ? null : special);
      nanos.push(field.kind === 'timestamp' && columns.some(hasNanos) ? columns : null);
    });
    pieces.sink.text(']');
    if (entities.some((entry) => entry !== null)) {
      pieces.sink.text(`,"entities":${JSON.stringify(entities)}`);
    }
    if (nanos.some((entry) => entry !== null)) {
      writeNanos(nanos, pieces);
    }
    pieces.sink.text('}}');
    return pieces.finish();
  }
}

function fieldSchema({ name, kind, nullable, labels, config }: FieldDescription): object {
  const typeInfo = { frame: goType(kind), ...(nullable && { nullable }) };
  return { name, type: fieldType(kind), typeInfo, labels, config };
}

/** Writes the values of a column with commas between. Answers with the rows whose numbers could not be written. */
function writeColumn(columns: readonly PlainColumn[], pieces: JsonPieces): Entities {
  const entities: Entities = {};
  let row = 0;
  for (const column of columns) {
    const write = cellWriter(column, (name, at) => (entities[name] ??= []).push(row + at));
    for (let index = 0; index < column.length; index++) {
      if (row + index > 0) {
        pieces.sink.byte(0x2c);
      }
      if (isPresent(column.validity, index)) {
        write(index, pieces.sink);
      } else {
        pieces.sink.text('null');
      }
      pieces.between();
    }
    row += column.length;
  }
  return entities;
}

type CellWriter = (row: number, sink: ByteSink) => void;

function cellWriter(column: PlainColumn, onEntity: (name: keyof Entities, row: number) => void): CellWriter {
  const { kind, values } = column;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const float = (read: (row: number) => number, textOf: (value: number) => string): CellWriter => {
    return (row, sink) => {
      const value = read(row);
      if (Number.isFinite(value)) {
        sink.text(textOf(value));
        return;
      }
      onEntity(Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : 'NegInf', row);
      sink.text('null');
    };
  };
  switch (kind) {
    case 'utf8': {
      const offsets = textOffsets(column);
      return (row, sink) => writeJsonText(values, offsets[row] ?? 0, offsets[row + 1] ?? 0, sink);
    }
    case 'json': {
      const offsets = textOffsets(column);
      return (row, sink) => sink.copy(values, offsets[row] ?? 0, offsets[row + 1] ?? 0);
    }
    case 'bool':
      return (row, sink) => sink.text(String(isPresent(values, row)));
    case 'timestamp':
      return (row, sink) => sink.text(String(milliseconds(view.getBigInt64(row * 8, true))));
    case 'float32':
      return float((row) => view.getFloat32(row * 4, true), singleText);
    case 'float64':
      return float((row) => view.getFloat64(row * 8, true), String);
    default:
      return (row, sink) => sink.text(String(integer(view, kind, row)));
  }
}

function integer(view: DataView, kind: PlainKind, row: number): number | bigint {
  switch (kind) {
    case 'int8':
      return view.getInt8(row);
    case 'uint8':
      return view.getUint8(row);
    case 'int16':
      return view.getInt16(row * 2, true);
    case 'uint16':
      return view.getUint16(row * 2, true);
    case 'int32':
      return view.getInt32(row * 4, true);
    case 'uint32':
      return view.getUint32(row * 4, true);
    case 'uint64':
      return view.getBigUint64(row * 8, true);
    default:
      return view.getBigInt64(row * 8, true);
  }
}

/** Whole milliseconds, rounded down, so that what is left is positive before 1970 too. */
function milliseconds(ns: bigint): bigint {
  const rest = ns % NS_PER_MS;
  return (ns - rest) / NS_PER_MS - (rest < 0n ? 1n : 0n);
}

function nanosecondsLeft({ values, validity }: PlainColumn, row: number): number {
  if (!isPresent(validity, row)) {
    return 0;
  }
  const ns = new DataView(values.buffer, values.byteOffset, values.byteLength).getBigInt64(row * 8, true);
  return Number(((ns % NS_PER_MS) + NS_PER_MS) % NS_PER_MS);
}

function hasNanos(column: PlainColumn): boolean {
  for (let row = 0; row < column.length; row++) {
    if (nanosecondsLeft(column, row) !== 0) {
      return true;
    }
  }
  return false;
}

function writeNanos(nanos: ReadonlyArray<readonly PlainColumn[] | null>, pieces: JsonPieces): void {
  pieces.sink.text(',"nanos":[');
  nanos.forEach((columns, index) => {
    pieces.sink.text(index === 0 ? '' : ',');
    if (columns === null) {
      pieces.sink.text('null');
      return;
    }
    let separator = '[';
    for (const column of columns) {
      for (let row = 0; row < column.length; row++) {
        pieces.sink.text(`${separator}${nanosecondsLeft(column, row)}`);
        separator = ',';
        pieces.between();
      }
    }
    pieces.sink.text(']');
  });
  pieces.sink.text(']');
}
