/** Reads a frame of type `log-lines` into rows, with Grafana's names of the levels. */
import { type DataFrame, type Field, FieldType, getFieldDisplayName, type LinkModel } from '@grafana/data';

export type Level = 'critical' | 'error' | 'warning' | 'info' | 'debug' | 'trace' | 'unknown';

export interface LogDetail {
  name: string;
  value: string;
  links: LinkModel[];
}

export interface LogRowModel {
  key: string;
  /** Number of the row in its frame. */
  index: number;
  /** Milliseconds since 1970. */
  timeMs: number;
  /** Nanoseconds after the millisecond. */
  nanos: number;
  body: string;
  level: Level;
  /** Labels, then the other fields of the frame. */
  details: LogDetail[];
}

const LEVELS: ReadonlyArray<readonly [Level, RegExp]> = [
  ['critical', /^(emerg|emergency|fatal|alert|crit|critical|[0-2])$/i],
  ['error', /^(err|eror|error|3)$/i],
  ['warning', /^(warn|warning|4)$/i],
  ['info', /^(info|information|informational|notice|[56])$/i],
  ['debug', /^(dbug|debug|7)$/i],
  ['trace', /^trace$/i],
];

const READ_FIELDS = new Set(['timestamp', 'body', 'severity', 'id', 'labels', 'labelTypes']);

/** Grafana's level for a severity. */
export function levelOf(severity: unknown): Level {
  const value = String(severity ?? '');
  return LEVELS.find(([, pattern]) => pattern.test(value))?.[0] ?? 'unknown';
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function detailsOf(labels: unknown, others: Field[], row: number): LogDetail[] {
  const fromLabels = labels !== null && typeof labels === 'object' ? Object.entries(labels) : [];
  return [
    ...fromLabels.map(([name, value]) => ({ name, value: asString(value), links: [] })),
    ...others
      .filter((field) => field.values[row] !== null && field.values[row] !== undefined)
      .map((field) => ({
        name: getFieldDisplayName(field),
        value: asString(field.values[row]),
        links: field.getLinks?.({ valueRowIndex: row }) ?? [],
      })),
  ];
}

/**
 * The log lines of a frame. Undefined if the time field `timestamp` or the string field `body` is missing: then Grafana
 * shows no logs.
 */
export function readLogRows(frame: DataFrame): LogRowModel[] | undefined {
  const find = (name: string) => frame.fields.find((field) => field.name === name);
  const [time, body] = [find('timestamp'), find('body')];
  if (time?.type !== FieldType.time || body?.type !== FieldType.string) {
    return undefined;
  }
  const [severity, id, labels] = [find('severity'), find('id'), find('labels')];
  const others = frame.fields.filter((field) => !READ_FIELDS.has(field.name));
  return Array.from({ length: frame.length }, (_, row) => ({
    key: `${frame.refId}_${id?.values[row] ?? row}`,
    index: row,
    timeMs: Number(time.values[row]),
    nanos: time.nanos?.[row] ?? 0,
    body: String(body.values[row] ?? ''),
    level: levelOf(severity?.values[row]),
    details: detailsOf(labels?.values[row], others, row),
  }));
}
