/**
 * Computes how many nodes and buffers the columns of a batch have, and rejects headers with other numbers before a
 * column is read.
 *
 * @see Arrow columnar format, "Buffer listing for each layout" and "RecordBatch message"
 */
import { type ArrowType, childTypes, widthOf } from './arrow-type';
import { type PairVector } from './flatbuffer-table';
import { malformed } from './result-errors';
import { type BatchHeader } from './message-header';

/** The numbers of columns and buffers that the header of a record batch must list for a schema. */
export interface BatchLayout {
  /** Types of the top-level columns. */
  readonly types: readonly ArrowType[];
  /** Number of columns, children included. */
  readonly nodes: number;
  /** Number of buffers, without the data buffers of view columns. */
  readonly buffers: number;
  /** Number of view columns. A view column may have any number of data buffers. */
  readonly views: number;
  /** Number of union columns. In metadata version 4, a union column has one more buffer. */
  readonly unions: number;
}

/** The layout of columns with these types. The values of dictionaries are not counted. */
export function layoutOf(types: readonly ArrowType[]): BatchLayout {
  const count = { nodes: 0, buffers: 0, views: 0, unions: 0 };
  const visit = (type: ArrowType): void => {
    count.nodes++;
    count.buffers += buffersOf(type);
    count.views += type.kind === 'utf8View' || type.kind === 'binaryView' ? 1 : 0;
    count.unions += type.kind === 'union' ? 1 : 0;
    childTypes(type).forEach(visit);
  };
  types.forEach(visit);
  return { types, ...count };
}

/**
 * Number of buffers of one column in metadata version 5. Data buffers of views and buffers of children are not counted.
 */
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
 * @param bodyBytes Length of the message body.
 * @throws {ProxyError} 'result_malformed' if the number of nodes or buffers is wrong, or if buffers overlap or exceed
 *   the body.
 */
export function checkLayout(
  { nodes, buffers, variadicCounts, hasUnionValidity }: BatchHeader,
  layout: BatchLayout,
  bodyBytes: number
): void {
  if (nodes.length !== layout.nodes) {
    throw malformed('the number of columns of a batch differs from its schema');
  }
  if (variadicCounts.length !== layout.views) {
    throw malformed('the number of view columns of a batch differs from its schema');
  }
  let needed = layout.buffers + (hasUnionValidity ? layout.unions : 0);
  for (let view = 0; view < variadicCounts.length; view++) {
    const count = variadicCounts.at(view);
    if (count < 0) {
      throw malformed('a view column has a negative number of buffers');
    }
    needed += count;
  }
  if (buffers.length !== needed) {
    throw malformed('the number of buffers of a batch differs from its schema');
  }
  checkRanges(buffers, bodyBytes);
}

/**
 * Rejects buffers that exceed the body or overlap. With overlapping buffers, a small message could describe any number
 * of large columns. Writers list buffers in ascending order, so the sort in `checkUnordered` is rarely needed.
 */
function checkRanges(buffers: PairVector, bodyBytes: number): void {
  let end = 0;
  let isAscending = true;
  for (let index = 0; index < buffers.length; index++) {
    const offset = buffers.first(index);
    const length = buffers.second(index);
    if (offset < 0 || length < 0 || offset + length > bodyBytes) {
      throw malformed('a buffer is outside of its message');
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
  const ranges = Array.from({ length: buffers.length }, (_, index) => ({
    start: buffers.first(index),
    end: buffers.first(index) + buffers.second(index),
  })).filter(({ start, end }) => end > start);
  ranges.sort((a, b) => a.start - b.start);
  if (ranges.some(({ start }, index) => index > 0 && start < ranges[index - 1].end)) {
    throw malformed('buffers of a batch overlap');
  }
}
