/**
 * Reads a result as Grafana's alert rules and expressions do. `tests/conformance/grafana-host` reads results with
 * Grafana's modules.
 *
 * A frame with a type and a version other than 0.0 is read by its type; any other frame by its columns.
 */
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { type ReadFrame, readFrames } from './frames';

export interface AlertValue {
  /** A rule can compare numbers. A series needs a reduce expression first. */
  kind: 'series' | 'number';
  labels: Record<string, string>;
  /** The number, or the points of the series. */
  values: Array<number | null>;
}

const isTime = (type: string) => type.startsWith('Timestamp');
const isString = (type: string) => /^Utf8/.test(type);
const isNumber = (type: string) => /^(?:U?Int|Float)\d+$|^Bool$/.test(type);

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function seriesOf(frame: ReadFrame): AlertValue[] {
  return Object.keys(frame.types)
    .filter((name) => !isTime(frame.types[name]))
    .map((name) => ({ kind: 'series', labels: frame.labels(name), values: frame.column(name).map(numberOf) }));
}

function numbersOf(frame: ReadFrame): AlertValue[] {
  const names = Object.keys(frame.types);
  const stringColumns = names
    .filter((name) => isString(frame.types[name]))
    .map((name) => [name, frame.column(name)] as const);
  return names
    .filter((name) => isNumber(frame.types[name]))
    .flatMap((name) =>
      frame.column(name).map((value, row) => ({
        kind: 'number' as const,
        labels: Object.fromEntries(stringColumns.map(([name, values]) => [name, String(values[row] ?? '')])),
        values: [numberOf(value)],
      }))
    );
}

function byColumns(frame: ReadFrame): AlertValue[] {
  const types = Object.values(frame.types);
  const times = types.filter(isTime).length;
  const numbers = types.filter(isNumber).length;
  const stringColumns = types.filter(isString).length;
  if (times === 0 && numbers === 1 && stringColumns === types.length - 1) {
    return numbersOf(frame);
  }
  if (times === 1 && numbers === types.length - 1 && numbers > 0) {
    return seriesOf(frame);
  }
  throw new Error('input data must be a wide series but got another type');
}

/**
 * @returns Empty for "no data".
 * @throws {Error} for a failed response, and for a result whose shape alert rules reject.
 */
export function alertValues(response: DataResponse): AlertValue[] {
  if (response.error !== '') {
    throw new Error(response.error);
  }
  const values = readFrames(response)
    .filter(({ types }) => Object.keys(types).length > 0)
    .flatMap((frame) => {
      const [major = 0, minor = 0] = frame.meta.typeVersion ?? [];
      switch (major === 0 && minor === 0 ? undefined : frame.meta.type) {
        case 'timeseries-wide':
        case 'timeseries-multi':
          return seriesOf(frame);
        case 'numeric-long':
        case 'numeric-wide':
          return numbersOf(frame);
        default:
          return byColumns(frame);
      }
    });
  const keys = values.map(({ labels }) => JSON.stringify(Object.entries(labels).sort()));
  if (new Set(keys).size < keys.length) {
    throw new Error('two values have the same labels');
  }
  return values;
}
