/**
 * The strategy for a query with time bins. If possible, a refresh reads only the changed parts of the range, and takes
 * the rest from the last result.
 *
 * Three steps decide, in this order, whether a refresh in parts is possible. Each step may find a `WholeReason`, which
 * is a reason to read the whole range.
 *
 * 1. `refreshableOf`, before the macros are expanded: by the settings, the panel and the SQL (refreshable.ts).
 * 2. `refreshStrategy`, when the result is read: by the width of the bins and the sharing of results (this file).
 * 3. `refreshedMessages`: by the last result and by the parts that have changed (refresh-query.ts).
 */
import { type Deadline } from '../../base/async/deadline';
import { digestOf } from '../../base/digest';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type Instance, ownerOf } from '../../lakehouse/instances/instance';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type MemoryBudget } from '../../observe/memory/memory-budget';
import { type IncrementalQuery, withoutRange } from '../../sql/edit/incremental-query';
import { parseInterval, type BinWidth } from '../../sql/macros/intervals';
import { TimeBins, type TimeRange } from '../../sql/macros/time-bins';
import { AuthoredSql } from '../authored-sql';
import { type ReadStrategy, type SendPart, type StatementPart, type StatementResources } from '../read-strategy';
import { type RefreshOutcome, describeOutcome } from './outcome';
import { type Refreshable } from './refreshable';
import { type Bins } from './refresh-plan';
import { refreshedMessages } from './refresh-query';
import { type RefreshDeps } from './refresh-request';
import { StatementSender, type StatementsOptions } from './statement-sender';

export interface RefreshOptions extends Pick<StatementsOptions, 'sql' | 'call' | 'sqlToSend'> {
  refreshable: Refreshable;
  /** The statement for the whole range. A statement without a range is never read in parts. */
  whole: Pick<StatementPart, 'range' | 'limit'>;
  /** Identifies the users who share the result. Undefined: the result is not kept. */
  sharers: string | undefined;
  onOutcome: (outcome: RefreshOutcome) => void;
  intervalMs: number;
  maxRows: number;
  maxBytes: number;
  /** Account of the query. */
  memory: MemoryAccount;
}

/** The fields of the running query that a refresh needs. */
export interface RefreshRun {
  instance: Instance;
  deadline: Pick<Deadline, 'leftMs'>;
  deps: { memory: Pick<MemoryBudget, 'open'>; refresh: RefreshDeps };
}

/** The strategy for a query that `refreshableOf` accepts. */
export function refreshStrategy(options: RefreshOptions, run: RefreshRun): ReadStrategy {
  let outcome: RefreshOutcome | undefined;
  const onOutcome = (reached: RefreshOutcome) => {
    outcome = reached;
    options.onOutcome(reached);
  };
  return {
    read: (sendPart, resources) => refreshMessages({ ...options, onOutcome }, run, sendPart, resources),
    facts: () => ({ refresh: outcome && describeOutcome(outcome) }),
  };
}

function refreshMessages(
  { refreshable, whole: { range, limit }, sharers, onOutcome, ...options }: RefreshOptions,
  { instance, deadline, deps }: RefreshRun,
  sendPart: SendPart,
  resources: StatementResources
): AsyncIterable<FlightMessage> {
  const { sqlToSend, memory, maxRows, maxBytes, sql } = options;
  const whole: StatementsOptions['whole'] = (slot) => sendPart({ range, limit, slot });
  const query = refreshable.kind === 'incremental' ? refreshable : undefined;
  const bins = query && binsOf(query, options);
  if (query === undefined || bins === undefined || range === undefined || sharers === undefined) {
    onOutcome({ kind: 'whole', reason: refreshable.kind === 'whole' ? refreshable.reason : 'width' });
    return whole(resources.slot);
  }
  const { signal } = resources;
  const openMemory = () => deps.memory.open({ signal, limitMs: deadline.leftMs() });
  const statement = sqlToSend(sql.edited(withoutRange(sql.current, query))).expanded.toString();
  return refreshedMessages(
    {
      key: { instance, sharers, owner: ownerOf(options.call), statement: digestOf(`${limit ?? ''} ${statement}`) },
      query,
      bins,
      range,
      maxRows,
      maxBytes,
      wholeAfterMs: instance.settings.wholeRefreshMs,
      statements: new StatementSender({ ...options, resources, whole, limit, instance, query, range, openMemory }),
      bodies: resources.memory,
      memory,
      openMemory,
    },
    deps.refresh,
    onOutcome
  );
}

/** The bins of the query. Undefined for `date_bin` with an interval that is unknown or in months. */
function binsOf(
  { bin: { range, width } }: IncrementalQuery,
  { sql, sqlToSend, intervalMs }: Pick<RefreshOptions, 'sql' | 'sqlToSend' | 'intervalMs'>
): Bins | undefined {
  if (width === 'macro') {
    return sqlToSend(new AuthoredSql(sql.current.slice(range.start, range.end))).expanded.bins;
  }
  const parsed = width === 'panel' ? panelWidth(intervalMs) : parseInterval(width.interval);
  // Without an origin, `date_bin` counts weeks from 1970-01-01, a Thursday. With `isWeeks`, weeks begin on a Monday.
  const own: BinWidth | undefined = parsed?.unit === 'day' ? { ...parsed, isWeeks: false } : parsed;
  return own === undefined || own.unit === 'month' ? undefined : new TimeBins(own, EMPTY_RANGE);
}

function panelWidth(intervalMs: number): BinWidth {
  return { unit: 'ms', count: Math.max(1, Math.round(intervalMs)) };
}

/** A placeholder, because `TimeBins` without a time zone do not depend on the range. */
const EMPTY_RANGE: TimeRange = { fromMs: 0, toMs: 0 };
