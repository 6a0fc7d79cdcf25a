/** Rows of the table `processes`, and the SQL that selects their columns. */
import { isInstanceId } from '../../../contract/resources/lookups';
import { VERSION_KEYS } from '../../../contract/query-types/processes';
import { type RowBatch } from '../lake-reader/row-batch';
import { stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';

/** A row of the table `processes`. A field is undefined if it was not recorded. */
export interface ProcessRow {
  id: string;
  exe: string | undefined;
  version: string | undefined;
  computer: string | undefined;
  username: string | undefined;
  /** A UUID. Also undefined for an invalid id. */
  parentId: string | undefined;
  /** Nanoseconds since 1970. */
  startNs: bigint | undefined;
  /** Nanoseconds since 1970. See `lastSeen`. */
  lastSeenNs: bigint | undefined;
}

/** Bytes of the objects of a row, of its description and of its link. */
const ROW_BYTES = 1000;

/** An estimate of the bytes of a row in JavaScript. */
export function rowBytes({ id, exe, version, computer, username, parentId }: ProcessRow): number {
  return ROW_BYTES + stringBytes(id, exe, version, computer, username, parentId);
}

/**
 * SQL for the time when a process was last seen: the end of its newest block by the clock of the process. If this time
 * is null, the time when the server received the block.
 *
 * @param table The name of `processes` in the statement.
 */
export const lastSeen = (table: string) => `coalesce(${table}.last_block_end_time, ${table}.last_update_time)`;

/** SQL for the version of a process, or NULL. */
export function versionSql(table: string): string {
  return `coalesce(${VERSION_KEYS.map((key) => `property_get(${table}.properties, '${key}')`).join(', ')})`;
}

/** The select list for `readProcessRows`. */
export function processColumns(table: string): string {
  const columns = ['process_id', 'exe', 'computer', 'username', 'parent_process_id', 'start_time'];
  return [
    ...columns.map((column) => `${table}.${column}`),
    `${lastSeen(table)} AS last_seen`,
    `${versionSql(table)} AS version`,
  ].join(', ');
}

/** The columns of `processColumns`. */
export const PROCESS_COLUMNS: ResultColumns = {
  process_id: 'string',
  exe: 'string',
  computer: 'string',
  username: 'string',
  parent_process_id: 'string',
  start_time: 'int64',
  last_seen: 'int64',
  version: 'string',
};

/**
 * The id, or undefined if it is invalid. It is checked, because the id of a parent comes from telemetry and is used in
 * statements.
 */
function knownId(id: string | undefined): string | undefined {
  return id !== undefined && isInstanceId(id) ? id : undefined;
}

/** @throws {ProxyError} 'result_malformed' for a missing column, or an id that is not a UUID. */
export function* readProcessRows(batch: RowBatch): Generator<ProcessRow> {
  const id = batch.ids('process_id');
  const names = ['exe', 'version', 'computer', 'username', 'parent_process_id'];
  const [exe, version, computer, username, parentId] = names.map((name) => batch.strings(name));
  const [start, seen] = [batch.int64('start_time'), batch.int64('last_seen')];
  for (let row = 0; row < batch.length; row++) {
    yield {
      id: id(row),
      exe: exe(row),
      version: version(row),
      computer: computer(row),
      username: username(row),
      parentId: knownId(parentId(row)),
      startNs: start[row] || undefined,
      lastSeenNs: seen[row] || undefined,
    };
  }
}
