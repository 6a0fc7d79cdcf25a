/** Limits log lines that a peer can cause in any number, for example by calling unknown methods. */
import { type Logger, type LogFields, type LogLevel } from './logger';

/** Maximum number of lines with the same message in an interval. */
export const MOST_LINES = 100;
const INTERVAL_MS = 10_000;

/**
 * Logs at most `MOST_LINES` lines with the same message in ten seconds. After ten seconds, one line reports the number
 * of dropped lines, if there are any.
 *
 * @param later Calls `callback` after `ms` milliseconds, without keeping the process alive.
 */
export function limitedLogger(logger: Logger, later: (callback: () => void, ms: number) => void): Logger {
  // Lines of the current interval by message. Messages are constants of this program, so their number is limited.
  return withCounts(logger, later, new Map());
}

function withCounts(
  logger: Logger,
  later: (callback: () => void, ms: number) => void,
  counts: Map<string, number>
): Logger {
  const limited =
    (level: Exclude<LogLevel, 'trace'>) =>
    (message: string, fields?: LogFields): void => {
      const lines = (counts.get(message) ?? 0) + 1;
      counts.set(message, lines);
      if (lines === 1) {
        later(() => {
          const dropped = (counts.get(message) ?? 0) - MOST_LINES;
          counts.delete(message);
          if (dropped > 0) {
            logger[level]('Log lines dropped: the same message was logged too often', { of: message, dropped });
          }
        }, INTERVAL_MS);
      }
      if (lines <= MOST_LINES) {
        logger[level](message, fields);
      }
    };
  return {
    debug: limited('debug'),
    info: limited('info'),
    warn: limited('warn'),
    error: limited('error'),
    with: (fields) => withCounts(logger.with(fields), later, counts),
  };
}
