/** Reads processes: processes that were active in the range of a query, or that have given ids or parents. */
import { isInstanceId } from '../../../contract/resources/lookups';
import { DEFAULT_PROCESSES, type ProcessesQuery, type ProcessState } from '../../../contract/query-types/processes';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { StringSet } from '../../../contract/string-map';
import { ProxyError } from '../../base/errors/proxy-error';
import { HeapCount } from '../lake-reader/heap-count';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { msLiteral } from '../../../contract/sql/time-literals';
import { FATAL, linesSql, type LineSource, withLineSource } from './line-counts';
import {
  lastSeen,
  PROCESS_COLUMNS,
  processColumns,
  type ProcessRow,
  readProcessRows,
  rowBytes,
  versionSql,
} from './process-row';
import { runningSinceMs, stateCondition } from './process-state';

/** Milliseconds by which `insertionRange` begins before the range of the query. */
export const DAY_MS = 86_400_000;

/** The listed processes, up to the limit of the query. */
export interface ListedProcesses {
  /** The newest first. */
  processes: ProcessRow[];
  /** True if there are more processes than the limit. */
  hasMore: boolean;
}

/**
 * The range to send with a statement on `processes`. The server compares this range with the times at which a process
 * and its newest block were inserted. These times are by the server's clock, and may be much later than the times that
 * the process recorded.
 */
export function insertionRange({ range, nowMs }: Pick<ViewContext, 'range' | 'nowMs'>): TimeRangeMs {
  return { fromMs: range.fromMs - DAY_MS, toMs: Math.max(range.toMs, nowMs) + DAY_MS };
}

/**
 * Returns the processes that meet the conditions of the query.
 *
 * @throws {ProxyError} 'query_field_invalid' for an id that is not a UUID, and errors of the statements.
 */
export async function listProcesses(query: ProcessesQuery, lake: ViewContext): Promise<ListedProcesses> {
  const limit = Math.floor(query.limit || DEFAULT_PROCESSES);
  const processes = await withFatalLines(query.state, (source) =>
    readProcesses(listSql(query, lake, source, limit + 1), limit + 1, insertionRange(lake), lake)
  );
  return { processes: processes.slice(0, limit), hasMore: processes.length > limit };
}

/**
 * If the state depends on fatal lines, calls `read` with the table that has the fatal lines. For other states, calls
 * `read` with undefined.
 */
function withFatalLines<T>(
  state: ProcessState | undefined,
  read: (source: LineSource | undefined) => Promise<T>
): Promise<T> {
  return state === 'ended' || state === 'crashed' ? withLineSource(read) : read(undefined);
}

function listSql(query: ProcessesQuery, lake: ViewContext, source: LineSource | undefined, rows: number): string {
  const fatal =
    source === undefined
      ? ''
      : `\n${query.state === 'crashed' ? '' : 'LEFT '}JOIN (SELECT process_id AS fatal_process, max(time) AS fatal_time FROM (\n` +
        `${linesSql(lake, source, FATAL, '')}\n) AS fatal_lines GROUP BY process_id) AS fatal ON fatal.fatal_process = p.process_id`;
  return (
    `SELECT ${processColumns('p')}\nFROM processes AS p${fatal}\nWHERE ${conditions(query, lake).join('\n  AND ')}\n` +
    `ORDER BY p.start_time DESC, p.process_id LIMIT ${rows}`
  );
}

function conditions(query: ProcessesQuery, lake: ViewContext): string[] {
  const { range } = lake;
  const equal = [
    ['p.exe', query.exe],
    ['p.computer', query.computer],
    ['p.username', query.username],
    [versionSql('p'), query.version],
  ] as const;
  return [
    `p.start_time <= ${msLiteral(range.toMs)}`,
    `${lastSeen('p')} >= ${msLiteral(range.fromMs)}`,
    ...equal.flatMap(([column, value]) => (value ? [`${column} = ${quoteLiteral(value)}`] : [])),
    ...(query.processId ? [`p.process_id = ${quoteLiteral(checkedId(query.processId))}`] : []),
    ...(query.search ? [containsAny(['p.exe', 'p.computer', 'p.username', 'p.process_id'], query.search)] : []),
    ...(query.state ? [stateCondition(query.state, 'p', 'fatal.fatal_time', runningSinceMs(lake))] : []),
  ];
}

/** The condition that a column contains a string, in any letter case. LIKE would interpret `%`, `_` and backslashes. */
function containsAny(columns: readonly string[], search: string): string {
  const parts = columns.map((column) => `strpos(lower(${column}), lower(${quoteLiteral(search)})) > 0`);
  return `(${parts.join(' OR ')})`;
}

/** Returns an id in lower case. @throws {ProxyError} 'query_field_invalid' for an id that is not a UUID. */
export function checkedId(processId: string): string {
  const id = processId.trim().toLowerCase();
  if (!isInstanceId(id)) {
    throw new ProxyError('query_field_invalid', { detail: 'The process id is not a UUID.' });
  }
  return id;
}

/**
 * Returns the processes with these ids. Ids that are not found in `insertionRange` are looked up in all times. If the
 * data source has a maximum range, they are looked up only in that range.
 */
export async function processesWithIds(ids: readonly string[], lake: ViewContext): Promise<ProcessRow[]> {
  const range = insertionRange(lake);
  const found = await processesBy('process_id', ids, ids.length, range, lake);
  const foundIds = new StringSet(found.map(({ id }) => id));
  const missing = ids.filter((id) => !foundIds.has(id));
  const wider = lookupRange(range, lake);
  if (missing.length === 0 || wider?.fromMs === range.fromMs) {
    return found;
  }
  return [...found, ...(await processesBy('process_id', missing, missing.length, wider, lake))];
}

/** The range of a lookup of processes by their ids. Undefined: all times. */
function lookupRange({ fromMs, toMs }: TimeRangeMs, { range, maxRangeMs }: ViewContext): TimeRangeMs | undefined {
  return maxRangeMs === undefined ? undefined : { fromMs: Math.min(fromMs, range.toMs - maxRangeMs), toMs };
}

/** Returns the children of these processes, the newest first. Only children in `insertionRange` are found. */
export function childProcesses(ids: readonly string[], rows: number, lake: ViewContext): Promise<ProcessRow[]> {
  return processesBy('parent_process_id', ids, rows, insertionRange(lake), lake);
}

function processesBy(
  column: 'process_id' | 'parent_process_id',
  ids: readonly string[],
  rows: number,
  range: TimeRangeMs | undefined,
  lake: ViewContext
): Promise<ProcessRow[]> {
  const sql =
    `SELECT ${processColumns('p')}\nFROM processes AS p\nWHERE p.${column} IN (${ids.map(quoteLiteral).join(', ')})\n` +
    `ORDER BY p.start_time DESC, p.process_id LIMIT ${rows}`;
  return readProcesses(sql, rows, range, lake);
}

async function readProcesses(
  sql: string,
  maxRows: number,
  range: TimeRangeMs | undefined,
  lake: ViewContext
): Promise<ProcessRow[]> {
  const rows: ProcessRow[] = [];
  const heap = new HeapCount(lake.memory);
  for await (const batch of lake.read({ sql, range, maxRows, columns: PROCESS_COLUMNS })) {
    for (const row of readProcessRows(batch)) {
      rows.push(row);
      heap.add(rowBytes(row));
    }
    heap.note();
  }
  return rows;
}
