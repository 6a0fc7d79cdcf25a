/**
 * Finds out, while a query runs, how far its data are behind. In Explore, the data that the query reads count, and on
 * dashboards the data of all processes. The statements run rarely, and each user has separate results.
 */
import { Cache } from '../../../contract/cache';
import { waitAtMost } from '../../base/async/with-limits';
import { type Notice } from '../../frames/data-frames/frame-options';
import { type Instance } from '../../lakehouse/instances/instance';
import { type SqlParser } from '../../sql/edit/parser-jobs';
import { type ReadData } from '../../sql/edit/read-data';
import { type ArrivalsCall, type ArrivalsDeps, askArrivals, callerKey, type PendingArrivals } from './ask-arrivals';
import { type Arrivals, freshnessNotice, staleNotice } from './freshness-notice';
import { LakeArrivals } from './lake-arrivals';

/** In Explore, a query is checked only if its time range ended at most this number of milliseconds ago. */
const NEAR_MS = 15 * 60_000;
/** The same for a panel of a dashboard, whose range must end now. */
const PANEL_NEAR_MS = 60_000;
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
/** When the result of a query is complete, the query waits at most this number of milliseconds for the notice. */
const GRACE_MS = 100;
/** Maximum length of analysed SQL, in UTF-16 units. */
const MAX_CHARACTERS = 10_000;

/** A query whose result may lack the newest rows. */
export interface FreshnessQuestion {
  instance: Instance;
  call: ArrivalsCall;
  /** The author's SQL after its filters were inserted, and before its macros are expanded. */
  sql: string;
  /** End of the time range, in milliseconds since 1970. */
  toMs: number;
  /** IANA name of the viewer's time zone. Default: UTC. */
  timezone?: string | undefined;
  /**
   * For a panel of a dashboard: its interval in milliseconds. Then the data of all processes count, because a process
   * that has ended is not late. Undefined in Explore, where the data that the query reads count.
   */
  panelIntervalMs?: number | undefined;
}

/** Returns the notice, if there is one and it is available in time. Never rejects. */
export type LateNotice = () => Promise<Notice | undefined>;

interface FreshnessDeps extends ArrivalsDeps {
  /** With a cache: refreshes of panels repeat their jobs. */
  parser: SqlParser;
}

/** The results of one data source for Explore. */
interface KnownArrivals {
  results: Cache<Arrivals | undefined>;
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
  readonly #lake: LakeArrivals;
  readonly #known = new WeakMap<Instance, KnownArrivals>();

  constructor(deps: FreshnessDeps) {
    this.#deps = deps;
    this.#lake = new LakeArrivals(deps);
  }

  /**
   * Starts the check, with a separate memory account. The check goes on if the query is cancelled, because other
   * queries of the user get the cached result of the check.
   *
   * @returns A function that waits at most 100 ms for the notice.
   */
  begin(question: FreshnessQuestion): LateNotice {
    const nearMs = question.panelIntervalMs === undefined ? NEAR_MS : PANEL_NEAR_MS;
    if (question.toMs < this.#deps.now() - nearMs || question.sql.length > MAX_CHARACTERS) {
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
    const { instance, call, toMs, timezone, panelIntervalMs } = question;
    if (panelIntervalMs !== undefined) {
      return this.#panelNotice(question, panelIntervalMs);
    }
    const data = await this.#dataOf(question);
    const arrivals = data && (await this.#arrivals(data.of, instance, call));
    return data && arrivals && freshnessNotice(data, arrivals, { toMs, timezone });
  }

  async #panelNotice(question: FreshnessQuestion, intervalMs: number): Promise<Notice | undefined> {
    const { instance, call, timezone } = question;
    const data = await this.#dataOf(question);
    const arrivals = data && (await this.#lake.of(instance, call));
    return data && arrivals && staleNotice(data.kinds, arrivals, { intervalMs, timezone });
  }

  #dataOf({ sql, call }: FreshnessQuestion): Promise<ReadData | undefined> {
    return this.#deps.parser.run({ kind: 'data', sql }, call.user?.login ?? '');
  }

  /**
   * Undefined if the statement for these streams failed.
   *
   * @throws If too many statements were sent recently.
   */
  #arrivals(of: ReadData['of'], instance: Instance, call: ArrivalsCall): PendingArrivals {
    const known = this.#knownOf(instance);
    const key = JSON.stringify([callerKey(instance, call), of]);
    return known.results.load(key, async () => {
      if (known.credit < 1) {
        throw new Error('Too many statements were sent to the data source recently.');
      }
      known.credit--;
      return askArrivals(of, instance, call, this.#deps);
    });
  }

  #knownOf(instance: Instance): KnownArrivals {
    const elapsedMs = this.#deps.elapsedMs();
    const known = this.#known.get(instance) ?? {
      results: new Cache({
        maxSize: MAX_RESULTS,
        ageMs: (arrivals) => (isNothing(arrivals) ? NOTHING_LIFETIME_MS : LIFETIME_MS),
        now: this.#deps.elapsedMs,
      }),
      credit: MAX_BURST,
      creditedMs: elapsedMs,
    };
    this.#known.set(instance, known);
    const earned = (elapsedMs - known.creditedMs) / STATEMENT_EVERY_MS;
    known.credit = Math.min(MAX_BURST, known.credit + earned);
    known.creditedMs = elapsedMs;
    return known;
  }
}

/** True if no data arrived. False if the arrivals are not known. */
function isNothing(arrivals: Arrivals | undefined): boolean {
  return arrivals !== undefined && Object.keys(arrivals.newest).length === 0;
}
