/**
 * Reads the log of a plugin as Grafana does (hashicorp/go-plugin `client.go`, `log_entry.go`).
 */

export type LogLineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  level: LogLineLevel;
  message: string;
  /** Key-value pairs of the line. */
  fields: Readonly<Record<string, unknown>>;
  /** The line of the plugin, without line feed. */
  raw: string;
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error'];

/**
 * Format of a timestamp with six fractional digits and a zone. With any other format, Grafana treats the whole line as
 * plain text.
 */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

function isLevel(value: unknown): value is LogLineLevel {
  return typeof value === 'string' && LEVELS.includes(value);
}

/** Structured lines have a level. A leading tag such as `[ERROR]` sets the level. All other lines get level debug. */
export function parseLogLine(raw: string): LogLine {
  const structured = parseStructured(raw);
  if (structured !== undefined) {
    return structured;
  }
  const tagged = /^\[([A-Z]+)\](.*)$/s.exec(raw);
  const level = tagged?.[1].toLowerCase();
  if (tagged !== null && isLevel(level)) {
    return { level, message: tagged[2].trimStart(), fields: {}, raw };
  }
  return { level: 'debug', message: raw, fields: {}, raw };
}

function parseStructured(raw: string): LogLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const entries: Record<string, unknown> = { ...value };
  const { '@level': level, '@message': message, '@timestamp': timestamp, ...fields } = entries;
  const legible = typeof message === 'string' && typeof timestamp === 'string' && TIMESTAMP.test(timestamp);
  return isLevel(level) && legible ? { level, message, fields, raw } : undefined;
}
