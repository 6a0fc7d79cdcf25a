/** The columns that the backend's own statements return, and the check of the schema of a result. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type ArrowSchema, type ArrowType, formatType } from '../../frames/arrow-ipc';

/**
 * The kind of values that a view reads from a column. Servers may encode each kind in several ways.
 *
 * - `string`: strings in any layout, also as a dictionary.
 * - `number`: integers of any width, and floating-point numbers.
 * - `int64`: 64-bit integers, or times of any unit, with or without a time zone.
 * - `boolean`
 * - `bytes`: binary values in any layout.
 * - `json`: JSONB, or lists, structs and maps; also as a dictionary.
 */
export type ColumnKind = 'string' | 'number' | 'int64' | 'boolean' | 'bytes' | 'json';

/** The columns of a statement by name. A view has one such table beside the SQL of each statement. */
export type ResultColumns = Readonly<Record<string, ColumnKind>>;

type TypeNames = ReadonlySet<ArrowType['kind']>;

// The type of a column that has only nulls may be `null`.
const STRINGS: TypeNames = new Set(['utf8', 'largeUtf8', 'utf8View', 'null']);
const LISTS = ['list', 'largeList', 'listView', 'largeListView', 'fixedSizeList', 'map', 'struct'] as const;
const BINARY = ['binary', 'largeBinary', 'binaryView', 'fixedSizeBinary'] as const;
const BYTES: TypeNames = new Set(BINARY);
const JSON_VALUES: TypeNames = new Set([...BINARY, ...LISTS, 'null']);

function isOfKind(type: ArrowType, kind: ColumnKind): boolean {
  const value = type.kind === 'dictionary' ? type.value.kind : type.kind;
  switch (kind) {
    case 'string':
      return STRINGS.has(value);
    case 'number':
      return type.kind === 'int' || type.kind === 'float';
    case 'int64':
      return type.kind === 'timestamp' || (type.kind === 'int' && type.bits === 64);
    case 'boolean':
      return type.kind === 'bool';
    case 'bytes':
      return BYTES.has(type.kind);
    case 'json':
      return JSON_VALUES.has(value);
  }
}

/**
 * Checks the schema of a result once, before its rows are read. Additional columns are ignored.
 *
 * @throws {ProxyError} 'result_malformed' for a column that is missing or has another type.
 */
export function checkColumns(schema: ArrowSchema, columns: ResultColumns): void {
  for (const [name, kind] of Object.entries(columns)) {
    const field = schema.fields.find((each) => each.name === name);
    if (field === undefined) {
      throw new ProxyError('result_malformed', { detail: `the result has no column ${name}` });
    }
    if (!isOfKind(field.type, kind)) {
      throw new ProxyError('result_malformed', {
        detail: `the column ${name} has the type ${formatType(field.type)} in place of ${kind}`,
      });
    }
  }
}
