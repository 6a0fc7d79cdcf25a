/** Loads the SQL parser in the browser. This chunk is loaded when an editor first needs the parser. */
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type ParserParts } from './browser-parser';

/** Files of the plugin's folder, whose URLs webpack inserts. */
const moduleUrl = () => new URL('sqlparser-wasm-module', import.meta.url);
const workerUrl = () => new URL('./parser-worker.ts', import.meta.url);

/**
 * Starts a worker with a script of the page's own origin. The script imports the file, which may lie on another host,
 * such as a CDN. Browsers start no worker directly from another host. A content security policy for Grafana allows
 * `blob:`, because Grafana's own workers need it.
 */
function startWorker(file: URL): Worker {
  const script = new Blob([`importScripts(${JSON.stringify(file.href)});`], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  try {
    return new Worker(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Loads and compiles the parser.
 *
 * @returns A function that starts a worker with the parser, and a function that parses on the page.
 * @throws {unknown} If the file cannot be loaded, or a content security policy blocks WebAssembly.
 */
export async function startParser(): Promise<ParserParts> {
  const response = await fetch(moduleUrl());
  if (!response.ok) {
    // Compiling the body of an error response would fail as if WebAssembly were blocked.
    throw new Error(`HTTP ${response.status}`);
  }
  const compiled = await WebAssembly.compile(await response.arrayBuffer());
  return {
    startWorker: () => {
      const worker = startWorker(workerUrl());
      worker.postMessage({ kind: 'start', compiled });
      return worker;
    },
    parseOnPage: (sql): unknown => {
      initSync({ module: compiled });
      return parseStatements('generic', sql);
    },
  };
}
