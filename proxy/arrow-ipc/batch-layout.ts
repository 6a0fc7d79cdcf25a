/**
 * How many nodes and buffers the columns of a batch need, by their types: a header that lists others is refused before
 * any of them is read.
 *
 * @see Arrow columnar format, "Buffer listing for each layout" and "RecordBatch message"
 */
import { type ArrowType, childTypes, widthOf } from './arrow-type';
import { type PairVector } from './flatbuffer-table';
import { malformed } from './result-errors';
import { type BatchHeader } from './read-message';

export interface BatchLayout {
  /** Types of the columns, without their children. */
  readonly types: readonly ArrowType[];
  /** Columns with their children. */
  readonly nodes: number;
  /** Buffers without the data buffers of views. */
  readonly buffers: number;
  /** View columns, each of which has any number of data buffers. */
  readonly views: number;
}

export function layoutOf(types: readonly ArrowType[]): BatchLayout {
  const count = { nodes: 0, buffers: 0, views: 0 };
  const visit = (type: ArrowType): void => {
    count.nodes++;
    count.buffers += buffersOf(type);
    count.views += type.kind === 'utf8View' || type.kind === 'binaryView' ? 1 : 0;
    childTypes(type).forEach(visit);
  };
  types.forEach(visit);
  return { types, ...count };
}

/** Buffers of one column, validity included, without data buffers of views. */
function buffersOf(type: ArrowType): number {
  if (type.kind === 'dictionary' || type.kind === 'bool' || widthOf(type) !== undefined) {
    return 2;
  }
  switch (type.kind) {
    case 'null':
    case 'runEndEncoded':
      return 0;
    case 'struct':
    case 'fixedSizeList':
      return 1;
    case 'union':
      return type.dense ? 2 : 1;
    case 'list':
    case 'largeList':
    case 'map':
    case 'utf8View':
    case 'binaryView':
      return 2;
    default:
      return 3;
  }
}

/**
 * @param bodyBytes Length of the body of the message.
 * @throws {ProxyError} 'result_malformed' unless the header lists what the layout needs, within the body and without overlap.
 */
export function checkLayout(
  { nodes, buffers, variadicCounts }: BatchHeader,
  layout: BatchLayout,
  bodyBytes: number
): void {
  if (nodes.length !== layout.nodes) {
    throw malformed('a batch has another number of columns than its schema');
  }
  if (variadicCounts.length !== layout.views) {
    throw malformed('a batch has another number of view columns than its schema');
  }
  let needed = layout.buffers;
  for (let view = 0; view < variadicCounts.length; view++) {
    const count = variadicCounts.at(view);
    if (count < 0) {
      throw malformed('a view column has a negative number of buffers');
    }
    needed += count;
  }
  if (buffers.length !== needed) {
    throw malformed('a batch has another number of buffers than its schema needs');
  }
  checkPlaces(buffers, bodyBytes);
}

/**
 * Buffers that share bytes would let a small message stand for any number of large columns. Writers list them in the order
 * of the body, so that one pass is enough.
 */
function checkPlaces(buffers: PairVector, bodyBytes: number): void {
  let end = 0;
  let isAscending = true;
  for (let index = 0; index < buffers.length; index++) {
    const offset = buffers.first(index);
    const length = buffers.second(index);
    if (offset < 0 || length < 0 || offset + length > bodyBytes) {
      throw malformed('a buffer lies outside of its message');
    }
    if (length > 0) {
      isAscending &&= offset >= end;
      end = offset + length;
    }
  }
  if (!isAscending) {
    checkUnordered(buffers);
  }
}

function checkUnordered(buffers: PairVector): void {
  const places = Array.from({ length: buffers.length }, (_, index) => ({
    start: buffers.first(index),
    end: buffers.first(index) + buffers.second(index),
  })).filter(({ start, end }) => end > start);
  places.sort((a, b) => a.start - b.start);
  if (places.some(({ start }, index) => start < (places[index - 1]?.end ?? 0))) {
    throw malformed('buffers of a batch overlap');
  }
}
