/** Which of several limits cuts an answer, and how the user is told. */
import { type RunnableQuery } from '../../contract/query';

export interface RowLimit {
  maxRows: number;
  /** Part of a sentence, for the notice on a cut answer. */
  reason: string;
  /** Rows to ask the server for, one more than are shown: so a cut is known. Undefined: the server is not limited. */
  serverLimit: number | undefined;
}

interface Limits {
  query: RunnableQuery;
  /** The panel's max data points. */
  maxDataPoints: number;
  /** Row limit in the data source settings. */
  dataSourceRows: number;
  /** Grafana's `[dataproxy] row_limit`, as it comes with each request. */
  grafanaRows: string | undefined;
}

/** The smallest limit wins. */
export function rowLimit({ query, maxDataPoints, dataSourceRows, grafanaRows }: Limits): RowLimit {
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
