import { quoteLiteral } from '../../../contract/sql/sql-names';
import { type ReadData, STREAM_KINDS } from '../../sql/edit/read-data';

/**
 * SQL that returns one row with one column per kind of stream: the arrival time of the newest data, or null.
 */
export function freshnessSql({ process_id, stream_id, exe }: ReadData['of']): string {
  const columns = STREAM_KINDS.map(
    (kind) => `max(CASE WHEN array_has(tags, '${kind}') THEN last_update_time END) AS "${kind}"`
  );
  const isOneOf = (column: string, values: readonly string[]) =>
    `${column} IN (${values.map(quoteLiteral).join(', ')})`;
  const conditions = [
    ...(process_id.length > 0 ? [isOneOf('process_id', process_id)] : []),
    ...(stream_id.length > 0 ? [isOneOf('stream_id', stream_id)] : []),
    ...(exe.length > 0 ? [`process_id IN (SELECT process_id FROM processes WHERE ${isOneOf('exe', exe)})`] : []),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' OR ')}`;
  return `SELECT ${columns.join(', ')} FROM streams${where}`;
}
