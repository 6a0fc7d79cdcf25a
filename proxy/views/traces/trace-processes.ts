/** Finds the processes that may have spans in a time range, and reads spans of several processes in one statement. */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type LakeStatement, type TimeRangeMs } from '../lake-reader/lake-reader';
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
const STATEMENTS_AT_ONCE = 2;

/**
 * Streams are found by the arrival time of their data. The searched range starts `ARRIVES_BEFORE_MS` before the range
 * of the spans, because clocks may be wrong. It ends `ARRIVES_AFTER_MS` after the range of the spans, because data may
 * arrive late.
 */
const ARRIVES_BEFORE_MS = 10 * 60_000;
const ARRIVES_AFTER_MS = 60 * 60_000;

/** Bytes of the objects of a process, without its strings. */
const PROCESS_BYTES = 500;

/** A process with a stream of OpenTelemetry spans. */
export interface TraceProcess {
  id: string;
  exe: string;
  /** Arrival time of its newest data, in milliseconds since 1970. */
  lastSeenMs: number;
}

interface TraceProcesses {
  /** At most `MAX_TRACE_PROCESSES` processes, sorted by the arrival of their newest data, the latest first. */
  processes: TraceProcess[];
  /** True if there are further processes. */
  isTruncated: boolean;
}

interface ProcessFilter {
  /** Programs to search. Default, also for an empty list: all programs. */
  services?: readonly string[];
  processId?: string;
}

/** Finds the processes that may have OpenTelemetry spans in the range. */
export async function findProcesses(
  lake: ViewContext,
  range: TimeRangeMs,
  filter: ProcessFilter = {}
): Promise<TraceProcesses> {
  const { processId } = filter;
  const services = filter.services || [];
  const conditions = [
    `s.format = 'otlp/v1/traces'`,
    `array_has(s.tags, 'trace')`,
    ...(services.length === 0 ? [] : [`p.exe IN (${literals(services)})`]),
    ...(processId === undefined || processId === '' ? [] : [`s.process_id = ${quoteLiteral(processId)}`]),
  ];
  const sql = `SELECT s.process_id AS process_id, max(p.exe) AS exe, max(s.last_update_time) AS last_seen
FROM streams s JOIN processes p ON p.process_id = s.process_id
WHERE ${conditions.join(' AND ')}
GROUP BY s.process_id
ORDER BY last_seen DESC, process_id
LIMIT ${MAX_TRACE_PROCESSES + 1}`;
  const processes: TraceProcess[] = [];
  const heap = new HeapCount(lake.memory);
  const arrival = { fromMs: range.fromMs - ARRIVES_BEFORE_MS, toMs: range.toMs + ARRIVES_AFTER_MS };
  for await (const batch of lake.read({ sql, range: arrival, maxRows: MAX_TRACE_PROCESSES + 1 })) {
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
  return chunks(chunks(processes, PROCESSES_PER_STATEMENT), STATEMENTS_AT_ONCE);
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
