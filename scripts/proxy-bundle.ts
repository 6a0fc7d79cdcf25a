/** Bundles the Node half, its SQL parser and its tracing, and lists the files in the bundles. */
import { build, type BuildOptions } from 'esbuild';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Entry point of the proxy. */
export const PROXY_ENTRY = join(ROOT, 'proxy', 'main.ts');

/** The thread of the SQL parser is a file of its own, which the proxy starts on first use, and again after a crash. */
const PARSER_ENTRY = join(ROOT, 'proxy', 'sql-edit', 'parser-worker.ts');
const PARSER_MODULE = join(ROOT, 'node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm');

/** Tracing is a file of its own, which the proxy loads at its start if Grafana enables it. */
const TRACING_ENTRY = join(ROOT, 'proxy', 'tracing', 'create-tracer.ts');

/** The oldest Node.js that the launcher accepts. */
const TARGET = 'node22';

/**
 * Names are not minified, so that stacks in Grafana's log can be read without a source map, which would double the size of
 * the plugin. White space is dropped, because Node reads the whole file at each start.
 */
const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: TARGET,
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: false,
  legalComments: 'eof',
  logLevel: 'warning',
} satisfies BuildOptions;

/** The ES modules of OpenTelemetry allow esbuild to drop what is not used, which halves the file. */
const TRACING_OPTIONS = { ...OPTIONS, mainFields: ['module', 'main'], conditions: ['module'] } satisfies BuildOptions;

export async function bundleProxy(entry: string, outfile: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: [entry], outfile });
}

/** Writes the SQL parser, which the proxy loads from its own folder. */
export async function bundleParser(folder: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: [PARSER_ENTRY], outfile: join(folder, 'sql-parser.cjs') });
  copyFileSync(PARSER_MODULE, join(folder, 'sql-parser.wasm'));
}

/** Writes tracing, which the proxy loads from its own folder. */
export async function bundleTracing(folder: string): Promise<void> {
  await build({ ...TRACING_OPTIONS, entryPoints: [TRACING_ENTRY], outfile: join(folder, 'tracing.cjs') });
}

/** Absolute paths of the files in the proxy's bundles, without files that contribute no bytes to them. */
export async function proxyFiles(): Promise<string[]> {
  const files = await Promise.all([
    bundledFiles(OPTIONS, [PROXY_ENTRY, PARSER_ENTRY]),
    bundledFiles(TRACING_OPTIONS, [TRACING_ENTRY]),
  ]);
  return files.flat();
}

async function bundledFiles(options: BuildOptions, entryPoints: string[]): Promise<string[]> {
  const { metafile } = await build({ ...options, entryPoints, outdir: 'dist', write: false, metafile: true });
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [join(ROOT, file)] : []));
}
