/** Bundles the backend, its SQL parser, its tracing and the migration report, and lists the files in the bundles. */
import { build, type BuildOptions } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Entry point of the backend. */
export const PROXY_ENTRY = join(ROOT, 'proxy', 'main.ts');

/** The command that reports what an update from the Go plugin changes. */
const MIGRATION_ENTRY = join(ROOT, 'migration', 'main.ts');

/** The thread of the SQL parser is a separate file. The backend loads it with the first statement that it parses. */
const PARSER_ENTRY = join(ROOT, 'proxy', 'sql', 'edit', 'parser-worker.ts');
const PARSER_MODULE = join(ROOT, 'node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm');

/** Tracing is a separate file. The backend loads it at its start if Grafana enables tracing. */
const TRACING_ENTRY = join(ROOT, 'proxy', 'observe', 'tracing', 'create-tracer.ts');

/** The oldest Node.js that the launcher accepts. */
const TARGET = 'node22';

/**
 * Names are not minified, so that stacks in Grafana's log can be read without a source map. A source map would double
 * the size of the plugin. White space is dropped, because Node.js reads the whole file at each start.
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

/** The ES modules of OpenTelemetry allow esbuild to drop unused code, which halves the size of the file. */
const TRACING_OPTIONS = { ...OPTIONS, mainFields: ['module', 'main'], conditions: ['module'] } satisfies BuildOptions;

/**
 * Builds the backend, which contains the digests of the SQL parser.
 *
 * @param options esbuild options that replace the options of a release build.
 */
export async function bundleProxy(entry: string, outfile: string, options: BuildOptions = {}): Promise<void> {
  const { script, module } = await parserFiles();
  const define = {
    PARSER_SCRIPT_DIGEST: JSON.stringify(digestOf(script)),
    PARSER_MODULE_DIGEST: JSON.stringify(digestOf(module)),
  };
  await build({ ...OPTIONS, define, entryPoints: [entry], outfile, ...options });
}

/** Writes the SQL parser, which the backend loads from its own folder. */
export async function bundleParser(folder: string): Promise<void> {
  const { script, module } = await parserFiles();
  writeFileSync(join(folder, 'sql-parser.cjs'), script);
  writeFileSync(join(folder, 'sql-parser.wasm'), module);
}

async function parserFiles(): Promise<{ script: Uint8Array; module: Uint8Array }> {
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: [PARSER_ENTRY], write: false });
  return { script: outputFiles[0].contents, module: readFileSync(PARSER_MODULE) };
}

/** SHA-256 in hexadecimal digits, as `proxy/sql/edit/parser-files.ts` compares it. */
export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Writes the command that reports what an update from the Go plugin changes. */
export async function bundleMigrationReport(folder: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: [MIGRATION_ENTRY], outfile: join(folder, 'migration-report.cjs') });
}

/** Writes tracing, which the backend loads from its own folder. */
export async function bundleTracing(folder: string): Promise<void> {
  await build({ ...TRACING_OPTIONS, entryPoints: [TRACING_ENTRY], outfile: join(folder, 'tracing.cjs') });
}

/** Absolute paths of the files in the bundles of the backend, without files that contribute no bytes to them. */
export async function proxyFiles(): Promise<string[]> {
  const files = await Promise.all([
    bundledFiles(OPTIONS, [PROXY_ENTRY, PARSER_ENTRY, MIGRATION_ENTRY]),
    bundledFiles(TRACING_OPTIONS, [TRACING_ENTRY]),
  ]);
  return files.flat();
}

async function bundledFiles(options: BuildOptions, entryPoints: string[]): Promise<string[]> {
  const { metafile } = await build({ ...options, entryPoints, outdir: 'dist', write: false, metafile: true });
  const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [join(ROOT, file)] : []));
}
