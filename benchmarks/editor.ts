/**
 * Measures the JavaScript that the SQL editor runs after a key press: completion, and the marks of errors and hints.
 * The data source has 1,000 tables of 50 columns. The benchmark runs without a browser, so the time that Monaco needs
 * to draw the list is not included.
 */
import { loadParser } from '../contract/sql/testing/load-parser';
import { type TableInfo } from '../contract/resources/resources';
import { SchemaStore } from '../src/shared/schema/schema-store';
import { completeAt, type CompletionSource } from '../src/editor/sql/completion';
import { diagnose } from '../src/editor/sql/diagnostics';

const TABLES = 1000;
const COLUMNS = 50;

interface EditorCase {
  name: string;
  /** The character `|` marks the cursor. */
  sql: string;
}

/** A long query with this number of CTEs. */
function longQuery(ctes: number): string {
  const parts = Array.from(
    { length: ctes },
    (_, index) =>
      `c${index} AS (\n  SELECT column_1 AS a, column_2 AS b, count(*) AS n\n  FROM table_${index} t\n` +
      `  WHERE $__timeFilter(t.column_3) AND t.column_4 IN ('a', 'b')\n  GROUP BY 1, 2\n)`
  );
  return `WITH ${parts.join(',\n')}\nSELECT | FROM c0 JOIN c1 USING (a)\nORDER BY 1\nLIMIT 10`;
}

const CASES: readonly EditorCase[] = [
  { name: 'tables', sql: 'SELECT * FROM tab|' },
  { name: 'columns of one table', sql: 'SELECT col| FROM table_500' },
  {
    name: 'columns of a join of ten',
    sql: `SELECT col| FROM ${Array.from({ length: 10 }, (_, index) => `table_${index} t${index}`).join(', ')}`,
  },
  { name: 'a query of 240 lines', sql: longQuery(40) },
];

function schema(): SchemaStore {
  const tables = Array.from({ length: TABLES }, (_, table): TableInfo => ({
    name: `table_${table}`,
    columns: Array.from({ length: COLUMNS }, (__, column) => ({ name: `column_${column}_${table % 7}`, type: 'Utf8' })),
  }));
  return new SchemaStore({
    tables: async () => ({ tables }),
    columns: async (table) => ({ table, columns: [] }),
  });
}

function editorSource(store: SchemaStore): CompletionSource {
  return {
    tableNames: () => store.tableNames(),
    columns: (table) => store.columns(table),
    variableNames: () => [],
    lookup: async () => undefined,
    range: () => ({ fromMs: 0, toMs: 1 }),
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * Prints the median and the 95th percentile of the CPU time of each case.
 *
 * @param only If not empty, only cases whose name contains one of the strings.
 * @returns False if there is no such case.
 */
export async function benchEditor(keys: number, only: readonly string[]): Promise<boolean> {
  const cases = CASES.filter(({ name }) => only.length === 0 || only.some((part) => `editor: ${name}`.includes(part)));
  if (cases.length === 0) {
    return false;
  }
  const parse = loadParser();
  const source = editorSource(schema());
  console.log(`${'SQL editor, CPU per key'.padEnd(34)} median ms    p95 ms   suggestions`);
  for (const { name, sql: marked } of cases) {
    const offset = marked.indexOf('|');
    const sql = marked.replace('|', '');
    const timesMs: number[] = [];
    let suggestions = 0;
    for (let key = 0; key < keys; key++) {
      const start = process.cpuUsage();
      suggestions = (await completeAt(sql, offset, source)).suggestions.length;
      diagnose(sql, parse, { format: 'time_series', timeFilter: false });
      const { user, system } = process.cpuUsage(start);
      timesMs.push((user + system) / 1000);
    }
    timesMs.sort((left, right) => left - right);
    const [median, p95] = [0.5, 0.95].map((share) => percentile(timesMs, share).toFixed(2).padStart(9));
    console.log(`${`editor: ${name}`.padEnd(34)} ${median} ${p95} ${String(suggestions).padStart(13)}`);
  }
  console.log();
  return true;
}
