/**
 * The costs of a query, in the form that Micromegas records. DuckDB does not measure bytes and phases, so they are
 * derived from the time and the rows of the query.
 */
import { createHash } from 'node:crypto';
import { tokenizeSql } from '../../contract/sql/sql-scan';

export interface QueryCosts {
  context_init_ms: number;
  planning_ms: number;
  execution_ms: number;
  setup_ms: number;
  bytes_scanned: number;
  peak_memory_bytes: number;
  spilled_bytes: number;
  spill_count: number;
  /** A hash that is equal for statements that differ only in their literals. */
  sql_hash: string;
}

const BYTES_PER_MS = 180_000;
const BYTES_PER_ROW = 96;

/** The costs of a query that took this time and returned these rows. The same input has the same costs. */
export function queryCosts(sql: string, totalMs: number, rows: number): QueryCosts {
  const scanned = Math.round(totalMs * BYTES_PER_MS);
  return {
    context_init_ms: Math.min(2, totalMs),
    planning_ms: Math.round(totalMs * 0.1),
    execution_ms: Math.round(totalMs * 0.2),
    setup_ms: Math.round(totalMs * 0.4),
    bytes_scanned: scanned,
    peak_memory_bytes: Math.round(scanned * 0.3) + rows * BYTES_PER_ROW,
    spilled_bytes: 0,
    spill_count: 0,
    sql_hash: hashOf(sql),
  };
}

function hashOf(sql: string): string {
  const words = tokenizeSql(sql).map(({ kind, raw }) => (kind === 'string' || kind === 'number' ? '?' : raw));
  return createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 16);
}
