/**
 * Passes the problems of the OpenTelemetry SDK to the log. While the collector cannot be reached, each export fails, so
 * only one line per period is logged.
 */
import { type DiagLogger } from '@opentelemetry/api';
import { foreignLine } from '../../base/errors/foreign-string';
import { type Logger } from '../logging/logger';

/** Minimum time between two lines. */
const PERIOD_MS = 10 * 60_000;

/** Maximum length of the reason in a line, in code points. */
const MAX_CHARACTERS = 300;

/** The SDK reports errors as JSON with a stack. */
function reasonOf(line: string): string {
  try {
    const { message, details }: { message?: unknown; details?: unknown } = JSON.parse(line);
    return [message, details].find((part) => typeof part === 'string' && part !== '')?.toString() ?? line;
  } catch {
    return line;
  }
}

/** A logger for the SDK, which passes errors and warnings on to `logger`. @param now Milliseconds since 1970. */
export function diagnosticsTo(logger: Pick<Logger, 'warn'>, now: () => number): DiagLogger {
  let loggedMs: number | undefined;
  let suppressed = 0;
  const report = (line: string): void => {
    const nowMs = now();
    if (loggedMs !== undefined && nowMs - loggedMs < PERIOD_MS) {
      suppressed += 1;
      return;
    }
    loggedMs = nowMs;
    const reason = foreignLine(reasonOf(line), MAX_CHARACTERS);
    logger.warn('Traces could not be sent', { reason, ...(suppressed > 0 && { suppressed }) });
    suppressed = 0;
  };
  const nothing = () => undefined;
  return { error: report, warn: report, info: nothing, debug: nothing, verbose: nothing };
}
