/**
 * `npm run bench:files`: counts the source files whose functions run during one call of the backend. To follow the
 * call, a maintainer has to read these files.
 *
 * Each call runs twice before the measurement, so that files for discovery, a new connection or an empty cache are not
 * counted. V8's coverage lists the functions that ran, and a source map gives the files of these functions. `--list`
 * prints the files.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type MicromegasQueryFields } from '../contract/queries/query';
import { type QueryFilter } from '../contract/queries/query-filter';
import { type PluginProcess } from '../demo/plugin-host/plugin-process';
import { bundleParser, bundleProxy, PROXY_ENTRY } from '../scripts/proxy-bundle';
import { startDemoServices } from '../tests/support/demo-services';
import { ADA, pluginContext, ROOT, runQuery, type Source } from '../tests/support/plugin';
import { type Inspector, startInspected } from './inspected-plugin';

const SERIES = 'SELECT $__dateBin(time) AS time, exe, count(*) AS n FROM log_entries GROUP BY 1, 2 ORDER BY 1';
const LINES = 'SELECT time, level, target, msg FROM log_entries ORDER BY time DESC';
const LIBRARIES = 'node_modules/';

interface FunctionCoverage {
  ranges: Array<{ startOffset: number; count: number }>;
}

interface ScriptCoverage {
  url: string;
  functions: FunctionCoverage[];
}

/** Maps offsets of a script to files of the project and of libraries. Paths are relative to the root. */
class SourceFiles {
  readonly #map: SourceMap;
  readonly #folder: string;
  /** Offset of the first character of each line. */
  readonly #lines: number[] = [0];

  constructor(script: string) {
    const source = readFileSync(script, 'utf8');
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
      this.#lines.push(at + 1);
    }
    this.#map = new SourceMap(JSON.parse(readFileSync(`${script}.map`, 'utf8')));
    this.#folder = dirname(script);
  }

  fileAt(offset: number): string | undefined {
    const line = this.#lines.findLastIndex((start) => start <= offset);
    const entry = this.#map.findEntry(line, offset - this.#lines[line]);
    return 'originalSource' in entry ? relative(ROOT, resolve(this.#folder, entry.originalSource)) : undefined;
  }
}

/** Builds the backend with a source map. @returns Its script. */
async function buildBackend(folder: string): Promise<string> {
  const script = join(folder, 'proxy.cjs');
  await bundleProxy(PROXY_ENTRY, script, { sourcemap: 'external', minifyWhitespace: false, minifySyntax: false });
  await bundleParser(folder);
  return script;
}

/** The calls to measure. If a call fails, its promise rejects, so that no error path is measured. */
function callsTo(plugin: PluginProcess, source: Source): ReadonlyMap<string, () => Promise<void>> {
  const query = (model: MicromegasQueryFields) => async () => {
    const { error } = await runQuery(plugin, source, { version: 2, rawEditor: true, ...model });
    if (error !== '') {
      throw new Error(error);
    }
  };
  let checks = 0;
  const filters: QueryFilter[] = [{ key: 'level', operator: '=', value: '4' }];
  return new Map([
    ['panel query', query({ query: SERIES, format: 'time_series' })],
    ['panel query with a filter', query({ query: SERIES, format: 'time_series', adHocFilters: filters })],
    ['logs query', query({ query: LINES, format: 'logs', autoLimit: true })],
    ['trace search', query({ queryType: 'traces', traces: { view: 'search' } })],
    [
      'step of a live tail',
      query({ query: LINES, format: 'logs', tail: { kind: 'lines', ageSeconds: 60, limit: 100 } }),
    ],
    [
      'Save & test',
      async () => {
        // For a short time, further checks of the same user get the result of the first check. So each check has
        // another user.
        const user = { ...source.user, login: `ada ${checks++}` };
        const { status, message } = await plugin.checkHealth({ pluginContext: pluginContext({ ...source, user }) });
        if (status !== 1) {
          throw new Error(message);
        }
      },
    ],
  ]);
}

async function executedFiles(inspector: Inspector, files: SourceFiles, call: () => Promise<void>): Promise<string[]> {
  await call();
  await call();
  await inspector.call('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await call();
  const { result: scripts } = await inspector.call<{ result: ScriptCoverage[] }>('Profiler.takePreciseCoverage');
  await inspector.call('Profiler.stopPreciseCoverage');
  const offsets = scripts
    .filter(({ url }) => url.endsWith('/proxy.cjs'))
    .flatMap(({ functions }) => functions.map(({ ranges }) => ranges[0]))
    .filter(({ count }) => count > 0)
    .map(({ startOffset }) => files.fileAt(startOffset));
  return [...new Set(offsets.filter((file) => file !== undefined))].sort();
}

/** The number of files of each part of the backend, for example `proxy/query 23`. */
function countsByPart(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const [top, wing] = file.split('/');
    const part = top === 'contract' ? top : `${top}/${wing.replace(/\.ts$/, '')}`;
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return Array.from(counts, ([part, count]) => `${part} ${count}`).join(', ');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } });
  const folder = mkdtempSync(join(tmpdir(), 'executed-files-'));
  const demo = await startDemoServices();
  const script = await buildBackend(folder);
  const { plugin, inspector } = await startInspected(script);
  try {
    await inspector.call('Profiler.enable');
    const files = new SourceFiles(script);
    const source: Source = {
      jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
      secureJsonData: { token: demo.apiKey },
      user: ADA,
    };
    for (const [name, call] of callsTo(plugin, source)) {
      const executed = await executedFiles(inspector, files, call);
      const own = executed.filter((file) => !file.startsWith(LIBRARIES));
      const folders = new Set(own.map((file) => dirname(file)));
      console.log(`${name}: ${own.length} files in ${folders.size} folders (${countsByPart(own)})`);
      if (values.list) {
        own.forEach((file) => console.log(`  ${file}`));
      }
    }
  } finally {
    inspector.close();
    await plugin.shutdown();
    await demo.stop();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
