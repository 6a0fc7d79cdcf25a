/**
 * One instance of the SQL parser. The build makes a file of its own from this module, `dist/sql-parser.cjs`, because the
 * package keeps its WebAssembly instance in a variable: a new instance needs a new copy of the module.
 */
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type ParseStatements } from '../../contract/sql-syntax/sql-parser';

export interface ParserInstance {
  parse: ParseStatements;
  /** Memory of the instance in bytes. It never shrinks. */
  memoryBytes(): number;
}

/** Call this once for each copy of the module. */
export function createInstance(compiled: WebAssembly.Module): ParserInstance {
  const { memory } = initSync({ module: compiled });
  return {
    parse: (sql): unknown => parseStatements('generic', sql),
    memoryBytes: () => memory.buffer.byteLength,
  };
}
