/** Finds the processes that may have spans in a time range, and reads spans of several processes in one statement. */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { msLiteral } from '../../../contract/sql/time-literals';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type LakeStatement, type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type ViewContext } from '../view-context';
import { type RowBatch } from '../lake-reader/row-batch';
import { literals } from './span-conditions';

/**
 * Maximum number of processes whose spans one query reads. The server builds the view of a process at the first read,
 * which takes time.
 */
export const MAX_TRACE_PROCESSES = 200;
/** Maximum number of processes in one statement. */
const PROCESSES_PER_STATEMENT = 8;
/** Maximum number of statements that run at the same time. */
export const STATEMENTS_AT_ONCE = 2;

/**
 * The server keeps a block if it begins before the end of the sent range and arrived after its start. So data that
 * arrive late are found without a limit. Data that arrived before their recorded time, from a clock that is ahead, are
 * found up to this number of milliseconds before it.
 */
export const CLOCK_AHEAD_MS = 60 * 60_000;

/** Bytes of the objects of a process, without its strings. */
const PROCESS_BYTES = 500;

/** A process with a stream of OpenTelemetry spans. */
export interface TraceProcess {
  id: string;
  exe: string;
  /** Recorded end of its newest spans that may be in the range, in milliseconds since 1970. */
  lastSeenMs: number;
}

interface TraceProcesses {
  /** At most `MAX_TRACE_PROCESSES` processes, sorted by their newest spans, the latest first. */
  processes: TraceProcess[];
  /** True if there are further processes. */
  isTruncated: boolean;
}

interface ProcessFilter {
  /** Programs to search. Default, also for an empty list: all programs. */
  services?: readonly string[];
  processId?: string;
}

/** The columns of the statement of `findProcesses`. */
const FOUND_COLUMNS: ResultColumns = { process_id: 'string', exe: 'string', last_seen: 'int64' };

/** Finds the processes with blocks of OpenTelemetry spans that overlap the range, whenever the blocks arrived. */
export async function findProcesses(
  lake: ViewContext,
  range: TimeRangeMs,
  filter: ProcessFilter = {}
): Promise<TraceProcesses> {
  const { processId } = filter;
  const services = filter.services || [];
  const conditions = [
    `"streams.format" = 'otlp/v1/traces'`,
    `begin_time <= ${msLiteral(range.toMs)} AND end_time >= ${msLiteral(range.fromMs)}`,
    ...(services.length === 0 ? [] : [`"processes.exe" IN (${literals(services)})`]),
    ...(processId === undefined || processId === '' ? [] : [`process_id = ${quoteLiteral(processId)}`]),
  ];
  const sql = `SELECT process_id, max("processes.exe") AS exe, max(end_time) AS last_seen
FROM blocks
WHERE ${conditions.join(' AND ')}
GROUP BY process_id
ORDER BY last_seen DESC, process_id
LIMIT ${MAX_TRACE_PROCESSES + 1}`;
  const processes: TraceProcess[] = [];
  const heap = new HeapCount(lake.memory);
  const arrived = { fromMs: range.fromMs - CLOCK_AHEAD_MS, toMs: range.toMs };
  for await (const batch of lake.read({
    sql,
    range: arrived,
    maxRows: MAX_TRACE_PROCESSES + 1,
    columns: FOUND_COLUMNS,
  })) {
    const ids = batch.ids('process_id');
    const exes = batch.strings('exe');
    const seen = batch.int64('last_seen');
    for (let row = 0; row < batch.length; row++) {
      const exe = exes(row) ?? '';
      heap.add(PROCESS_BYTES + stringBytes(exe));
      processes.push({ id: ids(row), exe, lastSeenMs: Number(seen[row] / 1_000_000n) });
    }
    heap.note();
  }
  const isTruncated = processes.length > MAX_TRACE_PROCESSES;
  return { processes: processes.slice(0, MAX_TRACE_PROCESSES), isTruncated };
}

/** The spans of several processes as one relation. */
export function spansOf(processIds: readonly string[], columns: string, conditions: readonly string[] = []): string {
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return processIds
    .map((id) => `SELECT ${columns} FROM view_instance('otel_spans', ${quoteLiteral(id)})${where}`)
    .join('\n  UNION ALL ');
}

/** Groups processes into rounds of statements. The statements of a round run at the same time. */
export function roundsOf(processes: readonly TraceProcess[]): TraceProcess[][][] {
  return chunks(groupsOf(processes), STATEMENTS_AT_ONCE);
}

/** Groups processes by statement. */
export function groupsOf(processes: readonly TraceProcess[], size = PROCESSES_PER_STATEMENT): TraceProcess[][] {
  return chunks(processes, size);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size)
  );
}

/**
 * Runs statements at the same time, and reads their results. Waits for all statements, even if one fails, and then
 * throws the first error.
 *
 * @param take Called with each batch, which is valid only during the call.
 */
export async function readAtOnce(
  lake: ViewContext,
  statements: readonly LakeStatement[],
  take: (batch: RowBatch) => void
): Promise<void> {
  const read = await Promise.allSettled(
    statements.map(async (statement) => {
      for await (const batch of lake.read(statement)) {
        take(batch);
      }
    })
  );
  for (const result of read) {
    if (result.status === 'rejected') {
      throw result.reason;
    }
  }
}
