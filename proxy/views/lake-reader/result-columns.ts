/** The columns that the backend's own statements return, and the check of the schema of a result. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type ArrowSchema, type ArrowType, formatType } from '../../frames/arrow-ipc';

/** `int64` is a 64-bit integer or a time. `string` may be a dictionary. */
export type ColumnKind = 'string' | 'number' | 'int64';

/** The columns of a statement by name. A view has one such table beside the SQL of each statement. */
export type ResultColumns = Readonly<Record<string, ColumnKind>>;

const STRINGS: ReadonlySet<string> = new Set(['utf8', 'largeUtf8', 'utf8View']);

function isOfKind(type: ArrowType, kind: ColumnKind): boolean {
  const isInt64 = type.kind === 'timestamp' || (type.kind === 'int' && type.bits === 64);
  switch (kind) {
    case 'string':
      return STRINGS.has(type.kind === 'dictionary' ? type.value.kind : type.kind);
    case 'number':
      return type.kind === 'int' || type.kind === 'float';
    case 'int64':
      return isInt64;
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
