/**
 * Webpack loader for the script of a worker: bundles it into one file. A plugin cannot use the worker chunks of
 * webpack, because they wait for the module loader of Grafana's page, and load other chunks relative to the page.
 */
import { build } from 'esbuild';
import { resolve } from 'node:path';
import { type LoaderContext } from 'webpack';

export default async function bundleWorker(this: LoaderContext<unknown>): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: this.rootContext,
    entryPoints: [this.resourcePath],
    bundle: true,
    platform: 'browser',
    target: 'es2020',
    format: 'iife',
    minify: true,
    metafile: true,
    write: false,
    outdir: '.',
    logLevel: 'warning',
  });
  for (const file of Object.keys(metafile.inputs)) {
    this.addDependency(resolve(this.rootContext, file));
  }
  return outputFiles[0].text;
}
