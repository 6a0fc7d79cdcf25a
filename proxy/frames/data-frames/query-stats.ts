/**
 * Statistics of a query for Grafana's query inspector: received rows and bytes, and elapsed times.
 *
 * Three times add up to the time since the start of the query:
 *
 * - "Time waiting for other queries": the statements of the query wait for slots, which limit the open statements of a
 *   data source.
 * - "Time waiting for Micromegas": the query waits for messages. The first wait includes the sign-in. If the query
 *   shares the result of a running statement of another query, the wait for that statement counts here too.
 * - "Time in the data source": all other time.
 */
import { type IpcMessage } from '../arrow-ipc';
import { type QueryFacts, type StatsOptions } from './frame-options';

/**
 * A statistic in the query inspector. `unit` is a Grafana unit id. Counts have `locale`, because `short` rounds them.
 */
export interface QueryStat {
  displayName: string;
  value: number;
  unit?: string;
  decimals?: number;
  mappings?: readonly object[];
}

/**
 * The id that identifies a query in the server's audit log. A statistic must be a number, so a mapping makes Grafana
 * show the id in place of the number.
 */
export function sessionStat(session: string | undefined): QueryStat[] {
  return session === undefined ? [] : [stringStat('Session in the audit log', session)];
}

function stringStat(displayName: string, value: string): QueryStat {
  return { displayName, value: 0, mappings: [{ type: 'value', options: { '0': { text: value, index: 0 } } }] };
}

function sharedStat({ from, ageMs }: NonNullable<QueryFacts['shared']>): QueryStat {
  const seconds = Math.round(ageMs / 1000);
  return stringStat(
    'Result',
    from === 'memory' ? `from memory, ${seconds} s old` : 'from an equal statement that was running'
  );
}

function rangeStats({ fromMs, toMs }: NonNullable<QueryFacts['readRange']>): QueryStat[] {
  return [
    { displayName: 'Begin of the range that was read', value: fromMs, unit: 'dateTimeAsIso' },
    { displayName: 'End of the range that was read', value: toMs, unit: 'dateTimeAsIso' },
  ];
}

/** The time in which the statements of a query waited for other queries. No statistic if `queuedMs` is 0. */
export function queueStat(queuedMs: number): QueryStat[] {
  return queuedMs > 0 ? [{ displayName: 'Time waiting for other queries', value: queuedMs, unit: 'ms' }] : [];
}

/**
 * Measures one query. The time starts at `StatsOptions.startedMs`. Without calls of `startWait` and `endWait`, all time
 * counts as time in the data source.
 */
export class QueryMeter {
  readonly #options: StatsOptions;
  #bytes = 0;
  /** Milliseconds of all waits for messages, without the waits for slots. */
  #waitedMs: number;
  /** Start of the current wait, by the clock `#unqueuedMs`. */
  #waitStartMs: number | undefined;
  #firstRowsMs: number | undefined;

  constructor(options: StatsOptions) {
    this.#options = options;
    this.#waitedMs = options.joinedMs ?? 0;
  }

  /** Call this before the wait for the next message. */
  startWait(): void {
    this.#waitStartMs = this.#unqueuedMs();
  }

  /** Call this with each message that has arrived, and without a message at the end of the result. */
  endWait(message?: IpcMessage): void {
    if (this.#waitStartMs !== undefined) {
      this.#waitedMs += this.#unqueuedMs() - this.#waitStartMs;
      this.#waitStartMs = undefined;
    }
    if (message !== undefined) {
      this.#bytes += message.header.length + message.body.length;
    }
  }

  /** Call this for each batch that has rows. */
  rowsArrived(): void {
    this.#firstRowsMs ??= this.#elapsedMs();
  }

  /** The statistics up to now. @param rows Rows received, before any reshaping. */
  list(rows: number): QueryStat[] {
    const { tokenAgeMs, endpoints, session, shared, readRange, slices, refresh } = this.#options.facts?.() ?? {};
    const queuedMs = this.#queuedMs();
    const ownMs = this.#elapsedMs() - queuedMs - this.#waitedMs;
    const stats: Array<Omit<QueryStat, 'value'> & { value: number | undefined }> = [
      { displayName: 'Rows received', value: rows, unit: 'locale', decimals: 0 },
      { displayName: 'Bytes received', value: this.#bytes, unit: 'bytes' },
      { displayName: 'Time to first rows', value: this.#firstRowsMs, unit: 'ms' },
      ...queueStat(queuedMs),
      { displayName: 'Time waiting for Micromegas', value: Math.max(0, this.#waitedMs), unit: 'ms' },
      { displayName: 'Time in the data source', value: Math.max(0, ownMs), unit: 'ms' },
      { displayName: 'Age of the access token', value: tokenAgeMs, unit: 'ms' },
      { displayName: 'Endpoints', value: endpoints, unit: 'locale', decimals: 0 },
      { displayName: 'Parts of the time range', value: slices, unit: 'locale', decimals: 0 },
    ];
    const known = stats.flatMap(({ value, ...stat }) => (value === undefined ? [] : [{ ...stat, value }]));
    return [
      ...(shared === undefined ? [] : [sharedStat(shared)]),
      ...known,
      ...(refresh === undefined ? [] : [stringStat('Read from Micromegas', refresh)]),
      ...(readRange === undefined ? [] : rangeStats(readRange)),
      ...sessionStat(session),
    ];
  }

  #queuedMs(): number {
    return this.#options.queuedMs?.() ?? 0;
  }

  /** A clock that stands still while statements wait for slots. */
  #unqueuedMs(): number {
    return this.#options.now() - this.#queuedMs();
  }

  #elapsedMs(): number {
    return this.#options.now() - this.#options.startedMs;
  }
}
