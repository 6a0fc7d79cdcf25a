/**
 * Bundles the page with Grafana's packages in memory. This takes about two seconds, so the bundle is not cached on disk,
 * where it could become outdated.
 */
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { type GrafanaLibraries, packageOfGrafanaUi } from './grafana-libraries';

/** File names below `/public/`. */
export type PageFiles = ReadonlyMap<string, Uint8Array>;

const FOLDER = 'playground/';

/** CommonJS packages with a `default` export that Grafana's components import. */
const WITH_DEFAULT = /^(react-custom-scrollbars-2|react-highlight-words|slate-plain-serializer)$/;
const WRAPPED = 'with-default';

/**
 * Resolves default imports of these packages to their `default` export.
 *
 * Grafana's components are `.mjs` files, for which esbuild follows Node: the default import of a CommonJS module is the whole
 * `module.exports`. So this plugin inserts a module in another namespace, to which that rule does not apply.
 */
const commonJsDefaults: Plugin = {
  name: 'common-js-defaults',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: WITH_DEFAULT }, ({ path, importer, resolveDir }) =>
      importer.endsWith('.mjs') ? { path, namespace: WRAPPED, pluginData: resolveDir } : undefined
    );
    onLoad({ filter: WITH_DEFAULT, namespace: WRAPPED }, ({ path, pluginData }) => ({
      contents: `export * from '${path}'; export { default } from '${path}';`,
      resolveDir: String(pluginData),
    }));
  },
};

/**
 * Resolves the imports of the page from the folder of the libraries. Imports inside a package need no help, because
 * their nearest node_modules is in the same folder.
 */
function packagesFrom(folder: string): Plugin {
  const resolved = Symbol('resolved');
  return {
    name: 'grafana-libraries',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[@\w]/, namespace: 'file' }, ({ path, kind, importer, pluginData }) =>
        kind === 'entry-point' || pluginData === resolved || importer.includes('node_modules')
          ? undefined
          : resolve(path, { kind, resolveDir: folder, pluginData: resolved })
      );
    },
  };
}

/** @param root Folder of the project. */
export async function bundlePage(root: string, libraries: GrafanaLibraries): Promise<PageFiles> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      page: join(root, 'demo/playground/page/main.tsx'),
      'editor-worker': join(packageOfGrafanaUi(libraries, 'monaco-editor'), 'esm/vs/editor/editor.worker.js'),
    },
    outdir: join(root, 'node_modules/.cache/playground'),
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    loader: { '.ttf': 'file', '.svg': 'file', '.png': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    plugins: [packagesFrom(libraries.folder), commonJsDefaults],
    alias: {
      // One copy for page and plugin, the one that Grafana's components use.
      '@emotion/css': packageOfGrafanaUi(libraries, '@emotion/css'),
    },
  });
  return new Map(result.outputFiles.map((file) => [`${FOLDER}${basename(file.path)}`, file.contents]));
}
