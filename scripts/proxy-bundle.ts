/** Bundles the Node half, and lists the files in the bundle. */
import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** Entry point of the proxy. */
export const PROXY_ENTRY = join(ROOT, 'proxy', 'main.ts');

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

export async function bundleProxy(entry: string, outfile: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: [entry], outfile });
}

/** Absolute paths of the files in the proxy's bundle, without files that contribute no bytes to it. */
export async function proxyFiles(): Promise<string[]> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: [PROXY_ENTRY], write: false, metafile: true });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [join(ROOT, file)] : []));
}
