/** Slices of columns as views, so that a long batch can be converted in parts. */
import { type ArrowType, widthOf } from './arrow-type';
import { bitmapBytes, countNulls, type Vector } from './vector';

/** A slice starts at a multiple of this number of rows, so that it starts at a whole byte of each bitmap. */
export const SLICE_ALIGNMENT = 8;

/**
 * @param from A multiple of `SLICE_ALIGNMENT`.
 * @returns The `length` rows that start at `from`. Nothing is copied.
 */
export function sliceRows(vector: Vector, from: number, length: number): Vector {
  const { type } = vector;
  if (type.kind === 'runEndEncoded') {
    return { ...vector, length, firstRow: (vector.firstRow ?? 0) + from };
  }
  const bitmap = vector.validity?.subarray(from / 8) ?? null;
  const nullCount = type.kind === 'null' ? length : bitmap === null ? 0 : countNulls(bitmap, length);
  return {
    ...vector,
    length,
    nullCount,
    validity: nullCount === 0 ? null : bitmap,
    buffers: slicedBuffers(vector, from),
    children: slicedChildren(vector, from, length),
  };
}

/** Slices the buffers with one entry per row. Buffers that the entries refer to are not sliced. */
function slicedBuffers({ type, buffers }: Vector, from: number): readonly Uint8Array[] {
  return buffers.map((buffer, index) => {
    const bits = rowBits(type, index);
    return bits === 0 ? buffer : buffer.subarray((from * bits) / 8);
  });
}

/** Bits per row of a buffer; 0 for a buffer that rows refer to by offset. */
function rowBits(type: ArrowType, buffer: number): number {
  const width = widthOf(type.kind === 'dictionary' ? type.index : type);
  switch (type.kind) {
    case 'bool':
      return 1;
    case 'utf8':
    case 'binary':
    case 'list':
    case 'map':
      return buffer === 0 ? 32 : 0;
    case 'largeUtf8':
    case 'largeBinary':
    case 'largeList':
      return buffer === 0 ? 64 : 0;
    case 'utf8View':
    case 'binaryView':
      return buffer === 0 ? 128 : 0;
    case 'listView':
      return 32;
    case 'largeListView':
      return 64;
    case 'union':
      return buffer === 0 ? 8 : 32;
    default:
      return (width ?? 0) * 8;
  }
}

function slicedChildren({ type, children }: Vector, from: number, length: number): readonly Vector[] {
  switch (type.kind) {
    case 'struct':
      return children.map((child) => sliceRows(child, from, length));
    case 'union':
      return type.dense ? children : children.map((child) => sliceRows(child, from, length));
    case 'fixedSizeList':
      return children.map((child) => sliceRows(child, from * type.size, length * type.size));
    default:
      return children;
  }
}

/** The first `length` rows of a column, or the column itself if it has at most `length` rows. */
export function firstRows(vector: Vector, length: number): Vector {
  if (length >= vector.length) {
    return vector;
  }
  if (vector.type.kind === 'null') {
    return { ...vector, length, nullCount: length };
  }
  const validity = vector.validity?.subarray(0, bitmapBytes(length)) ?? null;
  const nullCount = validity === null ? 0 : countNulls(validity, length);
  return { ...vector, length, nullCount, validity: nullCount === 0 ? null : validity };
}
