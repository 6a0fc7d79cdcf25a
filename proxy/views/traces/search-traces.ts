/**
 * Finds traces by conditions on their spans, and counts the spans of each found trace. The spans of a process are
 * expensive to read, so a search without conditions finds and counts with the same statement.
 */
import { StringSet } from '../../../contract/string-map';
import { traceOrder, type TraceOrder } from '../../../contract/query-types/trace-order';
import { DEFAULT_TRACES, type TracesRequest } from '../../../contract/query-types/traces';
import { formatNanoseconds } from '../../../contract/sql/time-literals';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { ProxyError } from '../../base/errors/proxy-error';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { type FoundTrace, FoundTraces, SUMMARY_COLUMNS, summarySql } from './found-traces';
import { conditionRange, spanConditionsSql } from './span-conditions';
import {
  findProcesses,
  groupsOf,
  MAX_TRACE_PROCESSES,
  readAtOnce,
  STATEMENTS_AT_ONCE,
  type TraceProcess,
} from './trace-processes';

/**
 * Other spans of the found traces are searched in the time range of all matching spans, extended by this number of
 * milliseconds on both sides.
 */
const MARGIN_MS = 2 * 60_000;

/** Number of processes in a statement, after a statement with more processes did not end in its time. */
const SMALL_GROUP = 2;
/** Share of the time limit that is kept for counting the spans of the found traces. */
const COUNTING_SHARE = 0.25;
/** A statement that has less than this number of milliseconds is not sent. */
const MIN_STATEMENT_MS = 2000;

/** The found traces, and the processes that were not searched. */
export interface SearchResult {
  /** In the order of the request. */
  traces: FoundTrace[];
  /** Number of processes whose spans were searched. */
  searched: number;
  /** Processes that were not searched because enough traces had been found. */
  skipped: TraceProcess[];
  /** Processes that were not searched because the time limit of the query was near. */
  late: TraceProcess[];
  /** True if there are more processes than one search reads. */
  hasMoreProcesses: boolean;
  /** True if the traces may have spans in processes that were not read. */
  isIncomplete: boolean;
}

/** Processes that one statement reads. */
type Group = readonly TraceProcess[];

interface Search {
  lake: ViewContext;
  /** The range of the matching spans. */
  range: TimeRangeMs;
  order: TraceOrder;
  conditions: readonly string[];
  /** Maximum number of traces. */
  limit: number;
}

/**
 * Returns the traces that meet the conditions. Processes are searched in groups until the limit of traces or the time
 * limit is near. Processes with the newest spans come first.
 */
export async function searchTraces(lake: ViewContext, request: TracesRequest): Promise<SearchResult> {
  const limit = Math.floor(request.limit || DEFAULT_TRACES);
  const range = conditionRange(request, lake.range);
  const search = { lake, range, order: traceOrder(request), limit, conditions: spanConditionsSql(request) };
  const candidates = await findProcesses(lake, range, request);
  const { found, groups, late } = await findMatches(search, candidates.processes);
  const newest = [...found.byId.values()].sort(inOrder(search.order, 'endNs')).slice(0, limit);
  const isFiltered = (request.services || []).length > 0 || Boolean(request.processId);
  const counted = await countSpans(search, newest, groups, { candidates, late, isFiltered });
  const searched = new StringSet([...groups.keys(), late].flat().map(({ id }) => id));
  return {
    ...counted,
    searched: searched.size - late.length,
    skipped: candidates.processes.filter(({ id }) => !searched.has(id)),
    late,
    hasMoreProcesses: candidates.isTruncated,
  };
}

/** Compares traces in the order. Traces of equal rank are compared by a time, the newest first. */
function inOrder(order: TraceOrder, time: 'startNs' | 'endNs'): (a: FoundTrace, b: FoundTrace) => number {
  const rank = ({ errors, slowestNs }: FoundTrace): number => {
    switch (order) {
      case 'failed':
        return errors === 0 ? 1 : 0;
      case 'slowest':
        return -Number(slowestNs);
      case 'newest':
        return 0;
    }
  };
  return (a, b) => rank(a) - rank(b) || Number(b[time] - a[time]);
}

/** The traces with matching spans, and by searched group of processes, the traces that it has. */
interface Matches {
  found: FoundTraces;
  groups: Map<Group, FoundTraces>;
  late: TraceProcess[];
}

async function findMatches(search: Search, processes: readonly TraceProcess[]): Promise<Matches> {
  const { lake, limit, order } = search;
  const found = new FoundTraces(lake);
  const groups: Matches['groups'] = new Map();
  const late: TraceProcess[] = [];
  // Smaller groups, which wait after a statement that did not end in its time.
  const retried = new Set<Group>();
  const reservedMs = lake.leftMs() * COUNTING_SHARE;
  const waiting: Group[] = groupsOf(processes);
  // The slowest trace may be in any process.
  while (waiting.length > 0 && (found.byId.size < limit || order === 'slowest')) {
    const leftMs = lake.leftMs() - reservedMs;
    if (leftMs < MIN_STATEMENT_MS) {
      return { found, groups, late: [...late, ...waiting.flat()] };
    }
    const round = waiting.splice(0, STATEMENTS_AT_ONCE);
    // The second half of the time is for smaller groups.
    const read = await Promise.allSettled(round.map((group) => readMatches(search, group, leftMs / 2)));
    read.forEach((result, index) => {
      const group = round[index];
      if (result.status === 'fulfilled') {
        groups.set(group, result.value);
        result.value.byId.forEach((trace) => found.add(trace));
      } else if (!isStatementLate(result.reason, lake)) {
        throw result.reason;
      } else if (group.length > SMALL_GROUP) {
        const smaller = groupsOf(group, SMALL_GROUP);
        smaller.forEach((each) => retried.add(each));
        waiting.push(...smaller);
      } else {
        late.push(...group);
      }
    });
  }
  // If enough traces were found before these groups were read again, their own traces may be newer than those.
  return { found, groups, late: [...late, ...waiting.filter((group) => retried.has(group)).flat()] };
}

/** True if a statement failed because of its own time limit, and the query has time left. */
function isStatementLate(reason: unknown, lake: ViewContext): boolean {
  return reason instanceof ProxyError && reason.code === 'query_timeout' && lake.leftMs() > 0;
}

/**
 * Reads the traces of the processes that have matching spans. Without conditions, also counts the spans outside of the
 * range.
 */
async function readMatches(search: Search, group: Group, limitMs: number): Promise<FoundTraces> {
  const { lake, conditions, limit, range, order } = search;
  const time = (ms: number) => formatNanoseconds(BigInt(Math.trunc(ms)) * 1_000_000n);
  const inRange = `max(CASE WHEN start_time <= ${time(range.toMs)} AND end_time >= ${time(range.fromMs)} THEN 1 ELSE 0 END) = 1`;
  const statement = hasNoConditions(search)
    ? { sql: summarySql(group, { having: inRange, order, limit }), range: widened(range) }
    : { sql: summarySql(group, { conditions, order, limit }), range };
  const matches = new FoundTraces(lake);
  await readAtOnce(lake, [{ ...statement, maxRows: limit, limitMs, columns: SUMMARY_COLUMNS }], (batch) =>
    matches.addRows(batch)
  );
  return matches;
}

function hasNoConditions({ conditions }: Search): boolean {
  return conditions.length === 0;
}

function widened({ fromMs, toMs }: TimeRangeMs): TimeRangeMs {
  return { fromMs: fromMs - MARGIN_MS, toMs: toMs + MARGIN_MS };
}

/** The processes of the search. */
interface Scope {
  candidates: Awaited<ReturnType<typeof findProcesses>>;
  late: readonly TraceProcess[];
  /** True if the candidates are not all processes. */
  isFiltered: boolean;
}

/**
 * Counts all spans of the traces, in all processes. Groups of processes whose spans were counted by the search are not
 * read again.
 */
async function countSpans(
  search: Search,
  newest: readonly FoundTrace[],
  groups: Matches['groups'],
  { candidates, late, isFiltered }: Scope
): Promise<Pick<SearchResult, 'traces' | 'isIncomplete'>> {
  const { lake, order } = search;
  if (newest.length === 0) {
    return { traces: [], isIncomplete: false };
  }
  const range = rangeOf(newest);
  const all = isFiltered ? await findProcesses(lake, range) : candidates;
  const involved = [...groups].filter(([, { byId }]) => newest.some(({ id }) => byId.has(id))).map(([group]) => group);
  const known = new StringSet([...involved, late].flat().map(({ id }) => id));
  // The processes in which traces were found come first, so that the limit does not exclude these processes.
  const others = all.processes.filter(({ id }) => !known.has(id));
  const room = MAX_TRACE_PROCESSES - involved.flat().length;
  const waiting: Group[] = [...involved, ...groupsOf(others.slice(0, room))];
  const traces = new FoundTraces(lake);
  let isIncomplete = all.isTruncated || late.length > 0 || others.length > room;
  while (waiting.length > 0) {
    const round = waiting.splice(0, STATEMENTS_AT_ONCE);
    isIncomplete = !(await countIn(search, newest, { round, groups, range, traces })) || isIncomplete;
  }
  // A trace is missing if its spans could not be counted in the time limit. Then the matching spans are shown.
  newest.forEach((trace) => traces.byId.has(trace.id) || traces.add(trace));
  if (order === 'slowest') {
    // The counted spans include spans that do not match. The longest span that matches decides.
    return { traces: newest.map((trace) => traces.byId.get(trace.id) ?? trace), isIncomplete };
  }
  return { traces: [...traces.byId.values()].sort(inOrder(order, 'startNs')), isIncomplete };
}

/** Adds the spans in some groups of processes. @returns False if a statement had not enough time. */
async function countIn(
  search: Search,
  newest: readonly FoundTrace[],
  counting: { round: readonly Group[]; groups: Matches['groups']; range: TimeRangeMs; traces: FoundTraces }
): Promise<boolean> {
  const { lake, limit } = search;
  const { round, groups, range, traces } = counting;
  const limitMs = lake.leftMs() - MIN_STATEMENT_MS;
  const statements = round.flatMap((group) => {
    const known = hasNoConditions(search) ? groups.get(group)?.byId : undefined;
    newest.forEach(({ id }) => known?.has(id) && traces.add(known.get(id)!));
    // If the search returned fewer traces than its limit, the processes have no spans of other traces.
    const isKnown = (id: string) => known !== undefined && (known.has(id) || known.size < limit);
    const ids = newest.flatMap(({ id }) => (isKnown(id) ? [] : [id]));
    const isOfTrace = `trace_id IN (${ids.map((id) => `decode(${quoteLiteral(id)}, 'hex')`).join(', ')})`;
    const sql = summarySql(group, { conditions: [isOfTrace], limit: ids.length });
    return ids.length === 0 ? [] : [{ sql, range, maxRows: ids.length, limitMs, columns: SUMMARY_COLUMNS }];
  });
  if (statements.length === 0) {
    return true;
  }
  if (limitMs < MIN_STATEMENT_MS) {
    return false;
  }
  const asked = new StringSet(newest.map(({ id }) => id));
  try {
    await readAtOnce(lake, statements, (batch) => traces.addRows(batch, (id) => asked.has(id)));
    return true;
  } catch (reason) {
    if (isStatementLate(reason, lake)) {
      return false;
    }
    throw reason;
  }
}

function rangeOf(traces: readonly FoundTrace[]): TimeRangeMs {
  const ms = (ns: bigint) => Number(ns / 1_000_000n);
  return widened({
    fromMs: Math.min(...traces.map(({ startNs }) => ms(startNs))),
    toMs: Math.max(...traces.map(({ endNs }) => ms(endNs))),
  });
}
