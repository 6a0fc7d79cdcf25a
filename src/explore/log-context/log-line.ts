/**
 * Reads the values that identify a line of a result: its process, its time with nanoseconds, and values that
 * distinguish lines of the same time.
 */
import { type DataFrame, type Field, FieldType, type LogRowModel } from '@grafana/data';
import { isInstanceId } from '../../../contract/resources/lookups';
import { LOG_FIELDS, SEVERITIES } from '../../../contract/logs/log-frame';
import { isNanoseconds, type LineMarks, MAX_LINE_CHARACTERS } from '../../../contract/logs/log-context';

/** The fields that a request for the lines before or after a line needs. */
export interface IdentifiedLine {
  processId: string;
  /** Nanoseconds since 1970. */
  time: string;
  marks: LineMarks;
}

/** Why the lines before and after a line cannot be found. */
export type UnidentifiedReason = 'no-process' | 'process-invalid' | 'no-time';

const LEVELS: readonly string[] = SEVERITIES;

/**
 * Key in `meta.custom`. Its value is true in the frames that `loadContext` returns for the lines before the selected
 * line. If such a frame has no field `repetition`, a line that equals other lines counts as the last of them.
 */
export const FROM_END = 'micromegasCountsFromEnd';

function fieldOf(frame: DataFrame, ...names: string[]): Field | undefined {
  return names.flatMap((name) => frame.fields.find((field) => field.name === name) ?? [])[0];
}

function stringAt(field: Field | undefined, row: number): string | undefined {
  const value: unknown = field?.values[row];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A value of a time field in nanoseconds since 1970. Undefined if the field has no time in this row. */
function timeAt(field: Field | undefined, row: number): string | undefined {
  const value: unknown = field?.type === FieldType.time ? field.values[row] : undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return undefined;
  }
  const nanoseconds = String(BigInt(value) * 1_000_000n + BigInt(field?.nanos?.[row] ?? 0));
  return isNanoseconds(nanoseconds) ? nanoseconds : undefined;
}

/** The value of a column: a field of the frame, or a label of the line. */
export function valueOf({ dataFrame, rowIndex, labels }: LogRowModel, name: string): string | undefined {
  const inFrame: unknown = fieldOf(dataFrame, LOG_FIELDS.labels)?.values[rowIndex];
  const ofFrame: Readonly<Record<string, unknown>> =
    inFrame !== null && typeof inFrame === 'object' ? { ...inFrame } : {};
  const value = stringAt(fieldOf(dataFrame, name), rowIndex) ?? ofFrame[name] ?? labels[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function levelOf({ dataFrame, rowIndex }: LogRowModel): number | undefined {
  const number: unknown = fieldOf(dataFrame, 'level')?.values[rowIndex];
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= LEVELS.length) {
    return number;
  }
  const index = LEVELS.indexOf(stringAt(fieldOf(dataFrame, LOG_FIELDS.severity), rowIndex) ?? '');
  return index < 0 ? undefined : index + 1;
}

function repetitionOf({ dataFrame, rowIndex }: LogRowModel): number | undefined {
  const number: unknown = fieldOf(dataFrame, 'repetition')?.values[rowIndex];
  if (typeof number === 'number' && Number.isInteger(number) && number !== 0) {
    return number;
  }
  return dataFrame.meta?.custom?.[FROM_END] === true ? -1 : undefined;
}

function marksOf(row: LogRowModel): LineMarks {
  const short = (value: string | undefined) =>
    value !== undefined && value.length <= MAX_LINE_CHARACTERS ? value : undefined;
  const { dataFrame, rowIndex } = row;
  const marks: LineMarks = {
    insertTime: timeAt(fieldOf(dataFrame, 'insert_time'), rowIndex),
    blockId: short(valueOf(row, 'block_id')),
    target: short(valueOf(row, 'target')),
    level: levelOf(row),
    text: stringAt(fieldOf(dataFrame, LOG_FIELDS.body, 'msg'), rowIndex)?.slice(0, MAX_LINE_CHARACTERS),
    repetition: repetitionOf(row),
  };
  return Object.fromEntries(Object.entries(marks).filter(([, value]) => value !== undefined));
}

/** The identity of a line in a result, or the reason why it has none. */
export function identifyLine(row: LogRowModel): IdentifiedLine | UnidentifiedReason {
  const processId = valueOf(row, 'process_id');
  if (processId === undefined) {
    return 'no-process';
  }
  if (!isInstanceId(processId)) {
    return 'process-invalid';
  }
  const timeField = fieldOf(row.dataFrame, LOG_FIELDS.time, 'time') ?? row.dataFrame.fields.find(isTime);
  const time = timeAt(timeField, row.rowIndex) ?? (isNanoseconds(row.timeEpochNs) ? row.timeEpochNs : undefined);
  return time === undefined ? 'no-time' : { processId, time, marks: marksOf(row) };
}

function isTime({ type }: Field): boolean {
  return type === FieldType.time;
}
