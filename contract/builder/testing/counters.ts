/** Replaces the table `measures` in SQL by samples of counters whose rates are known. */

const START_MS = Date.parse('2026-01-01T00:00:00Z');

/** The samples of one series: a counter that increases by one per second. */
export interface Counter {
  /** Seconds between two samples. */
  everySeconds: number;
  /** Time of the first sample, in seconds after the start of the range. Default: 0. */
  from?: number;
  /** Latest time of a sample, in seconds after the start of the range. Default: 600. */
  to?: number;
  process?: string;
  name?: string;
  /** The samples are increments since the previous sample. */
  isDelta?: boolean;
  /** Value of the column `properties`. Default: no properties. */
  properties?: Record<string, string | number>;
}

/** The time range of the samples: ten minutes. The bounds are in milliseconds since 1970. */
export const COUNTER_RANGE = { fromMs: START_MS, toMs: START_MS + 600_000 };

/** The property that marks OpenTelemetry sums whose samples are increments. */
export const DELTA = { 'otel.metric.aggregation_temporality': 1 };

function samplesOf(counter: Counter): string[] {
  const { everySeconds, from = 0, to = 600, process = 'p1', name = 'requests', properties = {} } = counter;
  const rows: string[] = [];
  for (let at = from; at <= to; at += everySeconds) {
    const time = new Date(START_MS + at * 1000).toISOString();
    const value = counter.isDelta ? everySeconds : at - from;
    const json = JSON.stringify(properties);
    rows.push(`(timestamp '${time}', '${process}', '${name}', 'net', '{request}', 'ember', ${value}.0, '${json}')`);
  }
  return rows;
}

/** The SQL, with the samples of the counters in place of the table `measures`. */
export function withCounters(sql: string, counters: readonly Counter[]): string {
  const columns = ['time', 'process_id', 'name', 'target', 'unit', 'exe', 'value'];
  const rows = `(VALUES ${counters.flatMap(samplesOf).join(', ')}) AS samples(${columns.join(', ')}, json)`;
  return sql.replace(
    'FROM measures',
    `FROM (SELECT ${columns.join(', ')}, jsonb_parse(json) AS properties FROM ${rows}) AS measures`
  );
}
