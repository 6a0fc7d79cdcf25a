/** Finds traces by conditions on their spans, and reads the summary of each found trace. */
import { StringMap, StringSet } from '../../../contract/string-map';
import { DEFAULT_TRACES, isTraceId, type TracesRequest } from '../../../contract/query-types/traces';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { truncateString } from '../../base/errors/truncate-string';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { spanConditionsSql } from './span-conditions';
import {
  findProcesses,
  MAX_TRACE_PROCESSES,
  readAtOnce,
  roundsOf,
  spansOf,
  type TraceProcess,
} from './trace-processes';

/**
 * Other spans of the found traces are searched in the time range of all matching spans, extended by this number of
 * milliseconds on both sides.
 */
const MARGIN_MS = 2 * 60_000;

/** Bytes of the objects of a trace, without its strings. */
const TRACE_BYTES = 1000;
/** Maximum length of a root name or program, in UTF-16 units. Longer names are truncated. */
const MAX_NAME_CHARACTERS = 1000;

/** `isTraceId` allows white space around the digits, so the length is checked too. */
const TRACE_ID_DIGITS = 32;

const TIMES = 'CAST(start_time AS BIGINT) AS start_ns, CAST(end_time AS BIGINT) AS end_ns';

/**
 * A trace with a span that meets the conditions. The counts and times include all spans of the trace that were read,
 * also spans that do not meet the conditions.
 */
export interface FoundTrace {
  /** 32 hexadecimal digits in lower case. */
  id: string;
  /** Nanoseconds since 1970. */
  startNs: bigint;
  endNs: bigint;
  spans: number;
  errors: number;
  /**
   * Name and program of the first span without a parent. If all spans have a parent, name and program of the first
   * span.
   */
  rootName: string;
  rootExe: string;
  /** False if all spans have a parent. */
  hasRoot: boolean;
  /** Start of the span of `rootName`, in nanoseconds since 1970. */
  rootStartNs: bigint;
}

/** The found traces, and the processes that were not searched. */
export interface SearchResult {
  /** The newest first. */
  traces: FoundTrace[];
  /** Number of processes whose spans were searched. */
  searched: number;
  /** Processes that were not searched because enough traces had been found. */
  skipped: TraceProcess[];
  /** True if there are more processes than one search reads. */
  hasMoreProcesses: boolean;
  /** True if the traces may have spans in processes that were not read. */
  isIncomplete: boolean;
}

/** A trace with matching spans. Times are milliseconds since 1970. */
interface Match {
  beginMs: number;
  endMs: number;
  processes: StringSet;
}

/**
 * Returns the traces that meet the conditions. Processes are searched in groups until the limit of traces is reached.
 * Processes with the newest data come first.
 */
export async function searchTraces(lake: ViewContext, request: TracesRequest): Promise<SearchResult> {
  const limit = Math.floor(request.limit || DEFAULT_TRACES);
  const conditions = spanConditionsSql(request);
  const candidates = await findProcesses(lake, lake.range, request);
  const { matches, searched } = await findMatches(lake, candidates.processes, conditions, limit);
  const newest = [...matches].sort(([, a], [, b]) => b.endMs - a.endMs).slice(0, limit);
  const isFiltered = (request.services || []).length > 0 || Boolean(request.processId);
  const range = rangeOf(newest.map(([, match]) => match));
  const all = range === undefined || !isFiltered ? candidates : await findProcesses(lake, range);
  const involved = new StringSet(newest.flatMap(([, { processes }]) => [...processes]));
  // The processes in which traces were found come first, so that the limit does not exclude these processes.
  const scope = [
    ...candidates.processes.filter(({ id }) => involved.has(id)),
    ...all.processes.filter(({ id }) => !involved.has(id)),
  ];
  return {
    traces: range === undefined ? [] : await describe(lake, newest, scope.slice(0, MAX_TRACE_PROCESSES), range),
    searched,
    skipped: candidates.processes.slice(searched),
    hasMoreProcesses: candidates.isTruncated,
    isIncomplete: newest.length > 0 && (all.isTruncated || scope.length > MAX_TRACE_PROCESSES),
  };
}

async function findMatches(
  lake: ViewContext,
  processes: readonly TraceProcess[],
  conditions: readonly string[],
  limit: number
): Promise<{ matches: StringMap<Match>; searched: number }> {
  const matches = new StringMap<Match>();
  const heap = new HeapCount(lake.memory);
  let searched = 0;
  for (const round of roundsOf(processes)) {
    if (matches.size >= limit) {
      break;
    }
    const statements = round.map((group) => ({
      sql: matchesSql(group, conditions, limit),
      range: lake.range,
      maxRows: limit * group.length,
    }));
    await readAtOnce(lake, statements, (batch) => {
      const [ids, processIds] = [batch.strings('trace'), batch.ids('process_id')];
      const [begins, ends] = [batch.int64('begin_ns'), batch.int64('end_ns')];
      for (let row = 0; row < batch.length; row++) {
        const id = ids(row) ?? '';
        if (id.length !== TRACE_ID_DIGITS || !isTraceId(id)) {
          continue;
        }
        const known = matches.get(id) ?? { beginMs: Infinity, endMs: -Infinity, processes: new StringSet() };
        matches.set(id, {
          beginMs: Math.min(known.beginMs, Number(begins[row] / 1_000_000n)),
          endMs: Math.max(known.endMs, Number(ends[row] / 1_000_000n)),
          processes: known.processes.add(processIds(row)),
        });
      }
      heap.set(matches.size * TRACE_BYTES);
    });
    searched += round.flat().length;
  }
  return { matches, searched };
}

function matchesSql(processes: readonly TraceProcess[], conditions: readonly string[], limit: number): string {
  const spans = spansOf(
    processes.map(({ id }) => id),
    `process_id, trace_id, ${TIMES}`,
    conditions
  );
  return `SELECT encode(trace_id, 'hex') AS trace, process_id, min(start_ns) AS begin_ns, max(end_ns) AS end_ns
FROM (
  ${spans}
)
GROUP BY trace_id, process_id
ORDER BY end_ns DESC, trace
LIMIT ${limit * processes.length}`;
}

function rangeOf(matches: readonly Match[]): TimeRangeMs | undefined {
  return matches.length === 0
    ? undefined
    : {
        fromMs: Math.min(...matches.map(({ beginMs }) => beginMs)) - MARGIN_MS,
        toMs: Math.max(...matches.map(({ endMs }) => endMs)) + MARGIN_MS,
      };
}

/** Reads the summaries of the found traces. A summary covers all spans that the trace has in the processes. */
async function describe(
  lake: ViewContext,
  found: ReadonlyArray<[string, Match]>,
  processes: readonly TraceProcess[],
  range: TimeRangeMs
): Promise<FoundTrace[]> {
  const ids = found.map(([id]) => id);
  const asked = new StringSet(ids);
  const heap = new HeapCount(lake.memory);
  heap.add(ids.length * TRACE_BYTES);
  const traces = new StringMap<FoundTrace>();
  for (const round of roundsOf(processes)) {
    const statements = round.map((group) => ({ sql: tracesSql(group, ids), range, maxRows: ids.length }));
    await readAtOnce(lake, statements, (batch) => {
      const [traceIds, names, exes] = ['trace', 'root_name', 'root_exe'].map((name) => batch.strings(name));
      const [begins, ends, rootBegins] = ['begin_ns', 'end_ns', 'root_ns'].map((name) => batch.int64(name));
      const [spans, errors, rootless] = ['spans', 'errors', 'rootless'].map((name) => batch.numbers(name));
      for (let row = 0; row < batch.length; row++) {
        const id = traceIds(row) ?? '';
        if (!asked.has(id)) {
          continue;
        }
        const part: FoundTrace = {
          id,
          startNs: begins[row],
          endNs: ends[row],
          spans: spans[row],
          errors: errors[row],
          rootName: truncateString(names(row) ?? '', MAX_NAME_CHARACTERS),
          rootExe: truncateString(exes(row) ?? '', MAX_NAME_CHARACTERS),
          rootStartNs: rootBegins[row],
          hasRoot: rootless[row] === 0,
        };
        const known = traces.get(part.id);
        traces.set(part.id, known === undefined ? part : joined(known, part));
        heap.add(stringBytes(part.rootName, part.rootExe));
      }
      heap.note();
    });
  }
  return [...traces.values()].sort((a, b) => Number(b.startNs - a.startNs));
}

function tracesSql(processes: readonly TraceProcess[], traceIds: readonly string[]): string {
  const spans = spansOf(
    processes.map(({ id }) => id),
    `trace_id, exe, name, status, ${TIMES}, CASE WHEN parent_span_id IS NULL THEN 0 ELSE 1 END AS has_parent`
  );
  return `WITH spans AS (
  ${spans}
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY trace_id ORDER BY has_parent, start_ns) AS nth FROM spans
  WHERE trace_id IN (${traceIds.map((id) => `decode(${quoteLiteral(id)}, 'hex')`).join(', ')})
)
SELECT encode(trace_id, 'hex') AS trace, count(*) AS spans, count(*) FILTER (WHERE status = 'ERROR') AS errors,
  min(start_ns) AS begin_ns, max(end_ns) AS end_ns, min(has_parent) AS rootless,
  max(CASE WHEN nth = 1 THEN CAST(name AS VARCHAR) END) AS root_name, max(CASE WHEN nth = 1 THEN exe END) AS root_exe,
  min(CASE WHEN nth = 1 THEN start_ns END) AS root_ns
FROM ranked
GROUP BY trace_id`;
}

/** Joins two summaries of one trace, from different processes. */
function joined(a: FoundTrace, b: FoundTrace): FoundTrace {
  const isFirst = a.hasRoot === b.hasRoot ? a.rootStartNs <= b.rootStartNs : a.hasRoot;
  return {
    ...(isFirst ? a : b),
    startNs: a.startNs < b.startNs ? a.startNs : b.startNs,
    endNs: a.endNs > b.endNs ? a.endNs : b.endNs,
    spans: a.spans + b.spans,
    errors: a.errors + b.errors,
  };
}
