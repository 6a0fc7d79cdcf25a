/** Summaries of traces, and the SQL that reads them. Each statement reads the spans of each of its processes once. */
import { StringMap } from '../../../contract/string-map';
import { type TraceOrder } from '../../../contract/query-types/trace-order';
import { isTraceId } from '../../../contract/query-types/traces';
import { truncateString } from '../../base/errors/truncate-string';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type RowBatch } from '../lake-reader/row-batch';
import { type ViewContext } from '../view-context';
import { spansOf, type TraceProcess } from './trace-processes';

/** Bytes of the objects of a trace, without its strings. */
const TRACE_BYTES = 1000;
/** Maximum length of a root name or program, in UTF-16 units. Longer names are truncated. */
const MAX_NAME_CHARACTERS = 1000;
/** `isTraceId` allows white space around the digits, so the length is checked too. */
const TRACE_ID_DIGITS = 32;

/** A trace. The counts and times include all spans of the trace that were read. */
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
  /** Duration of the longest span that was read. */
  slowestNs: bigint;
}

const ORDERS: Readonly<Record<TraceOrder, string>> = {
  newest: '',
  failed: 'has_failed DESC, ',
  slowest: 'slowest_ns DESC, ',
};

/** Which traces a statement returns, and in which order. */
interface SummaryOptions {
  /** Conditions on the spans that are counted. */
  conditions?: readonly string[];
  /** A condition on the groups of spans. */
  having?: string;
  /** Traces of equal rank: those that end last. Default: `newest`. */
  order?: TraceOrder;
  limit: number;
}

/** The statement that counts the spans of each trace in the processes. */
export function summarySql(
  processes: readonly TraceProcess[],
  { conditions, having, order = 'newest', limit }: SummaryOptions
): string {
  const spans = spansOf(
    processes.map(({ id }) => id),
    `trace_id, exe, CAST(name AS VARCHAR) AS name, start_time, end_time, CAST(start_time AS BIGINT) AS start_ns,
    CAST(end_time AS BIGINT) AS end_ns, CASE WHEN status = 'ERROR' THEN 1 ELSE 0 END AS failed,
    CASE WHEN parent_span_id IS NULL THEN 0 ELSE 1 END AS has_parent`,
    conditions
  );
  const ofRoot = (column: string) => `first_value(${column} ORDER BY has_parent, start_ns)`;
  return `SELECT encode(trace_id, 'hex') AS trace, count(*) AS spans, CAST(sum(failed) AS BIGINT) AS errors,
  min(start_ns) AS begin_ns, max(end_ns) AS end_ns, max(end_ns - start_ns) AS slowest_ns, min(has_parent) AS rootless, max(failed) AS has_failed,
  ${ofRoot('name')} AS root_name, ${ofRoot('exe')} AS root_exe, ${ofRoot('start_ns')} AS root_ns
FROM (
  ${spans}
) AS spans
GROUP BY trace_id${having === undefined ? '' : `\nHAVING ${having}`}
ORDER BY ${ORDERS[order]}end_ns DESC, trace
LIMIT ${limit}`;
}

/** The columns of `summarySql` that `FoundTraces` reads. */
export const SUMMARY_COLUMNS: ResultColumns = {
  trace: 'string',
  spans: 'number',
  errors: 'number',
  begin_ns: 'int64',
  end_ns: 'int64',
  rootless: 'number',
  root_name: 'string',
  root_exe: 'string',
  root_ns: 'int64',
  slowest_ns: 'int64',
};

/** Traces by their ids. Parts of a trace from different statements are added up. */
export class FoundTraces {
  readonly byId = new StringMap<FoundTrace>();
  readonly #heap: HeapCount;

  constructor(lake: Pick<ViewContext, 'memory'>) {
    this.#heap = new HeapCount(lake.memory);
  }

  /** Adds the rows of `summarySql`. @param isWanted Decides by the id of a trace. Default: all traces. */
  addRows(batch: RowBatch, isWanted: (id: string) => boolean = () => true): void {
    const [ids, names, exes] = ['trace', 'root_name', 'root_exe'].map((name) => batch.strings(name));
    const [begins, ends, roots, slowest] = ['begin_ns', 'end_ns', 'root_ns', 'slowest_ns'].map((name) =>
      batch.int64(name)
    );
    const [spans, errors] = ['spans', 'errors'].map((name) => batch.counts(name));
    const rootless = batch.numbers('rootless');
    for (let row = 0; row < batch.length; row++) {
      const id = ids(row) ?? '';
      if (id.length === TRACE_ID_DIGITS && isTraceId(id) && isWanted(id)) {
        this.add({
          id,
          startNs: begins[row],
          endNs: ends[row],
          spans: spans[row],
          errors: errors[row],
          rootName: truncateString(names(row) ?? '', MAX_NAME_CHARACTERS),
          rootExe: truncateString(exes(row) ?? '', MAX_NAME_CHARACTERS),
          rootStartNs: roots[row],
          slowestNs: slowest[row],
          hasRoot: rootless[row] === 0,
        });
      }
    }
    this.#heap.note();
  }

  add(part: FoundTrace): void {
    const known = this.byId.get(part.id);
    this.byId.set(part.id, known === undefined ? part : joined(known, part));
    this.#heap.add((known === undefined ? TRACE_BYTES : 0) + stringBytes(part.rootName, part.rootExe));
  }

  /** Stops counting the memory of the traces. */
  discard(): void {
    this.#heap.set(0);
  }
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
    slowestNs: a.slowestNs > b.slowestNs ? a.slowestNs : b.slowestNs,
  };
}
