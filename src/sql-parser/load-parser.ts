/**
 * Loads the SQL parser (`contract/sql-syntax`) in the browser, when an editor needs it for the first time. All editors of the
 * page share it.
 *
 * The parser is WebAssembly. A content security policy may block it, so everything except diagnostics must work without it.
 */
import { type ParseStatements } from '../../contract/sql-syntax/sql-parser';

/** The module of the parser, which fetches `sql-parser.wasm` from the plugin's folder when `default` is called. */
export interface ParserModule {
  default: () => Promise<unknown>;
  parse_sql: (dialect: string, sql: string) => unknown;
}

/**
 * @param load Loads the module of the parser.
 * @returns A function that loads the parser at its first call. It resolves to undefined if the parser cannot be loaded, and
 *   after a crash: WebAssembly that has crashed has an undefined state, and the page has only one instance.
 */
export function parserLoader(load: () => Promise<ParserModule>): () => Promise<ParseStatements | undefined> {
  let hasCrashed = false;
  const start = async (): Promise<ParseStatements | undefined> => {
    try {
      const module = await load();
      await module.default();
      return (sql) => {
        if (hasCrashed) {
          throw new WebAssembly.RuntimeError('The SQL parser has crashed before.');
        }
        try {
          return module.parse_sql('generic', sql);
        } catch (reason) {
          hasCrashed = isCrash(reason);
          throw reason;
        }
      };
    } catch {
      return undefined;
    }
  };
  let parser: Promise<ParseStatements | undefined> | undefined;
  return async () => {
    parser ??= start();
    const parse = await parser;
    return hasCrashed ? undefined : parse;
  };
}

/** False for an error of the SQL, which the parser throws as a plain value. */
function isCrash(reason: unknown): boolean {
  return reason instanceof RangeError || reason instanceof WebAssembly.RuntimeError;
}

/** Resolves to undefined if WebAssembly is blocked, if a file cannot be loaded, or if the parser has crashed. */
export const loadSqlParser = parserLoader(() => import(/* webpackChunkName: "sql-parser" */ 'sqlparser-wasm'));
