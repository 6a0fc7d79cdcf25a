/**
 * Finds the columns of log lines in a result.
 *
 * Micromegas's names are `time`, `msg`, `level`, `properties` and `process_properties`. In other results, the columns
 * are found by the usual names of log columns. If no name fits, the first timestamp column is the time, and the first
 * string column is the body.
 */
import { type ArrowSchema, createConverter } from '../arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { describeColumns, findTimeColumn, isStringColumn, type ResultColumn, valueType } from './result-columns';

/** The role of each column of a result of log lines. A level that is a string is also a label. */
export interface LogsColumns {
  time: ResultColumn;
  body: ResultColumn;
  /** Undefined: the lines have no level. */
  level: ResultColumn | undefined;
  /** String columns that become labels. */
  labels: ResultColumn[];
  /** JSONB objects whose entries become labels. */
  properties: ResultColumn[];
  /** Columns that stay separate fields, including a level that is a number. */
  others: ResultColumn[];
}

const BODY_NAMES = ['msg', 'body', 'message', 'line'];
const LEVEL_NAMES = ['level', 'severity'];
const PROPERTIES_NAMES = ['properties', 'process_properties'];
/** Labels that come first: the program that wrote the line, and the target of the line. */
const FIRST_LABELS = ['exe', 'target'];
/** Technical ids, which would make the labels of many lines distinct. They stay fields. */
const NO_LABELS = ['stream_id', 'block_id'];

/** @throws {ProxyError} 'logs_shape' if there is no timestamp column, or no string column. */
export function findLogsColumns(columns: readonly ResultColumn[]): LogsColumns {
  const time = findTimeColumn(columns);
  if (time === undefined) {
    throw shapeError('There is no timestamp column', columns);
  }
  const level = findLevelColumn(columns);
  const body = findBodyColumn(columns, level);
  if (body === undefined) {
    throw shapeError('There is no text column', columns);
  }
  const properties = columns.filter((column) => PROPERTIES_NAMES.includes(column.name) && isBinary(column));
  const strings = columns.filter(
    (column) => isStringColumn(column) && column !== body && column !== level && !NO_LABELS.includes(column.name)
  );
  const labels = [
    ...FIRST_LABELS.flatMap((name) => strings.filter((column) => column.name === name)),
    ...(level !== undefined && isStringColumn(level) ? [level] : []),
    ...strings.filter(({ name }) => !FIRST_LABELS.includes(name)),
  ];
  const shown = new Set<ResultColumn | undefined>([time, body, ...properties, ...labels]);
  return { time, body, level, labels, properties, others: columns.filter((column) => !shown.has(column)) };
}

/** Names of the columns of log lines. Undefined for a column that the result does not have. */
export interface LineColumnNames {
  time: string | undefined;
  body: string | undefined;
  level: string | undefined;
  /** The program that wrote the line. */
  program: string | undefined;
}

/** Finds the columns of log lines in the schema of a result. */
export function lineColumns({ fields }: ArrowSchema, memory: MemoryAccount): LineColumnNames {
  const report = () => undefined;
  const numbers = { quoteBig: false, onBig: report };
  const columns = fields.map(({ name, type }, index) => {
    return { index, name, type, converter: createConverter(type, { report, numbers, memory }) };
  });
  const level = findLevelColumn(columns);
  return {
    time: findTimeColumn(columns)?.name,
    body: findBodyColumn(columns, level)?.name,
    level: level?.name,
    program: named(columns, ['exe'], isStringColumn)?.name,
  };
}

function findBodyColumn(columns: readonly ResultColumn[], level: ResultColumn | undefined): ResultColumn | undefined {
  return (
    named(columns, BODY_NAMES, isStringColumn) ?? columns.find((column) => isStringColumn(column) && column !== level)
  );
}

/** The column with the level of log lines. */
function findLevelColumn(columns: readonly ResultColumn[]): ResultColumn | undefined {
  return named(columns, LEVEL_NAMES, (column) => isStringColumn(column) || isInteger(column));
}

function shapeError(problem: string, columns: readonly ResultColumn[]): ProxyError {
  return new ProxyError('logs_shape', { detail: `${problem} among: ${describeColumns(columns)}.` });
}

function named(
  columns: readonly ResultColumn[],
  names: readonly string[],
  fits: (column: ResultColumn) => boolean
): ResultColumn | undefined {
  for (const name of names) {
    const found = columns.find((column) => column.name.toLowerCase() === name && fits(column));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function isInteger(column: ResultColumn): boolean {
  return valueType(column.type).kind === 'int';
}

function isBinary(column: ResultColumn): boolean {
  return ['binary', 'largeBinary', 'binaryView'].includes(valueType(column.type).kind);
}
