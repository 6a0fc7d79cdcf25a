/** The columns of a result for the frame builders: names, types and converters, in the order of the query. */
import { StringSet } from '../../../contract/string-map';
import { UniqueNames } from '../../../contract/unique-names';
import {
  type ArrowSchema,
  type ArrowType,
  type ColumnConverter,
  createConverter,
  malformed,
  type PlainColumn,
  type ReportProblem,
  formatType,
  type Vector,
} from '../arrow-ipc';
import { joinedList, shownName, foreignLine } from '../../base/errors/foreign-string';
import { jsonNumbers } from './big-integers';
import { type FrameContext } from './frame-builder';

/** A column of a result. Its converter keeps state, so batches must be converted in order. */
export interface ResultColumn {
  /** Index in each batch. */
  index: number;
  /** Name in the result, or `column_<n>`, counted from 1, for an empty name. Names may occur twice. */
  name: string;
  type: ArrowType;
  converter: ColumnConverter;
}

/**
 * Creates an entry for each column of the schema. Problems during conversion become notices that name the column.
 *
 * @param stringViews See `ConversionContext`.
 */
export function resultColumns(
  schema: ArrowSchema,
  { options, notices }: FrameContext,
  stringViews = false
): ResultColumn[] {
  return schema.fields.map(({ name: given, type }, index) => {
    const name = given === '' ? `column_${index + 1}` : given;
    const report = once((problem) =>
      notices.warn(`Column ${shownName(name)} (${foreignLine(formatType(type))}) ${problem}`)
    );
    const numbers = jsonNumbers(name, options, notices);
    return {
      index,
      name,
      type,
      converter: createConverter(type, { report, numbers, stringViews, memory: options.memory }),
    };
  });
}

/** Reports each problem only once, because every row of a column may have the problem. */
function once(report: ReportProblem): ReportProblem {
  const reported = new StringSet();
  return (problem) => {
    if (!reported.has(problem)) {
      reported.add(problem);
      report(problem);
    }
  };
}

/** The type of the values. For a dictionary column, the type of the dictionary's values, not of its indices. */
export function valueType(type: ArrowType): ArrowType {
  return type.kind === 'dictionary' ? valueType(type.value) : type;
}

/** True for columns of strings in any layout. */
export function isStringColumn(column: ResultColumn): boolean {
  return ['utf8', 'largeUtf8', 'utf8View'].includes(valueType(column.type).kind);
}

/** True for a string column whose name is `unit`, in any letter case. */
export function isUnitColumn(column: ResultColumn): boolean {
  return column.name.toLowerCase() === 'unit' && isStringColumn(column);
}

/** The columns with their types, for messages: `time (Timestamp(Nanosecond, None)), msg (Utf8)`. */
export function describeColumns(columns: readonly ResultColumn[]): string {
  return joinedList(columns, ({ name, type }) => `${foreignLine(name)} (${foreignLine(formatType(type))})`);
}

/** The timestamp column with the name `time`, in upper or lower case, else the first timestamp column. */
export function findTimeColumn(columns: readonly ResultColumn[]): ResultColumn | undefined {
  const times = columns.filter((column) => column.converter.kind === 'timestamp');
  return times.find((column) => column.name.toLowerCase() === 'time') ?? times[0];
}

/** The column in a batch. */
export function vectorOf(column: ResultColumn, batch: readonly Vector[]): Vector {
  const vector = batch[column.index];
  if (vector === undefined) {
    throw malformed('a batch has fewer columns than its schema');
  }
  return vector;
}

/** The converted column of a batch. */
export function convertColumn(column: ResultColumn, batch: readonly Vector[]): PlainColumn {
  return column.converter.convert(vectorOf(column, batch));
}

/** Makes names unique: a name that occurred before, or is reserved, gets a number. Takes linear time for any names. */
export function uniqueNames(names: readonly string[], reserved: readonly string[] = []): string[] {
  const unique = new UniqueNames(reserved, '_');
  return names.map((name) => unique.add(name));
}

/** The subject and verb of a sentence: `1 row has`, `2 rows have`. */
export function rowsHave(count: number): string {
  return count === 1 ? '1 row has' : `${count} rows have`;
}
