/** The limits of an answer in rows and bytes. Several apply; the smallest truncates it, and a notice says which. */
import { type RunnableQuery } from '../../contract/query';

export interface RowLimit {
  maxRows: number;
  /** A part of a sentence, for the notice on a truncated answer. */
  reason: string;
  /**
   * Limit that the server gets: one row more than are shown, so that truncation is noticed. Undefined: the server returns
   * all rows.
   */
  serverLimit: number | undefined;
}

interface RowLimits {
  query: RunnableQuery;
  /** The panel's max data points. */
  maxDataPoints: number;
  /** Row limit in the data source settings. */
  dataSourceRows: number;
  /** Grafana's `[dataproxy] row_limit`, as it comes with each request. */
  grafanaRows: string | undefined;
}

/** The smallest row limit. */
export function rowLimit({ query, maxDataPoints, dataSourceRows, grafanaRows }: RowLimits): RowLimit {
  const candidates = [{ maxRows: dataSourceRows, reason: 'the row limit of the data source', server: false }];
  const fromGrafana = Number(grafanaRows ?? NaN);
  if (Number.isInteger(fromGrafana) && fromGrafana > 0) {
    candidates.push({ maxRows: fromGrafana, reason: "Grafana's row limit (row_limit in [dataproxy])", server: false });
  }
  if (query.autoLimit && maxDataPoints > 0) {
    candidates.push({
      maxRows: maxDataPoints,
      reason: 'Auto limit is on (max data points of the panel)',
      server: true,
    });
  }
  if (query.rowLimit !== undefined) {
    candidates.push({ maxRows: query.rowLimit, reason: 'the row limit of the query', server: true });
  }
  const smallest = candidates.reduce((least, next) => (next.maxRows < least.maxRows ? next : least));
  return {
    maxRows: smallest.maxRows,
    reason: smallest.reason,
    serverLimit: smallest.server ? smallest.maxRows + 1 : undefined,
  };
}

export interface ByteLimit {
  bytes: number;
  /** A part of a sentence, for the notice on a truncated answer. */
  reason: string;
}

interface ByteLimits {
  /** Size limit in the data source settings. */
  dataSourceBytes: number | undefined;
  /** Grafana's `[dataproxy] response_limit`, as it comes with each request; 0 means no limit. */
  grafanaBytes: string | undefined;
}

/** The smallest size limit, or undefined if there is none. It counts received bytes. */
export function byteLimit({ dataSourceBytes, grafanaBytes }: ByteLimits): ByteLimit | undefined {
  const fromGrafana = Number(grafanaBytes ?? NaN);
  const isLimited = Number.isFinite(fromGrafana) && fromGrafana > 0;
  if (isLimited && (dataSourceBytes === undefined || fromGrafana < dataSourceBytes)) {
    return {
      bytes: fromGrafana,
      reason: `Grafana's limit of ${inMegabytes(fromGrafana)} an answer (response_limit in [dataproxy])`,
    };
  }
  return dataSourceBytes === undefined
    ? undefined
    : { bytes: dataSourceBytes, reason: `the size limit of the data source, ${inMegabytes(dataSourceBytes)}` };
}

/** Bytes of a megabyte in `memory_budget_mb`. */
const BUDGET_UNIT = 1024 * 1024;

/** The memory limit as a part of a sentence, for the notice on a truncated answer. */
export function memoryLimitReason(limitBytes: number): string {
  return (
    `one answer may take ${inMegabytes(limitBytes, BUDGET_UNIT)} of memory, half of what the data source has for all ` +
    '(memory_budget_mb of the plugin)'
  );
}

/** A size as text: `1.5 MB`. @param unit Bytes of a megabyte, as the limit counts them. */
export function inMegabytes(bytes: number, unit = 1_000_000): string {
  const megabytes = bytes / unit;
  return `${megabytes >= 10 ? Math.round(megabytes) : Number(megabytes.toPrecision(2))} MB`;
}
