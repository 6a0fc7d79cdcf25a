/** The columns of the demo's tables, as the backend reads them from a server. */
import { type ColumnType, GLOBAL_TABLES, INSTANCE_TABLES } from '../../demo/lakehouse/catalogue';
import { type ColumnKind } from '../../proxy/sql/edit/filter-conditions';
import { type Catalogue, type KnownColumn } from '../../proxy/sql/edit/resolve-filters';

const KINDS: Readonly<Record<ColumnType, ColumnKind>> = {
  ts: 'time',
  dict: 'text',
  djsonb: 'json',
  jsonb: 'other',
  text: 'text',
  i32: 'number',
  i64: 'number',
  u32: 'number',
  f64: 'number',
  bool: 'boolean',
  bytes: 'other',
  bytes8: 'bytes',
  bytes16: 'bytes',
  texts: 'other',
};

const TABLES: ReadonlyMap<string, readonly KnownColumn[]> = new Map(
  [...GLOBAL_TABLES, ...INSTANCE_TABLES].map(([name, columns]) => [
    name,
    columns.map((column) => ({ name: column.name, kind: KINDS[column.type] })),
  ])
);

export const DEMO_COLUMNS: Catalogue = {
  columnsOf: ({ origin }) =>
    origin.kind === 'table'
      ? TABLES.get(origin.table)
      : origin.kind === 'function'
        ? TABLES.get(origin.args[0] ?? '')
        : undefined,
};
