/**
 * Reads the columns of a record batch from its body.
 *
 * The header lists nodes and buffers of all columns in the order of a depth-first walk through the schema. Each type
 * has a fixed number of nodes and of buffers; only the number of data buffers of view columns varies. All buffers are
 * checked here: they must be within the body, must not overlap and must be long enough for their rows. So later code
 * need not check lengths. If the null count in the header is 0, the bitmap of the column is ignored. Other null counts
 * are computed from the bitmap, because the header is not trusted. Compressed buffers are decompressed.
 *
 * @see Arrow columnar format, "Buffer listing for each layout" and "RecordBatch message"
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ArrowType, childTypes, widthOf } from './arrow-type';
import { type BatchLayout, checkLayout } from './batch-layout';
import { BufferDecompressor } from './decompress-buffer';
import { malformed } from './result-errors';
import { type BatchHeader } from './message-header';
import { asInt64, bitmapBytes, countNulls, type Dictionary, type Vector } from './vector';

/**
 * Limit for the rows of a column without buffers, such as nulls. Without a limit, a message of a few bytes could cause
 * hours of work.
 */
const MAX_BODILESS_ROWS = 1 << 24;
/** Limit for the cells of all columns without buffers in a batch, that is, for the sum of their rows. */
const MAX_BODILESS_CELLS = 1 << 27;

/** Returns the current values of a dictionary. Undefined if none were received. */
export type DictionaryLookup = (id: number) => Dictionary | undefined;

/**
 * Returns the columns of a batch, or the values of a dictionary as one column.
 *
 * @param layout Layout of the columns of the batch, or of the values of a dictionary.
 * @throws {ProxyError} 'result_malformed', 'result_too_large'
 */
export function readColumns(
  header: BatchHeader,
  body: Uint8Array,
  layout: BatchLayout,
  dictionaries: DictionaryLookup,
  memory: MemoryAccount
): Vector[] {
  checkLayout(header, layout, body.length);
  const reader = new ColumnReader(header, body, dictionaries, memory);
  return layout.types.map((type) => {
    const vector = reader.read(type);
    if (vector.length !== header.length) {
      throw malformed('the length of a column differs from its batch');
    }
    return vector;
  });
}

class ColumnReader {
  readonly #header: BatchHeader;
  readonly #body: Uint8Array;
  readonly #dictionaries: DictionaryLookup;
  #node = 0;
  #buffer = 0;
  #view = 0;
  #bodilessCells = 0;
  readonly #decompressor: BufferDecompressor | undefined;

  constructor(header: BatchHeader, body: Uint8Array, dictionaries: DictionaryLookup, memory: MemoryAccount) {
    this.#header = header;
    this.#body = body;
    this.#dictionaries = dictionaries;
    this.#decompressor =
      header.compression === undefined ? undefined : new BufferDecompressor(header.compression, memory);
  }

  read(type: ArrowType): Vector {
    const [length, nullCount] = this.#nextNode();
    if (isBodiless(type)) {
      this.#countBodiless(length);
    }
    if (type.kind === 'null') {
      return { type, length, nullCount: length, validity: null, buffers: [], children: [], dictionary: null };
    }
    const valid = this.#validity(type, length, nullCount);
    const buffers = this.#values(type, length);
    const children = childTypes(type).map((child) => this.read(child));
    checkChildren(type, length, children);
    const dictionary = type.kind === 'dictionary' ? this.#dictionary(type.id) : null;
    return { type: sentType(type, length, buffers, children), length, ...valid, buffers, children, dictionary };
  }

  #countBodiless(length: number): void {
    this.#bodilessCells += length;
    if (length > MAX_BODILESS_ROWS || this.#bodilessCells > MAX_BODILESS_CELLS) {
      throw malformed('a column without values has an impossible length');
    }
  }

  #validity(type: ArrowType, length: number, announcedNulls: number): Pick<Vector, 'validity' | 'nullCount'> {
    if ((type.kind === 'union' && !this.#header.hasUnionValidity) || type.kind === 'runEndEncoded') {
      return { validity: null, nullCount: 0 };
    }
    const bitmap = this.#nextBuffer();
    if (announcedNulls === 0) {
      return { validity: null, nullCount: 0 };
    }
    const size = bitmapBytes(length);
    const validity = atLeast(bitmap, size).subarray(0, size);
    const nullCount = countNulls(validity, length);
    return nullCount === 0 ? { validity: null, nullCount } : { validity, nullCount };
  }

  #values(type: ArrowType, length: number): Uint8Array[] {
    const width = widthOf(type.kind === 'dictionary' ? type.index : type);
    if (width !== undefined) {
      return [atLeast(this.#nextBuffer(), length * width)];
    }
    switch (type.kind) {
      case 'bool':
        return [atLeast(this.#nextBuffer(), bitmapBytes(length))];
      case 'utf8':
      case 'binary':
        return [this.#offsets(length, 4), this.#nextBuffer()];
      case 'largeUtf8':
      case 'largeBinary':
        return [this.#offsets(length, 8), this.#nextBuffer()];
      case 'utf8View':
      case 'binaryView':
        return [atLeast(this.#nextBuffer(), length * 16), ...this.#viewData()];
      case 'list':
      case 'map':
        return [this.#offsets(length, 4)];
      case 'largeList':
        return [this.#offsets(length, 8)];
      case 'listView':
        return [atLeast(this.#nextBuffer(), length * 4), atLeast(this.#nextBuffer(), length * 4)];
      case 'largeListView':
        return [atLeast(this.#nextBuffer(), length * 8), atLeast(this.#nextBuffer(), length * 8)];
      case 'union': {
        const ids = atLeast(this.#nextBuffer(), length);
        return type.dense ? [ids, atLeast(this.#nextBuffer(), length * 4)] : [ids];
      }
      default:
        return [];
    }
  }

  #offsets(length: number, width: number): Uint8Array {
    // Writers may omit the offsets of an empty column.
    const buffer = this.#nextBuffer();
    return length === 0 ? buffer : atLeast(buffer, (length + 1) * width);
  }

  #viewData(): Uint8Array[] {
    const count = this.#header.variadicCounts.at(this.#view++);
    return Array.from({ length: count }, () => this.#nextBuffer());
  }

  #dictionary(id: number): Dictionary {
    const dictionary = this.#dictionaries(id);
    if (dictionary === undefined) {
      throw malformed('a batch came before its dictionary');
    }
    return dictionary;
  }

  #nextNode(): readonly [length: number, nullCount: number] {
    const { nodes } = this.#header;
    const length = nodes.first(this.#node);
    const nullCount = nodes.second(this.#node);
    this.#node++;
    if (length < 0 || length > 0x7fffffff || nullCount < 0 || nullCount > length) {
      throw malformed('a column has an impossible length');
    }
    return [length, nullCount];
  }

  /** The next buffer. This buffer exists and is within the body, because the layout was checked. */
  #nextBuffer(): Uint8Array {
    const { buffers } = this.#header;
    const offset = buffers.first(this.#buffer);
    const bytes = this.#body.subarray(offset, offset + buffers.second(this.#buffer));
    this.#buffer++;
    return this.#decompressor === undefined ? bytes : this.#decompressor.decompress(bytes);
  }
}

/** The type of the received buffers. This type may differ from the schema, see `hasWideOffsets`. */
function sentType(
  type: ArrowType,
  length: number,
  [offsets]: readonly Uint8Array[],
  [items]: readonly Vector[]
): ArrowType {
  return type.kind === 'list' && hasWideOffsets(offsets, length, items.length)
    ? { kind: 'largeList', item: type.item }
    : type;
}

function isBodiless(type: ArrowType): boolean {
  switch (type.kind) {
    case 'null':
    case 'runEndEncoded':
      return true;
    case 'struct':
      return type.fields.every((field) => isBodiless(field.type));
    case 'fixedSizeList':
      return type.size === 0 || isBodiless(type.item.type);
    default:
      return type.kind === 'fixedSizeBinary' && type.widthBytes === 0;
  }
}

function checkChildren(type: ArrowType, length: number, children: readonly Vector[]): void {
  const needed =
    type.kind === 'fixedSizeList'
      ? length * type.size
      : type.kind === 'struct' || (type.kind === 'union' && !type.dense)
        ? length
        : 0;
  if (children.some((child) => child.length < needed)) {
    throw malformed('a nested column is shorter than its parent');
  }
}

function atLeast(buffer: Uint8Array, size: number): Uint8Array {
  if (buffer.length < size) {
    throw malformed('a buffer is too short for its rows');
  }
  return buffer;
}

/**
 * True when a column has 64-bit offsets although the schema says List.
 *
 * If the client asks to preserve dictionaries, arrow-flight (59, as in Micromegas 0.33) announces each LargeList as a
 * List, even within other types, but sends 64-bit offsets. A reader of 32-bit offsets gets wrong lists, mostly without
 * an error.
 *
 * 64-bit offsets fill their buffer, begin at 0, ascend and end at the last item, because arrow-flight truncates buffers
 * and items to the rows that it sends. 32-bit offsets never meet all of these conditions: a buffer of the same length
 * ends in 64 zero bits (padding), or in two offsets of rows that are not sent. Read as one number, two such offsets are
 * larger than any length.
 *
 * @see arrow-flight `encode.rs`, `prepare_field_for_flight`
 * @param length Rows of the list column.
 * @param items  Rows of the column with the items.
 */
export function hasWideOffsets(offsets: Uint8Array, length: number, items: number): boolean {
  // Without rows or items the width makes no difference.
  if (length === 0 || items === 0 || offsets.length !== (length + 1) * 8) {
    return false;
  }
  const wide = asInt64(offsets, length + 1);
  return (
    wide[0] === 0n &&
    wide[length] === BigInt(items) &&
    wide.every((offset, row) => row === 0 || offset >= wide[row - 1])
  );
}
