/**
 * Writes frames as Grafana's JSON, for requests that ask for JSON.
 *
 * The format is columnar, so each column has its own JSON, to which each batch is appended. JSON has no NaN and no
 * infinities, so `entities` lists their rows. Times are milliseconds, with the remaining nanoseconds in `nanos`. The
 * decoder needs `entities` and `nanos` after the values.
 *
 * @see grafana-plugin-sdk-go `data/frame_json.go`
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import {
  ByteSink,
  hasBit,
  isPresent,
  MAX_FILE_BYTES,
  type PlainColumn,
  type PlainKind,
  formatSingle,
  stringOffsets,
  tooLarge,
  writeJsonString,
} from '../arrow-ipc';
import { type FieldDescription, type FrameHeader, typeOfField } from './frame-field';

/** A piece is closed at this size in bytes. Small, because the last piece of each column is partly empty. */
const PIECE_BYTES = 64 * 1024;
/** Additional capacity of a piece, for its last value. */
const SPARE_BYTES = 4096;
/** Capacity of the first piece of a column. Small, because wide time series have many short columns. */
const FIRST_PIECE_BYTES = 64;

const NS_PER_MS = 1_000_000n;

const COMMA = 0x2c;

/** Name of the Go type. Grafana's decoder chooses the type of a field by this name. */
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

/** Rows of a column that contain NaN or an infinity. */
interface Entities {
  NaN?: number[];
  Inf?: number[];
  NegInf?: number[];
}

/** Growing JSON as pieces of bytes. */
class JsonPieces {
  readonly #memory: MemoryAccount;
  readonly #closed: Uint8Array[] = [];
  #closedBytes = 0;
  #sink: ByteSink;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#sink = new ByteSink(memory, FIRST_PIECE_BYTES);
  }

  get sink(): ByteSink {
    return this.#sink;
  }

  /** Bytes of the JSON. */
  get length(): number {
    return this.#closedBytes + this.#sink.length;
  }

  /** Closes the current piece if it is large enough. Call it between values. */
  closeFullPiece(): void {
    if (this.#sink.length >= PIECE_BYTES) {
      this.#closedBytes += this.#sink.length;
      this.#closed.push(this.#sink.finish());
      this.#sink = new ByteSink(this.#memory, PIECE_BYTES + SPARE_BYTES);
    }
  }

  finish(): Uint8Array[] {
    return [...this.#closed, this.#sink.finish()];
  }
}

/** The JSON of one column, written row by row. */
class ColumnJson {
  readonly #memory: MemoryAccount;
  readonly #values: JsonPieces;
  readonly #entities: Entities = {};
  /** Undefined until a time has a fraction of a millisecond. */
  #nanos: JsonPieces | undefined;
  #rows = 0;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#values = new JsonPieces(memory);
  }

  get length(): number {
    return this.#values.length + (this.#nanos?.length ?? 0);
  }

  get values(): Uint8Array[] {
    return this.#values.finish();
  }

  get entities(): Entities | null {
    return Object.keys(this.#entities).length === 0 ? null : this.#entities;
  }

  get nanos(): Uint8Array[] | undefined {
    return this.#nanos?.finish();
  }

  add(column: PlainColumn, from: number, to: number): void {
    const write = cellWriter(column, (name, row) => (this.#entities[name] ??= []).push(this.#rows + row - from));
    for (let row = from; row < to; row++) {
      const { sink } = this.#values;
      if (this.#rows + row > from) {
        sink.byte(COMMA);
      }
      if (isPresent(column.validity, row)) {
        write(row, sink);
      } else {
        sink.string('null');
      }
      this.#values.closeFullPiece();
    }
    if (column.kind === 'timestamp') {
      this.#addNanos(column, from, to);
    }
    this.#rows += to - from;
  }

  #addNanos(column: PlainColumn, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const left = remainingNanoseconds(column, row);
      const before = this.#rows + row - from;
      if (left !== 0) {
        this.#nanos ??= zeros(before, this.#memory);
      }
      if (this.#nanos !== undefined) {
        this.#nanos.sink.string(before > 0 ? `,${left}` : String(left));
        this.#nanos.closeFullPiece();
      }
    }
  }
}

function zeros(count: number, memory: MemoryAccount): JsonPieces {
  const pieces = new JsonPieces(memory);
  for (let index = 0; index < count; index++) {
    pieces.sink.string(index > 0 ? ',0' : '0');
    pieces.closeFullPiece();
  }
  return pieces;
}

/**
 * Writes one frame, or one of its parts. The account counts the JSON while it grows. Columns must not be of the kind
 * `utf8View`.
 */
export class JsonFrameWriter {
  readonly #memory: MemoryAccount;
  readonly #columns: ColumnJson[] = [];
  #stringBytes = 0;

  /** @param memory Account of the query. */
  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** Bytes of the JSON so far. */
  get stringBytes(): number {
    return this.#stringBytes;
  }

  add(length: number, columns: readonly PlainColumn[]): void {
    this.addRange(columns, 0, length);
  }

  addRange(columns: readonly PlainColumn[], from: number, to: number): void {
    let length = 0;
    columns.forEach((column, index) => {
      const json = (this.#columns[index] ??= new ColumnJson(this.#memory));
      json.add(column, from, to);
      length += json.length;
    });
    this.#stringBytes = length;
    if (length > MAX_FILE_BYTES) {
      throw tooLarge('The result has more than 2 GiB.');
    }
  }

  finish(header: FrameHeader, part: 'whole' | 'rows' = 'whole'): Uint8Array[] {
    const columns = header.fields.map((_, index) => this.#columns.at(index) ?? new ColumnJson(this.#memory));
    return jsonFrame(header, columns, part);
  }
}

/** The JSON of one column. */
interface WrittenColumn {
  readonly values: Uint8Array[];
  readonly entities: Entities | null;
  readonly nanos: Uint8Array[] | undefined;
}

/** @param columns One for each field. @returns The frame in pieces. */
export function jsonFrame(
  { name, refId, meta, fields }: FrameHeader,
  columns: readonly WrittenColumn[],
  part: 'whole' | 'rows' = 'whole'
): Uint8Array[] {
  const schema = JSON.stringify({ name, refId, meta, fields: fields.map(fieldSchema) });
  const pieces = [utf8(part === 'whole' ? `{"schema":${schema},"data":{"values":[` : '{"data":{"values":[')];
  columns.forEach(({ values }, index) => pieces.push(utf8(index > 0 ? ',[' : '['), ...values, utf8(']')));
  pieces.push(utf8(']'));
  const entities = columns.map((column) => column.entities);
  if (entities.some((entry) => entry !== null)) {
    pieces.push(utf8(`,"entities":${JSON.stringify(entities)}`));
  }
  const nanos = columns.map((column) => column.nanos);
  if (nanos.some((entry) => entry !== undefined)) {
    // Not `push(...)`: a wide frame may have more pieces than a call may have arguments.
    nanosPieces(nanos).forEach((piece) => pieces.push(piece));
  }
  pieces.push(utf8('}}'));
  return pieces;
}

function nanosPieces(columns: ReadonlyArray<Uint8Array[] | undefined>): Uint8Array[] {
  const lists = columns.flatMap((pieces, index) => {
    const comma = index > 0 ? ',' : '';
    return pieces === undefined ? [utf8(`${comma}null`)] : [utf8(`${comma}[`), ...pieces, utf8(']')];
  });
  return [utf8(',"nanos":['), ...lists, utf8(']')];
}

function utf8(value: string): Uint8Array {
  return Buffer.from(value);
}

function fieldSchema(field: FieldDescription): object {
  const { name, kind, nullable, labels, config } = field;
  const type = typeOfField(field);
  const typeInfo = { frame: type === 'enum' ? type : goType(kind), ...(nullable && { nullable }) };
  return { name, type, typeInfo, labels, config };
}

type CellWriter = (row: number, sink: ByteSink) => void;

function cellWriter(column: PlainColumn, onEntity: (name: keyof Entities, row: number) => void): CellWriter {
  const { kind, values } = column;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const float = (read: (row: number) => number, format: (value: number) => string): CellWriter => {
    return (row, sink) => {
      const value = read(row);
      if (Number.isFinite(value)) {
        sink.string(format(value));
        return;
      }
      onEntity(Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : 'NegInf', row);
      sink.string('null');
    };
  };
  switch (kind) {
    case 'utf8': {
      const offsets = stringOffsets(column);
      return (row, sink) => writeJsonString(values, offsets[row], offsets[row + 1], sink);
    }
    case 'json': {
      const offsets = stringOffsets(column);
      return (row, sink) => sink.copy(values, offsets[row], offsets[row + 1]);
    }
    case 'bool':
      return (row, sink) => sink.string(String(hasBit(values, row)));
    case 'timestamp':
      return (row, sink) => sink.string(String(milliseconds(view.getBigInt64(row * 8, true))));
    case 'float32':
      return float((row) => view.getFloat32(row * 4, true), formatSingle);
    case 'float64':
      return float((row) => view.getFloat64(row * 8, true), String);
    default:
      return (row, sink) => sink.string(String(integer(view, kind, row)));
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

/** Whole milliseconds, rounded down, so that the remaining nanoseconds are never negative. */
function milliseconds(ns: bigint): bigint {
  const rest = ns % NS_PER_MS;
  return (ns - rest) / NS_PER_MS - (rest < 0n ? 1n : 0n);
}

function remainingNanoseconds({ values, validity }: PlainColumn, row: number): number {
  if (!isPresent(validity, row)) {
    return 0;
  }
  const ns = new DataView(values.buffer, values.byteOffset, values.byteLength).getBigInt64(row * 8, true);
  return Number(((ns % NS_PER_MS) + NS_PER_MS) % NS_PER_MS);
}
