/**
 * Finds the columns of a record batch in its body.
 *
 * The format lists nodes and buffers of all columns flat, in the order of a walk through the schema; each type says how
 * many of them are its own. Every buffer is checked to lie within the body and to be long enough for its rows, so that
 * what reads the columns later need not check again. Compressed buffers are unpacked on the way.
 *
 * @see Arrow columnar format, "Buffer listing for each layout" and "RecordBatch message"
 */
import { type ArrowType, childTypes, widthOf } from './arrow-type';
import { BufferUnpacker } from './decompress-buffer';
import { hasWideOffsets } from './list-offsets';
import { malformed } from './malformed';
import { type BatchHeader } from './read-message';
import { bitmapBytes, type Dictionary, type Vector } from './vector';

/**
 * Rows of a column that has no bytes of its own, such as nulls: without a limit a message of a few bytes could ask for
 * hours of work.
 */
const MAX_BODILESS_ROWS = 1 << 24;

/** Gives the current values of a dictionary, or undefined when none came yet. */
export type DictionaryLookup = (id: number) => Dictionary | undefined;

/** The columns of one message. */
export interface BatchColumns {
  columns: Vector[];
  /** Bytes that they keep in memory, what was unpacked included. */
  bytes: number;
}

/**
 * @param types Types of the batch's columns; for a dictionary batch the one value type.
 * @throws {ProxyError} 'result_malformed', 'result_too_large'
 */
export function readColumns(
  header: BatchHeader,
  body: Uint8Array,
  types: readonly ArrowType[],
  dictionaries: DictionaryLookup
): BatchColumns {
  const reader = new ColumnReader(header, body, dictionaries);
  const columns = types.map((type) => {
    const vector = reader.read(type);
    if (vector.length !== header.length) {
      throw malformed('a column has another length than its batch');
    }
    return vector;
  });
  return { columns, bytes: reader.bytes };
}

class ColumnReader {
  private node = 0;
  private buffer = 0;
  private view = 0;
  private readonly unpacker: BufferUnpacker | undefined;

  constructor(
    private readonly header: BatchHeader,
    private readonly body: Uint8Array,
    private readonly dictionaries: DictionaryLookup
  ) {
    this.unpacker = header.compression === undefined ? undefined : new BufferUnpacker(header.compression);
  }

  /** Bytes that the columns keep in memory. */
  get bytes(): number {
    return this.body.length + (this.unpacker?.unpackedBytes ?? 0);
  }

  read(type: ArrowType): Vector {
    const [length, nullCount] = this.nextNode();
    if (length > MAX_BODILESS_ROWS && isBodiless(type)) {
      throw malformed('a column without values has an impossible length');
    }
    if (type.kind === 'null') {
      return { type, length, nullCount: length, validity: null, buffers: [], children: [], dictionary: null };
    }
    const validity = this.validity(type, length, nullCount);
    const buffers = this.values(type, length);
    const children = childTypes(type).map((child) => this.read(child));
    checkChildren(type, length, children);
    const dictionary = type.kind === 'dictionary' ? this.dictionary(type.id) : null;
    return {
      type: sentType(type, length, buffers, children),
      length,
      nullCount: validity === null ? 0 : nullCount,
      validity,
      buffers,
      children,
      dictionary,
    };
  }

  private validity(type: ArrowType, length: number, nullCount: number): Uint8Array | null {
    if (type.kind === 'union' || type.kind === 'runEndEncoded') {
      return null;
    }
    const bitmap = this.nextBuffer();
    if (nullCount === 0) {
      return null;
    }
    const size = bitmapBytes(length);
    return atLeast(bitmap, size).subarray(0, size);
  }

  private values(type: ArrowType, length: number): Uint8Array[] {
    const width = widthOf(type.kind === 'dictionary' ? type.index : type);
    if (width !== undefined) {
      return [atLeast(this.nextBuffer(), length * width)];
    }
    switch (type.kind) {
      case 'bool':
        return [atLeast(this.nextBuffer(), bitmapBytes(length))];
      case 'utf8':
      case 'binary':
        return [this.offsets(length, 4), this.nextBuffer()];
      case 'largeUtf8':
      case 'largeBinary':
        return [this.offsets(length, 8), this.nextBuffer()];
      case 'utf8View':
      case 'binaryView':
        return [atLeast(this.nextBuffer(), length * 16), ...this.viewData()];
      case 'list':
      case 'map':
        return [this.offsets(length, 4)];
      case 'largeList':
        return [this.offsets(length, 8)];
      case 'listView':
        return [atLeast(this.nextBuffer(), length * 4), atLeast(this.nextBuffer(), length * 4)];
      case 'largeListView':
        return [atLeast(this.nextBuffer(), length * 8), atLeast(this.nextBuffer(), length * 8)];
      case 'union': {
        const ids = atLeast(this.nextBuffer(), length);
        return type.dense ? [ids, atLeast(this.nextBuffer(), length * 4)] : [ids];
      }
      default:
        return [];
    }
  }

  private offsets(length: number, width: number): Uint8Array {
    // Writers may leave the offsets of an empty column out.
    const buffer = this.nextBuffer();
    return length === 0 ? buffer : atLeast(buffer, (length + 1) * width);
  }

  private viewData(): Uint8Array[] {
    const count = this.header.variadicCounts[this.view++];
    if (count === undefined || count < 0 || count > this.header.buffers.length) {
      throw malformed('a batch lacks the buffers of a view column');
    }
    return Array.from({ length: count }, () => this.nextBuffer());
  }

  private dictionary(id: number): Dictionary {
    const dictionary = this.dictionaries(id);
    if (dictionary === undefined) {
      throw malformed('a batch came before its dictionary');
    }
    return dictionary;
  }

  private nextNode(): readonly [length: number, nullCount: number] {
    const node = this.header.nodes[this.node++];
    if (node === undefined) {
      throw malformed('a batch has fewer columns than its schema');
    }
    const [length, nullCount] = node;
    if (length < 0 || length > 0x7fffffff || nullCount < 0 || nullCount > length) {
      throw malformed('a column has an impossible length');
    }
    return node;
  }

  private nextBuffer(): Uint8Array {
    const buffer = this.header.buffers[this.buffer++];
    if (buffer === undefined) {
      throw malformed('a batch has fewer buffers than its schema needs');
    }
    const [offset, length] = buffer;
    if (offset < 0 || length < 0 || offset + length > this.body.length) {
      throw malformed('a buffer lies outside of its message');
    }
    const bytes = this.body.subarray(offset, offset + length);
    return this.unpacker === undefined ? bytes : this.unpacker.unpack(bytes);
  }
}

/** The type that the buffers have, which is not always the one of the schema. */
function sentType(
  type: ArrowType,
  length: number,
  [offsets = new Uint8Array(0)]: readonly Uint8Array[],
  [items]: readonly Vector[]
): ArrowType {
  return type.kind === 'list' && hasWideOffsets(offsets, length, items?.length ?? 0)
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
