/**
 * Numbers on a query for Grafana's query inspector: what came, and who took how long.
 *
 * Time in which the proxy waits for the next message is the server's and the network's (the sign-in included, which
 * happens before the first one), all other time is the proxy's own.
 */
import { type IpcMessage } from '../arrow-ipc';
import { type StatsOptions } from './frame-options';

/** A number of the query inspector. `unit` is one of Grafana's; of counts every digit is shown, so theirs is no `short`. */
export interface QueryStat {
  displayName: string;
  value: number;
  unit?: string;
  decimals?: number;
}

export class QueryMeter {
  readonly #options: StatsOptions;
  #bytes = 0;
  #waitedMs = 0;
  #waitsSinceMs: number | undefined;
  #firstRowsMs: number | undefined;

  constructor(options: StatsOptions) {
    this.#options = options;
  }

  /** To be called when the work waits for the next message. */
  waits(): void {
    this.#waitsSinceMs = this.#options.now();
  }

  /** To be called when the message has arrived; without one at the end of the result. */
  arrived(message?: IpcMessage): void {
    if (this.#waitsSinceMs !== undefined) {
      this.#waitedMs += this.#options.now() - this.#waitsSinceMs;
      this.#waitsSinceMs = undefined;
    }
    if (message !== undefined) {
      this.#bytes += message.header.length + message.body.length;
    }
  }

  /** To be called with each batch that has rows. */
  hasRows(): void {
    this.#firstRowsMs ??= this.#elapsedMs();
  }

  list(rows: number): QueryStat[] {
    const { tokenAgeMs, endpoints } = this.#options.facts?.() ?? {};
    const stats: Array<Omit<QueryStat, 'value'> & { value: number | undefined }> = [
      { displayName: 'Rows received', value: rows, unit: 'locale', decimals: 0 },
      { displayName: 'Bytes received', value: this.#bytes, unit: 'bytes' },
      { displayName: 'Time to first rows', value: this.#firstRowsMs, unit: 'ms' },
      { displayName: 'Time waiting for Micromegas', value: this.#waitedMs, unit: 'ms' },
      { displayName: 'Time in the data source', value: Math.max(0, this.#elapsedMs() - this.#waitedMs), unit: 'ms' },
      { displayName: 'Age of the access token', value: tokenAgeMs, unit: 'ms' },
      { displayName: 'Endpoints', value: endpoints, unit: 'locale', decimals: 0 },
    ];
    return stats.flatMap(({ value, ...stat }) => (value === undefined ? [] : [{ ...stat, value }]));
  }

  #elapsedMs(): number {
    return this.#options.now() - this.#options.startedMs;
  }
}
