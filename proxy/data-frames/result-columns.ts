/**
 * The columns of a result as the frame builders see them: named, with their converter, in the order of the query.
 */
import {
  type ArrowSchema,
  type ArrowType,
  type ColumnConverter,
  createConverter,
  malformed,
  type PlainColumn,
  type ReportProblem,
  typeText,
  type Vector,
} from '../arrow-ipc';
import { listText, quotedName, shortText } from '../errors/foreign-text';
import { jsonNumbers } from './big-integers';
import { type FrameContext } from './frame-context';

export interface ResultColumn {
  /** Position in each batch. */
  index: number;
  /** As the query named it; `column_<n>`, counted from 1, where it has no name. Names may occur twice. */
  name: string;
  type: ArrowType;
  converter: ColumnConverter;
}

/**
 * One entry for each column of the schema. Problems of their conversion become notices that name the column.
 *
 * @param textViews See `ConversionContext`.
 */
export function resultColumns(
  schema: ArrowSchema,
  { options, notices }: FrameContext,
  textViews = false
): ResultColumn[] {
  return schema.fields.map(({ name: given, type }, index) => {
    const name = given === '' ? `column_${index + 1}` : given;
    const report = once((problem) =>
      notices.warn(`Column ${quotedName(name)} (${shortText(typeText(type))}) ${problem}`)
    );
    const numbers = jsonNumbers(name, options, notices);
    return {
      index,
      name,
      type,
      converter: createConverter(type, { report, numbers, textViews, memory: options.memory }),
    };
  });
}

/** Tells of each problem once: a column may have one in every row, and its name and type may be long. */
function once(tell: ReportProblem): ReportProblem {
  const told = new Set<string>();
  return (problem) => {
    if (!told.has(problem)) {
      told.add(problem);
      tell(problem);
    }
  };
}

/** The type of a column's values, whether or not they come through a dictionary. */
export function valueType(type: ArrowType): ArrowType {
  return type.kind === 'dictionary' ? valueType(type.value) : type;
}

/** True for columns that hold texts, in any of Arrow's layouts. */
export function isTextColumn(column: ResultColumn): boolean {
  return ['utf8', 'largeUtf8', 'utf8View'].includes(valueType(column.type).kind);
}

/** The columns with their types, for messages: `time (Timestamp(Nanosecond, None)), msg (Utf8)`. */
export function describeColumns(columns: readonly ResultColumn[]): string {
  return listText(columns, ({ name, type }) => `${shortText(name)} (${shortText(typeText(type))})`);
}

/** The time column: the one called `time` in any case, else the first that holds timestamps. */
export function findTimeColumn(columns: readonly ResultColumn[]): ResultColumn | undefined {
  const times = columns.filter((column) => column.converter.kind === 'timestamp');
  return times.find((column) => column.name.toLowerCase() === 'time') ?? times[0];
}

/** The column's part of a batch. */
export function vectorOf(column: ResultColumn, batch: readonly Vector[]): Vector {
  const vector = batch[column.index];
  if (vector === undefined) {
    throw malformed('a batch has fewer columns than its schema');
  }
  return vector;
}

/** The column's part of a batch, converted. */
export function convertColumn(column: ResultColumn, batch: readonly Vector[]): PlainColumn {
  return column.converter.convert(vectorOf(column, batch));
}

/** The names with a number after each that is taken, by one before it or by `reserved`. Thousands may be the same. */
export function uniqueNames(names: readonly string[], reserved: readonly string[] = []): string[] {
  const taken = new Set(reserved);
  const next = new Map<string, number>();
  return names.map((name) => {
    let unique = name;
    let number = next.get(name) ?? 2;
    for (; taken.has(unique); number++) {
      unique = `${name}_${number}`;
    }
    next.set(name, number);
    taken.add(unique);
    return unique;
  });
}

/** A count of rows in words, with the verb after it: `1 row has`, `2 rows have`. */
export function rowsHave(count: number): string {
  return count === 1 ? '1 row has' : `${count} rows have`;
}
