import { type InsertedPart } from '../../../contract/resources/query-costs';
import { applyEdits } from '../../../contract/sql/sql-edits';
import { expandMacros } from '../macros/expand-macros';
import { assemble } from './assemble';
import { insertedParts } from './inserted-parts';

const CONTEXT = { fromMs: 0, toMs: 1, intervalMs: 10_000 };

const partsOf = (sql: string, parts: readonly InsertedPart[]) =>
  parts.map(({ start, end, by }) => `${by}: ${sql.slice(start, end)}`);

it('finds the parts of the sent SQL that filters and macros inserted', () => {
  const sql = "SELECT '$__interval' FROM t WHERE a";
  const filtered = applyEdits(sql, [{ at: sql.length, sql: " AND (b = 1 AND $__timeFrom > 'x')" }]);
  const filters = insertedParts(filtered.pieces(), [], 'filter');
  const expanded = expandMacros(filtered.sql, CONTEXT);
  expect(partsOf(expanded.toString(), insertedParts(expanded.pieces(), filters, 'macro'))).toEqual([
    "macro: '10s'",
    'filter:  AND (b = 1 AND ',
    "macro: cast('1970-01-01T00:00:00Z' as timestamp)",
    "filter:  > 'x')",
  ]);
});

it('follows parts that a later edit moves or shortens', () => {
  const before: InsertedPart[] = [
    { start: 0, end: 3, by: 'filter' },
    { start: 6, end: 8, by: 'filter' },
  ];
  const { sql, pieces } = assemble('abcdefgh', [{ start: 4, end: 8 }, '-', { start: 1, end: 4 }]);
  expect(sql).toBe('efgh-bcd');
  expect(partsOf(sql, insertedParts(pieces(), before, 'data source'))).toEqual([
    'filter: gh',
    'data source: -',
    'filter: bc',
  ]);
});

it('returns no parts for unchanged SQL', () => {
  expect(insertedParts(expandMacros('SELECT 1', CONTEXT).pieces(), [], 'macro')).toEqual([]);
});

it('limits the number of parts', () => {
  const expanded = expandMacros('$__interval_ms, '.repeat(1000), CONTEXT);
  expect(insertedParts(expanded.pieces(), [], 'macro')).toHaveLength(200);
});
