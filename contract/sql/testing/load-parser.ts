/** Loads the SQL parser for tests in Node.js. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type ParseStatements } from '../sql-parser';

const WASM = join(__dirname, '../../../node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm');

/** The parser, with the dialect of the server. */
export function loadParser(): ParseStatements {
  initSync({ module: readFileSync(WASM) });
  return (sql): unknown => parseStatements('generic', sql);
}
