/**
 * The limits of a result in rows and bytes. The smallest limit truncates the result, and a notice names that limit. For
 * log volumes and most alert rules, truncation is an error instead.
 */
import { MAX_TAIL_LINES, MAX_TAIL_SECONDS } from '../../contract/logs/tail-request';
import { type SqlQuery } from '../../contract/queries/query';
import { type FrameOptions, type ResultLimit } from '../frames/data-frames/frame-options';
import { ProxyError } from '../base/errors/proxy-error';

/** The smallest of the row limits that apply to a query. */
export interface RowLimit {
  /** Maximum number of rows that are shown. */
  maxRows: number;
  /** A part of a sentence, for the notice on a truncated result. */
  reason: string;
  /**
   * The limit that is sent to the server: one row more than `maxRows`, to detect truncation. Undefined: no limit is
   * sent, and the server returns all rows.
   */
  serverLimit: number | undefined;
  /** True for the row limit of the query itself. Default: false. */
  isOwn?: boolean;
}

interface RowLimits {
  query: Pick<SqlQuery, 'autoLimit' | 'rowLimit'>;
  /** The field "Max data points" of the panel. */
  maxDataPoints: number;
  /** Row limit in the data source settings. */
  dataSourceRows: number;
  /** Grafana's `[dataproxy] row_limit`, as Grafana sends it with each request. */
  grafanaRows: string | undefined;
}

/**
 * The row limit of a log volume. A log volume has one row for each bin and level, so the limit is enough for 5000 bins
 * with ten levels.
 */
export const VOLUME_LIMIT: RowLimit = {
  maxRows: 50_000,
  reason: 'a log volume has at most 50,000 counts',
  serverLimit: 50_001,
};

/** If a range of `MAX_TAIL_SECONDS` begins within a second, it contains parts of one more second. */
const MAX_TAIL_COUNTS = MAX_TAIL_SECONDS + 1;

/** The row limit of a step of a live tail: its lines, and one row for each second whose number of lines has changed. */
export const TAIL_LIMIT: RowLimit = {
  maxRows: MAX_TAIL_LINES + MAX_TAIL_COUNTS,
  reason: `a step of a live tail has at most ${shown(MAX_TAIL_LINES)} lines and ${shown(MAX_TAIL_COUNTS)} counts`,
  serverLimit: MAX_TAIL_LINES + MAX_TAIL_COUNTS + 1,
};

function shown(count: number): string {
  return count.toLocaleString('en-US');
}

/** The smallest of the row limits. */
export function rowLimit({ query, maxDataPoints, dataSourceRows, grafanaRows }: RowLimits): RowLimit {
  const candidates: Array<Omit<RowLimit, 'serverLimit'> & { server: boolean }> = [
    { maxRows: dataSourceRows, reason: 'the row limit of the data source', server: false },
  ];
  const fromGrafana = Number(grafanaRows ?? NaN);
  if (Number.isInteger(fromGrafana) && fromGrafana > 0) {
    candidates.push({ maxRows: fromGrafana, reason: "Grafana's row limit (row_limit in [dataproxy])", server: false });
  }
  if (query.autoLimit && maxDataPoints > 0) {
    candidates.push({
      maxRows: maxDataPoints,
      reason: '"Auto limit" of the query (max data points of the panel)',
      server: true,
    });
  }
  if (query.rowLimit !== undefined) {
    candidates.push({ maxRows: query.rowLimit, reason: 'the row limit of the query', server: true, isOwn: true });
  }
  const smallest = candidates.reduce((least, next) => (next.maxRows < least.maxRows ? next : least));
  return {
    maxRows: smallest.maxRows,
    reason: smallest.reason,
    serverLimit: smallest.server ? smallest.maxRows + 1 : undefined,
    isOwn: smallest.isOwn,
  };
}

/** The error for a log volume that a limit truncates. The chart needs all counts. */
export function truncatedVolume(_limit: ResultLimit, reason: string): ProxyError {
  return new ProxyError('result_too_large', {
    detail: `A log volume needs the whole result, which exceeds a limit: ${reason}.`,
  });
}

/**
 * Returns a function that creates the error for a truncated result of an alert rule. A notice is not enough, because
 * Grafana drops the notices of alert rules. The row limit of the query itself causes an error only if gaps are filled:
 * the rule would evaluate filled values in place of the missing rows.
 */
export function truncatedRule(
  { isOwn }: Pick<RowLimit, 'isOwn'>,
  { format, fillMode = 'null' }: Pick<FrameOptions, 'format' | 'fillMode'>
) {
  return (limit: ResultLimit, reason: string): ProxyError | undefined => {
    const isOwnLimit = limit === 'rows' && isOwn === true;
    const isFilled = format === 'time_series' && fillMode !== 'null';
    return isOwnLimit && !isFilled
      ? undefined
      : new ProxyError('alert_result_truncated', {
          detail: `The limit is: ${reason}.`,
          ...(isOwnLimit && {
            advice:
              'Set "Fill gaps" of the query to Off, or raise or remove its row limit. Otherwise the rule would evaluate filled values in place of the missing rows.',
          }),
        });
  };
}

/** The smallest of the size limits that apply to a query. */
export interface ByteLimit {
  bytes: number;
  /** A part of a sentence, for the notice on a truncated result. */
  reason: string;
}

interface ByteLimits {
  /** Size limit in the data source settings. */
  dataSourceBytes: number | undefined;
  /** Grafana's `[dataproxy] response_limit`, as Grafana sends it with each request. 0 means no limit. */
  grafanaBytes: string | undefined;
}

/** The smallest size limit, or undefined if there is none. It applies to received bytes. */
export function byteLimit({ dataSourceBytes, grafanaBytes }: ByteLimits): ByteLimit | undefined {
  const fromGrafana = Number(grafanaBytes ?? NaN);
  const isLimited = Number.isFinite(fromGrafana) && fromGrafana > 0;
  if (isLimited && (dataSourceBytes === undefined || fromGrafana < dataSourceBytes)) {
    return {
      bytes: fromGrafana,
      reason: `Grafana's limit of ${inMegabytes(fromGrafana)} for one result (response_limit in [dataproxy])`,
    };
  }
  return dataSourceBytes === undefined
    ? undefined
    : { bytes: dataSourceBytes, reason: `the size limit of the data source, ${inMegabytes(dataSourceBytes)}` };
}

/** The number of bytes in a megabyte of `memory_budget_mb`. */
const BUDGET_UNIT = 1024 * 1024;

/** The memory limit as a part of a sentence, for the notice on a truncated result. */
export function memoryLimitReason(limitBytes: number): string {
  return (
    `one result may take ${inMegabytes(limitBytes, BUDGET_UNIT)} of memory, half of the memory for all results ` +
    '(memory_budget_mb of the plugin)'
  );
}

/** A size as a string: `1.5 MB`. @param unit Bytes per megabyte: 1,000,000, or `BUDGET_UNIT` for `memory_budget_mb`. */
export function inMegabytes(bytes: number, unit = 1_000_000): string {
  const megabytes = bytes / unit;
  return `${megabytes >= 10 ? Math.round(megabytes) : Number(megabytes.toPrecision(2))} MB`;
}
