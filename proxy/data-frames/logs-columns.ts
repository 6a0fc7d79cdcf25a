/**
 * Finds the columns of log lines in a result.
 *
 * Micromegas's names are `time`, `msg`, `level`, `properties` and `process_properties`. Other results are searched for the
 * usual names of log columns, then for the first column of the right type.
 */
import { ProxyError } from '../errors/proxy-error';
import { describeColumns, findTimeColumn, isTextColumn, type ResultColumn, valueType } from './result-columns';

export interface LogsColumns {
  time: ResultColumn;
  body: ResultColumn;
  level: ResultColumn | undefined;
  /** Text columns that become labels. */
  labels: ResultColumn[];
  /** JSONB objects whose entries become labels. */
  properties: ResultColumn[];
  /** Columns that stay separate fields. */
  others: ResultColumn[];
}

const BODY_NAMES = ['msg', 'body', 'message', 'line'];
const LEVEL_NAMES = ['level', 'severity'];
const PROPERTIES_NAMES = ['properties', 'process_properties'];
/** Technical ids, which would make the labels of many lines distinct. They stay fields. */
const NO_LABELS = ['stream_id', 'block_id'];

/** @throws {ProxyError} 'logs_shape' without a timestamp column or a text column. */
export function findLogsColumns(columns: readonly ResultColumn[]): LogsColumns {
  const time = findTimeColumn(columns);
  if (time === undefined) {
    throw shapeError('There is no timestamp column', columns);
  }
  const level = named(columns, LEVEL_NAMES, (column) => isTextColumn(column) || isInteger(column));
  const body =
    named(columns, BODY_NAMES, isTextColumn) ?? columns.find((column) => isTextColumn(column) && column !== level);
  if (body === undefined) {
    throw shapeError('There is no text column', columns);
  }
  const properties = columns.filter((column) => PROPERTIES_NAMES.includes(column.name) && isBinary(column));
  const labels = columns.filter(
    (column) => isTextColumn(column) && column !== body && column !== level && !NO_LABELS.includes(column.name)
  );
  const shown = [time, body, ...properties, ...labels, ...(level !== undefined && isTextColumn(level) ? [level] : [])];
  return { time, body, level, labels, properties, others: columns.filter((column) => !shown.includes(column)) };
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
