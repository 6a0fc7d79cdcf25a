/**
 * Log lines in the format that Grafana reads from a plugin's stderr: one hclog JSON object per line.
 *
 * Grafana's reader (hashicorp/go-plugin `client.go`, `log_entry.go`) is strict: a message, level or timestamp that is
 * not a string makes the Grafana server panic. If the timestamp of a line has more or fewer than six fractional digits,
 * the line is read as plain text. Grafana shows plain text at debug level only.
 */
import { foreignString } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from './secret';

/** All levels, the lowest one first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Named values of a log line. Objects are written as JSON, errors as their stack. */
export type LogFields = Record<string, unknown>;

/** Writes lines with fields. Values of the type `Secret` are written as `[secret]`. */
export interface Logger {
  /** Names and e-mail addresses of users are allowed at this level only. */
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to all its lines. */
  with(fields: LogFields): Logger;
}

interface LoggerOptions {
  /** Writes one complete line, which ends with a line feed. */
  write: (line: string, level: LogLevel) => void;
  /** Lines below this level are dropped. Default: none, because Grafana filters the log of a plugin. */
  level?: LogLevel | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Maximum length of a line. Grafana splits lines at 64 KiB, the buffer size of go-plugin. */
const MAX_LINE_BYTES = 60_000;
const RESERVED = new Set(['@message', '@level', '@timestamp', '@module', '@caller', 'timestamp']);

/** RFC 3339 with exactly six fractional digits. */
function hclogTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}

/** Maximum length of a field, in code points. One long field must leave room for the other fields. */
const MAX_FIELD_CHARACTERS = 8000;

/**
 * Converts a value for JSON. Removes control characters from strings, because they could rewrite a line in a terminal.
 */
function plain(value: unknown): unknown {
  if (typeof value === 'string') {
    return foreignString(value, MAX_FIELD_CHARACTERS);
  }
  if (value instanceof Secret) {
    return '[secret]';
  }
  if (value instanceof Error) {
    const cause = value.cause === undefined ? '' : `\ncaused by: ${String(plain(value.cause))}`;
    return foreignString(`${stackOf(value)}${cause}`, MAX_FIELD_CHARACTERS);
  }
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    return String(value);
  }
  return value;
}

/** The stack of an error. The stack of a ProxyError contains only details that may be logged. */
function stackOf(error: Error): string {
  const { message, stack = message } = error;
  return error instanceof ProxyError
    ? stack.replace(message, () => `${error.summary} ${error.logDetail ?? ''}`.trimEnd())
    : stack;
}

function format(level: LogLevel, message: string, fields: LogFields, epochMs: number): string {
  const line: Record<string, unknown> = {
    '@level': level,
    '@message': foreignString(String(message), MAX_FIELD_CHARACTERS),
    '@timestamp': hclogTimestamp(epochMs),
  };
  let hasObjects = false;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) {
      const field = plain(value);
      hasObjects ||= typeof field === 'object';
      line[RESERVED.has(key) ? `field_${key.replace('@', '')}` : key] = field;
    }
  }
  // A line is written with each query. Only objects need a replacer, and `stringify` is much faster without one.
  const json = JSON.stringify(line, hasObjects ? (_key, value: unknown) => plain(value) : undefined);
  if (Buffer.byteLength(json) <= MAX_LINE_BYTES) {
    return `${json}\n`;
  }
  return `${JSON.stringify({
    '@level': level,
    '@message': `${foreignString(String(message), 4000)} (fields dropped: the line was too long)`,
    '@timestamp': hclogTimestamp(epochMs),
  })}\n`;
}

/** Creates a logger that writes hclog JSON lines. */
export function createLogger(options: LoggerOptions, bound: LogFields = {}): Logger {
  const now = options.now ?? Date.now;
  const lowest = LOG_LEVELS.indexOf(options.level ?? 'trace');
  const log = (level: LogLevel) =>
    LOG_LEVELS.indexOf(level) < lowest
      ? () => undefined
      : (message: string, fields: LogFields = {}) => {
          options.write(format(level, message, { ...bound, ...fields }, now()), level);
        };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => createLogger(options, { ...bound, ...fields }),
  };
}
