/**
 * Finds out, while a query runs, how far its data are behind. One statement reads this from the table `streams`. The
 * statement runs rarely, and its result is cached for a short time.
 *
 * Results are cached per data source and user, because users may have rights to different streams.
 */
import { StringMap } from '../../../contract/string-map';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { readRows } from '../../frames/arrow-ipc';
import { type StartTimer, waitAtMost, withLimits } from '../../base/async/with-limits';
import { type Notice } from '../../frames/data-frames/frame-options';
import { keepNewest } from '../../base/keep-newest';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Instance, type InstanceCall } from '../../lakehouse/instances/instance';
import { withSlot } from '../../lakehouse/instances/with-slot';
import { type Logger } from '../../observe/logging/logger';
import { type MemoryBudget } from '../../observe/memory/memory-budget';
import { type SqlParser } from '../../sql/edit/parser-jobs';
import { type ReadData, STREAM_KINDS } from '../../sql/edit/read-data';
import { type Arrivals, freshnessNotice, SEARCHED_MS } from './freshness-notice';

/** A query is checked only if its time range ended at most this number of milliseconds ago. */
const NEAR_MS = 15 * 60_000;
/** Lifetime of a cached result or failure, in milliseconds. */
const LIFETIME_MS = 30_000;
/**
 * Lifetime of a result without any arrival, in milliseconds. It is short, because the first data of a process may
 * arrive at any time.
 */
const NOTHING_LIFETIME_MS = 5000;
/** Maximum number of cached results per data source. */
const MAX_RESULTS = 200;
/**
 * On average, a data source sends at most one statement in this number of milliseconds. It sends at most `MAX_BURST`
 * statements without a pause.
 */
const STATEMENT_EVERY_MS = 5000;
const MAX_BURST = 3;
/** Time limit of the statement, in milliseconds. */
const LIMIT_MS = 5000;
/** When the result of a query is complete, the query waits at most this number of milliseconds for the notice. */
const GRACE_MS = 100;
/** Maximum length of analysed SQL, in UTF-16 units. */
const MAX_CHARACTERS = 10_000;
/** Maximum number of queries whose analysis (`ReadData`) is cached. */
const MAX_REMEMBERED_QUERIES = 200;
/** Maximum difference between clocks of servers, in milliseconds. */
const CLOCK_MS = 3_600_000;

/** A query whose result may lack the newest rows. */
export interface FreshnessQuestion {
  instance: Instance;
  /** The caller for whom the statement runs. */
  call: Pick<InstanceCall, 'user' | 'forwarded' | 'origin' | 'trace' | 'lane'>;
  /** The author's SQL after its filters were inserted, and before its macros are expanded. */
  sql: string;
  /** End of the time range, in milliseconds since 1970. */
  toMs: number;
  /** IANA name of the viewer's time zone. Default: UTC. */
  timezone?: string | undefined;
}

/** Returns the notice, if there is one and it is available in time. Never rejects. */
export type LateNotice = () => Promise<Notice | undefined>;

interface FreshnessDeps {
  parser: SqlParser;
  memory: MemoryBudget;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** For tests. */
  startTimer?: StartTimer;
}

type PendingArrivals = Promise<Arrivals | undefined>;

/** The results of one data source. */
interface KnownArrivals {
  results: StringMap<{
    result: PendingArrivals;
    /** In milliseconds of `elapsedMs`. */
    validUntilMs: number;
  }>;
  /** Number of statements that may start now, from 0 to `MAX_BURST`. May be a fraction. */
  credit: number;
  /** Time up to which `credit` is computed, in milliseconds of `elapsedMs`. */
  creditedMs: number;
}

/**
 * Checks the queries of all data sources. A query waits at most 100 ms for its notice. If the notice is not known by
 * then, the query gets none.
 */
export class Freshness {
  readonly #deps: FreshnessDeps;
  readonly #known = new WeakMap<Instance, KnownArrivals>();
  readonly #data = new StringMap<Promise<ReadData | undefined>>();

  constructor(deps: FreshnessDeps) {
    this.#deps = deps;
  }

  /**
   * Starts the check, with a separate memory account. The check goes on if the query is cancelled, because other
   * queries of the user get the cached result of the check.
   *
   * @returns A function that waits at most 100 ms for the notice.
   */
  begin(question: FreshnessQuestion): LateNotice {
    if (question.toMs < this.#deps.now() - NEAR_MS || question.sql.length > MAX_CHARACTERS) {
      return () => Promise.resolve(undefined);
    }
    let notice: Notice | undefined;
    let isKnown = false;
    const work = this.#notice(question)
      .then(
        (found) => (notice = found),
        (reason: unknown) => this.#deps.logger.debug('The freshness of data is not known', { error: reason })
      )
      .then(() => (isKnown = true));
    return async () => {
      if (!isKnown) {
        await waitAtMost(GRACE_MS, work, this.#deps.startTimer);
      }
      return notice;
    };
  }

  async #notice(question: FreshnessQuestion): Promise<Notice | undefined> {
    const { instance, call, sql, toMs, timezone } = question;
    const data = await this.#dataOf(sql, call.user?.login ?? '');
    const arrivals = data && (await this.#arrivals(data.of, instance, call));
    return data && arrivals && freshnessNotice(data, arrivals, { toMs, timezone });
  }

  #dataOf(sql: string, user: string): Promise<ReadData | undefined> {
    const data =
      this.#data.get(sql) ??
      this.#deps.parser.run({ kind: 'data', sql }, user).catch((reason: unknown) => {
        this.#data.delete(sql);
        throw reason;
      });
    keepNewest(this.#data, sql, data, MAX_REMEMBERED_QUERIES);
    return data;
  }

  /** Undefined if too many statements were sent recently, or if the statement for these streams failed. */
  async #arrivals(of: ReadData['of'], instance: Instance, call: FreshnessQuestion['call']): PendingArrivals {
    const elapsedMs = this.#deps.elapsedMs();
    const known = this.#knownOf(instance, elapsedMs);
    const key = JSON.stringify([call.user?.login, of]);
    const last = known.results.get(key);
    if (last !== undefined && elapsedMs < last.validUntilMs) {
      return last.result;
    }
    if (known.credit < 1) {
      return undefined;
    }
    known.credit--;
    const result = this.#ask(of, instance, call).catch((reason: unknown) => {
      this.#deps.logger.debug('The freshness of data is not known', { code: ProxyError.from(reason).code });
      return undefined;
    });
    const kept = { result, validUntilMs: elapsedMs + LIFETIME_MS };
    keepNewest(known.results, key, kept, MAX_RESULTS);
    const arrivals = await result;
    if (arrivals !== undefined && Object.keys(arrivals.newest).length === 0) {
      kept.validUntilMs = elapsedMs + NOTHING_LIFETIME_MS;
    }
    return arrivals;
  }

  #knownOf(instance: Instance, elapsedMs: number): KnownArrivals {
    const known = this.#known.get(instance) ?? { results: new StringMap(), credit: MAX_BURST, creditedMs: elapsedMs };
    this.#known.set(instance, known);
    const earned = (elapsedMs - known.creditedMs) / STATEMENT_EVERY_MS;
    known.credit = Math.min(MAX_BURST, known.credit + earned);
    known.creditedMs = elapsedMs;
    return known;
  }

  #ask(of: ReadData['of'], instance: Instance, call: FreshnessQuestion['call']): PendingArrivals {
    const { memory: budget, now, startTimer } = this.#deps;
    const queriedMs = now();
    const range = { fromMs: queriedMs - SEARCHED_MS, toMs: queriedMs + CLOCK_MS };
    return withLimits({ limitMs: LIMIT_MS, startTimer, awaitsWork: true }, (signal) => {
      const openMemory = () => budget.open({ signal, deadlineMs: queriedMs + LIMIT_MS });
      return withSlot(instance, { ...call, range, signal }, openMemory, async (held) => {
        let newest: Arrivals['newest'] | undefined;
        for await (const row of readRows(instance.execute(freshnessSql(of), held), held.memory)) {
          if (newest !== undefined) {
            break;
          }
          newest = Object.fromEntries(
            STREAM_KINDS.map((kind) => [kind, Date.parse(row.string(kind))]).filter(([, time]) => !Number.isNaN(time))
          ) as Arrivals['newest'];
        }
        return newest && { newest, queriedMs };
      });
    });
  }
}

/**
 * SQL that returns one row with one column per kind of stream: the arrival time of the newest data, or null.
 */
function freshnessSql({ process_id, stream_id, exe }: ReadData['of']): string {
  const columns = STREAM_KINDS.map(
    (kind) => `max(CASE WHEN array_has(tags, '${kind}') THEN last_update_time END) AS "${kind}"`
  );
  const isOneOf = (column: string, values: readonly string[]) =>
    `${column} IN (${values.map(quoteLiteral).join(', ')})`;
  const conditions = [
    ...(process_id.length > 0 ? [isOneOf('process_id', process_id)] : []),
    ...(stream_id.length > 0 ? [isOneOf('stream_id', stream_id)] : []),
    ...(exe.length > 0 ? [`process_id IN (SELECT process_id FROM processes WHERE ${isOneOf('exe', exe)})`] : []),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' OR ')}`;
  return `SELECT ${columns.join(', ')} FROM streams${where}`;
}
