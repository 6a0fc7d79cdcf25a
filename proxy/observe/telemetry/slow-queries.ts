/**
 * Logs queries that take long, at a bounded rate: a dashboard with many slow panels must not flood Grafana's log.
 *
 * The level is `warn`, because administrators look for slow queries after complaints of users. Routine lines of a query
 * have the level `debug`.
 */
import { type Environment } from '../../base/environment';
import { type LogFields, type Logger } from '../logging/logger';
import { type QueryObserver, type QuerySummary } from './query-summary';

/**
 * Grafana sets this variable to the value of `slow_query_seconds` in the plugin's section of Grafana's configuration
 * file.
 */
const VARIABLE = 'GF_PLUGIN_SLOW_QUERY_SECONDS';
const DEFAULT_SECONDS = 10;

/** Length of a period in milliseconds. At most `MAX_LINES_PER_PERIOD` lines are logged in a period. */
const PERIOD_MS = 60_000;
export const MAX_LINES_PER_PERIOD = 10;

interface SlowQueriesOptions {
  /** Undefined: no query is logged. */
  thresholdMs: number | undefined;
  logger: Logger;
  /** Calls `callback` after `ms` milliseconds, without keeping the process alive. */
  later: (callback: () => void, ms: number) => void;
}

/**
 * The operator's threshold in milliseconds. Undefined for 0: no query is logged. Invalid settings are logged and
 * ignored.
 */
export function slowQueryMs(env: Environment, logger: Pick<Logger, 'error'>): number | undefined {
  const value = (env[VARIABLE] ?? '').trim();
  const seconds = value === '' ? DEFAULT_SECONDS : Number(value);
  if (!(Number.isFinite(seconds) && seconds >= 0)) {
    logger.error(`slow_query_seconds is not a number of at least 0, so it is ${DEFAULT_SECONDS}`, { value: value });
    return DEFAULT_SECONDS * 1000;
  }
  return seconds === 0 ? undefined : seconds * 1000;
}

/** Logs queries that took at least `thresholdMs`, up to `MAX_LINES_PER_PERIOD` in a period for the whole process. */
export class SlowQueries implements QueryObserver {
  readonly #options: SlowQueriesOptions;
  #lines = 0;
  #dropped = 0;

  constructor(options: SlowQueriesOptions) {
    this.#options = options;
  }

  queryEnded(summary: QuerySummary): void {
    const { thresholdMs, logger, later } = this.#options;
    const tookMs = summary.durationMs + (summary.stagesMs.send ?? 0);
    if (thresholdMs === undefined || tookMs < thresholdMs) {
      return;
    }
    if (this.#lines === 0) {
      later(() => this.#endPeriod(), PERIOD_MS);
    }
    if (this.#lines >= MAX_LINES_PER_PERIOD) {
      this.#dropped += 1;
      return;
    }
    this.#lines += 1;
    logger.warn('Slow query', fieldsOf(summary, tookMs));
  }

  #endPeriod(): void {
    if (this.#dropped > 0) {
      this.#options.logger.warn('More slow queries were not logged', { queries: this.#dropped });
    }
    this.#lines = 0;
    this.#dropped = 0;
  }
}

/** The fields of a query that may be logged above the level `debug`: no SQL, and no names of users. */
function fieldsOf(summary: QuerySummary, tookMs: number): LogFields {
  const { refId, code, rows, bytes, stagesMs, orgId, dataSourceUid, entrypoint, dashboardUid, panelId } = summary;
  const stages = Object.entries(stagesMs).map(([stage, ms]) => [stage, Math.round(ms)]);
  return {
    seconds: Math.round(tookMs) / 1000,
    code,
    rows,
    bytes,
    stagesMs: Object.fromEntries(stages),
    orgId,
    dsUid: dataSourceUid,
    entrypoint,
    dashboardUid,
    panelId,
    refId,
    sharedFrom: summary.sharedFrom,
    queryId: summary.queryId,
    traceId: summary.traceId,
  };
}
