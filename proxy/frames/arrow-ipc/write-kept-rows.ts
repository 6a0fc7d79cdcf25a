/** Writes kept rows (see `kept-rows.ts`) as the Arrow messages of a result. */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32, zeroInt32 } from '../../observe/memory/typed-arrays';
import { type ArrowSchema, type ArrowType, type DictionaryType } from './arrow-type';
import { type KeptColumn, type KeptRows } from './kept-rows';
import { type IpcMessage } from './message-header';
import { StringTable } from './string-table';
import { bitmapBytes, bytesOf, INLINE_BYTES, setBit } from './vector';
import { batchMessage, dictionaryMessage } from './write-batch-header';

/** Rows of a batch. Micromegas sends batches of this size. */
const BATCH_ROWS = 8192;
/** A view of a value with more than `INLINE_BYTES` bytes contains this many bytes from the start of the value. */
const PREFIX_BYTES = 4;
const VIEW_BYTES = 16;

/** The buffers of a column in one batch. */
interface WrittenColumn {
  nullCount: number;
  /** Undefined: an empty buffer. */
  buffers: Array<Uint8Array | undefined>;
  isView: boolean;
}

type BodyMemory = Pick<MemoryAccount, 'take'>;

/** The strings of a dictionary. Several columns may share a dictionary. */
interface WrittenDictionary {
  table: StringTable;
  hasWideOffsets: boolean;
}

/**
 * Yields dictionaries, then batches. The schema message is not included.
 *
 * @param bodies Account for the memory of the messages.
 * @param memory Account for memory that is used until the last message is written.
 * @throws {ProxyError} 'result_too_large', 'query_cancelled'
 */
export function* keptMessages(
  schema: ArrowSchema,
  rows: KeptRows,
  bodies: BodyMemory,
  memory: MemoryAccount
): Generator<IpcMessage> {
  const dictionaries = new Map<number, WrittenDictionary>();
  const columns = schema.fields.map(({ type }, index) => {
    const column = rows.columns[index];
    return { type, column: type.kind === 'dictionary' ? encoded(type, column, dictionaries, memory) : column };
  });
  yield* dictionaryMessages(dictionaries, bodies, memory);
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    const to = Math.min(from + BATCH_ROWS, rows.length);
    const written = columns.map(({ type, column }) => writeColumn(type, column, { from, to }, memory));
    const { body, places } = bodyOf(
      written.flatMap(({ buffers }) => buffers),
      bodies
    );
    const nodes = written.map(({ nullCount }) => [to - from, nullCount] as const);
    const variadic = written.flatMap(({ isView }) => (isView ? [1] : []));
    yield { header: batchMessage(to - from, nodes, places, body.length, variadic), body };
  }
}

/** The column with dictionary indices in place of strings. Adds the strings to `dictionaries`. */
function encoded(
  { id, value }: DictionaryType,
  column: KeptColumn,
  dictionaries: Map<number, WrittenDictionary>,
  memory: MemoryAccount
): KeptColumn {
  const { present, offsets, values } = column;
  const table = dictionaries.get(id)?.table ?? new StringTable(memory);
  dictionaries.set(id, { table, hasWideOffsets: hasWideOffsets(value) });
  const indices = zeroInt32(memory, present.length);
  present.forEach((isValue, row) => {
    if (isValue === 1 && offsets !== undefined) {
      indices[row] = table.add(values, offsets[row], offsets[row + 1]);
    }
  });
  return { present, offsets: undefined, width: 4, values: bytesOf(indices) };
}

function* dictionaryMessages(
  dictionaries: ReadonlyMap<number, WrittenDictionary>,
  bodies: BodyMemory,
  memory: MemoryAccount
): Generator<IpcMessage> {
  for (const [id, { table, hasWideOffsets: isWide }] of dictionaries) {
    const { size } = table;
    const offsets = scratchInt32(memory, size + 1);
    const values = memory.scratch(table.byteLength);
    for (let index = 0; index < size; index++) {
      values.set(table.bytes(index), offsets[index]);
      offsets[index + 1] = offsets[index] + table.bytes(index).length;
    }
    table.free();
    const { body, places } = bodyOf([undefined, offsetBytes(offsets, isWide, memory), values], bodies);
    const header = { id, length: size, nodes: [[size, 0]], buffers: places, bodyBytes: body.length } as const;
    yield { header: dictionaryMessage(header), body };
  }
}

function writeColumn(
  type: ArrowType,
  column: KeptColumn,
  { from, to }: { from: number; to: number },
  memory: MemoryAccount
): WrittenColumn {
  const { offsets, width, values } = column;
  const present = column.present.subarray(from, to);
  const nullCount = present.reduce((nulls, isValue) => nulls + 1 - isValue, 0);
  const validity = nullCount === 0 ? undefined : bitmapOf(present, memory);
  if (offsets === undefined) {
    const own = values.subarray(from * width, to * width);
    return { nullCount, buffers: [validity, type.kind === 'bool' ? bitmapOf(own, memory) : own], isView: false };
  }
  const strings = values.subarray(offsets[from], offsets[to]);
  const starts = scratchInt32(memory, to - from + 1);
  for (let row = 0; row < starts.length; row++) {
    starts[row] = offsets[from + row] - offsets[from];
  }
  if (type.kind === 'utf8View' || type.kind === 'binaryView') {
    return { nullCount, buffers: [validity, viewsOf(starts, strings, memory), strings], isView: true };
  }
  const written = offsetBytes(starts, hasWideOffsets(type), memory);
  return { nullCount, buffers: [validity, written, strings], isView: false };
}

/** True for strings and bytes with 64-bit offsets. */
function hasWideOffsets({ kind }: ArrowType): boolean {
  return kind === 'largeUtf8' || kind === 'largeBinary';
}

/** @param flags 1 or 0 for each row. */
function bitmapOf(flags: Uint8Array, memory: MemoryAccount): Uint8Array {
  const bitmap = memory.scratch(bitmapBytes(flags.length));
  flags.forEach((flag, row) => {
    if (flag === 1) {
      setBit(bitmap, row);
    }
  });
  return bitmap;
}

/** The offsets as 64-bit integers if `isWide`, else as 32-bit integers. */
function offsetBytes(starts: Int32Array, isWide: boolean, memory: MemoryAccount): Uint8Array {
  if (!isWide) {
    return bytesOf(starts);
  }
  const halves = scratchInt32(memory, starts.length * 2);
  starts.forEach((start, row) => (halves[row * 2] = start));
  return bytesOf(halves);
}

function viewsOf(starts: Int32Array, strings: Uint8Array, memory: MemoryAccount): Uint8Array {
  const views = memory.scratch((starts.length - 1) * VIEW_BYTES);
  const numbers = new DataView(views.buffer, views.byteOffset, views.byteLength);
  for (let row = 0; row < starts.length - 1; row++) {
    const bytes = strings.subarray(starts[row], starts[row + 1]);
    const at = row * VIEW_BYTES;
    numbers.setInt32(at, bytes.length, true);
    views.set(bytes.subarray(0, bytes.length <= INLINE_BYTES ? INLINE_BYTES : PREFIX_BYTES), at + 4);
    if (bytes.length > INLINE_BYTES) {
      numbers.setInt32(at + 12, starts[row], true);
    }
  }
  return views;
}

/** Joins the buffers. Each is aligned to 8 bytes. */
function bodyOf(
  buffers: ReadonlyArray<Uint8Array | undefined>,
  bodies: BodyMemory
): { body: Uint8Array; places: Array<readonly [number, number]> } {
  let size = 0;
  const places = buffers.map((buffer): readonly [number, number] => {
    const at = size;
    const length = buffer?.length ?? 0;
    size += (length + 7) & ~7;
    return [at, length];
  });
  const body = bodies.take(size).fill(0);
  buffers.forEach((bytes, index) => bytes !== undefined && body.set(bytes, places[index][0]));
  return { body, places };
}
