/**
 * The interface of `arrow-ipc` for other folders: it reads Arrow IPC messages, converts columns, and writes Arrow
 * files.
 *
 * The linter rejects imports of the other files of this folder, except in tests.
 */

// Messages and schemas.
export { type ArrowSchema, type ArrowType, formatType } from './arrow-type';
export { type IpcMessage, readEncapsulatedSchema, readMessageHeader } from './message-header';
export { type RecordBatch, ResultReader } from './result-reader';
export { readRows, readSchema } from './read-rows';
export { cellJson } from './cell-json';
export { cellBytes } from './cell-values';
export { malformed, tooLarge, withinMemory } from './result-errors';

// Columns as received.
export {
  asInt16,
  asInt32,
  asInt64,
  bitmapBytes,
  bytesOf,
  type Dictionary,
  hasBit,
  isPresent,
  setBit,
  type Vector,
} from './vector';
export { dictionaryIndices } from './dictionary';
export { firstRows, SLICE_ALIGNMENT, sliceRows } from './slice-rows';

// Rows that are kept after their messages are freed.
export { canKeep, integersOf, joinRows, keepRows, type KeptRows, type RowMemory, type RowSlice } from './kept-rows';
export { keptMessages } from './write-kept-rows';

// Conversion to plain columns.
export { type ColumnConverter, type ReportProblem } from './column-converter';
export { createConverter, createRawConverter, createStringConverter } from './convert-column';
export { DictionaryConverter } from './convert-dictionary';
export { hasBigIntegers, integersToStrings } from './convert-numbers';
export { batchConversionBytes, batchValueBytes, checkStep, isFormatted, MAX_WRITTEN_BYTES } from './conversion-size';

// Plain columns.
export {
  isString,
  type PlainColumn,
  type PlainKind,
  plainWidth,
  stringColumn,
  stringOffsets,
  withValidity,
} from './plain-column';
export { take } from './take';
export { StringColumnBuilder } from './string-column-builder';

// Strings, JSON and JSONB.
export { ByteSink } from './byte-sink';
export { type JsonNumbers, formatSingle, writeJsonString } from './json-values';
export { JSONB_PROBLEMS, type JsonbPair, visitJsonbObject, writeJsonb } from './jsonb';

// Hash tables that take linear time even for hostile values.
export { type HashKey, keyedPairHash, randomHashKey } from './keyed-hash';
export { hashBytes, StringTable } from './string-table';

// Files.
export { ArrowFileWriter, MAX_FILE_BYTES } from './file-writer';
export { type PlainField } from './write-metadata';
