/** Which limit in bytes cuts an answer, and how the user is told. */

export interface ByteLimit {
  bytes: number;
  /** Part of a sentence, for the notice on a cut answer. */
  reason: string;
}

interface Limits {
  /** Size limit in the data source settings. */
  dataSourceBytes: number | undefined;
  /** Grafana's `[dataproxy] response_limit`, as it comes with each request; 0 stands for none. */
  grafanaBytes: string | undefined;
}

/** The smaller limit, or undefined when there is none. Both count what the server sends. */
export function byteLimit({ dataSourceBytes, grafanaBytes }: Limits): ByteLimit | undefined {
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

/** The limit of memory as a part of a sentence, for the notice on a truncated answer. */
export function memoryLimitReason(limitBytes: number): string {
  return (
    `one answer may take ${inMegabytes(limitBytes, BUDGET_UNIT)} of memory, half of what the data source has for all ` +
    '(memory_budget_mb of the plugin)'
  );
}

/** A size in words: `1.5 MB`. @param unit Bytes of a megabyte as the limit in question counts it. */
export function inMegabytes(bytes: number, unit = 1_000_000): string {
  const megabytes = bytes / unit;
  return `${megabytes >= 10 ? Math.round(megabytes) : Number(megabytes.toPrecision(2))} MB`;
}
