/**
 * Decides by the settings, the panel and the SQL whether a query can be refreshed in parts. This is the first of the
 * three steps that refresh-strategy.ts lists.
 */
import { type PanelRequest, skipsMemory } from '../../../contract/queries/panel-request';
import { type SqlQuery } from '../../../contract/queries/query';
import { BIN_MACROS } from '../../../contract/sql/macro-kinds';
import { type Instance } from '../../lakehouse/instances/instance';
import { MAX_ANALYSED_CHARACTERS } from '../../sql/edit/filterable-columns';
import { type IncrementalQuery } from '../../sql/edit/incremental-query';
import { type AuthoredSql } from '../authored-sql';
import { type Caller } from '../caller';
import { optionalJob, type ParserJobRun } from '../parser-job';
import { type WholeReason } from './outcome';

/** A query that can be refreshed in parts, or the reason why the whole range is always read. */
export type Refreshable = IncrementalQuery | { kind: 'whole'; reason: WholeReason };

/**
 * Only a query that matches `HAS_BINS` and `HAS_TABLE` is parsed, because any other query has no time bins of
 * `log_entries` or `measures`.
 */
const HAS_BINS = new RegExp(['date_bin', 'date_trunc', ...BIN_MACROS.map((name) => `\\${name}`)].join('|'), 'i');
const HAS_TABLE = /log_entries|measures/i;

interface BinnedQuery {
  sql: AuthoredSql;
  options: Pick<SqlQuery, 'format' | 'timeFilter'>;
  panel: PanelRequest;
}

interface RefreshableRun extends ParserJobRun {
  instance: { settings: Pick<Instance['settings'], 'wholeRefreshMs'> };
  caller: Pick<Caller, 'user' | 'origin'>;
}

/**
 * Finds out whether a query can be refreshed in parts.
 *
 * @returns Undefined if the settings disable refreshes in parts, or if no signed-in person views the query in a panel.
 *   Also undefined for logs queries, for queries whose time filter is off, and for queries that have no time bins of
 *   `log_entries` or `measures`.
 * @throws {ProxyError} 'query_timeout', 'query_cancelled'
 */
export async function refreshableOf(
  { sql: { current }, options, panel }: BinnedQuery,
  run: RefreshableRun
): Promise<Refreshable | undefined> {
  const { instance, caller } = run;
  const isWanted =
    instance.settings.wholeRefreshMs > 0 &&
    caller.origin.entrypoint === 'dashboard' &&
    caller.user !== undefined &&
    options.timeFilter &&
    options.format !== 'logs';
  if (!isWanted || !HAS_BINS.test(current) || !HAS_TABLE.test(current)) {
    return undefined;
  }
  if (current.length > MAX_ANALYSED_CHARACTERS) {
    return { kind: 'whole', reason: 'too-long' };
  }
  if (skipsMemory(panel)) {
    return { kind: 'whole', reason: 'panel' };
  }
  const read = await optionalJob({ kind: 'incremental', sql: current }, run);
  if (read === undefined) {
    return { kind: 'whole', reason: 'failed' };
  }
  return read.kind === 'incremental' ? read : { kind: 'whole', reason: read.reason };
}
