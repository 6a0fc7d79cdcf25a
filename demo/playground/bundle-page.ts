/**
 * Bundles the page with Grafana's packages in memory. Bundling takes only about two seconds, so the bundle is not
 * cached on disk, where it could become outdated. The flame graph is a separate bundle, which is made when the page
 * loads it.
 */
import { basename, dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { type GrafanaLibraries, packageOfGrafanaUi } from './grafana-libraries';

/** The content of a file, or a function that creates the content. */
export type PageFile = Uint8Array | (() => Promise<Uint8Array>);

/** File names below `/public/`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const FOLDER = 'playground/';

/** CommonJS packages that Grafana's components import and that have a `default` export. */
const WITH_DEFAULT = /^(react-custom-scrollbars-2|react-highlight-words|slate-plain-serializer)$/;
const WRAPPED = 'with-default';

/**
 * Resolves default imports of the packages in `WITH_DEFAULT` to their `default` export.
 *
 * In `.mjs` files, such as Grafana's components, esbuild follows Node: the default import of a CommonJS module is the
 * whole `module.exports`. This rule does not apply in another namespace, so the plugin inserts a module in a namespace
 * of its own.
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
 * Resolves two kinds of imports of @grafana/scenes.
 *
 * - @grafana/scenes needs version 6 of react-router-dom. Grafana has it as react-router-dom-v5-compat beside version 5.
 * - @grafana/plugin-compat, a dependency of @grafana/scenes, imports names that only some versions of @grafana/runtime
 *   export. It checks these names at run time. esbuild allows a missing name only if the module is CommonJS. So this
 *   plugin inserts a CommonJS module that exports the one copy of @grafana/runtime.
 */
function scenesImports({ folder }: GrafanaLibraries): Plugin {
  const runtime = join(folder, 'node_modules/@grafana/runtime/dist/esm');
  const files: Record<string, string> = { runtime: 'index.mjs', 'runtime/unstable': 'unstable.mjs' };
  return {
    name: 'scenes-imports',
    setup({ onResolve, onLoad, resolve: resolvePath }) {
      onResolve({ filter: /^react-router-dom$/ }, ({ importer, kind, resolveDir }) =>
        importer.includes('@grafana/scenes')
          ? resolvePath('react-router-dom-v5-compat', { kind, resolveDir })
          : undefined
      );
      onResolve({ filter: /^@grafana\/runtime(\/unstable)?$/ }, ({ path, importer }) =>
        importer.includes('plugin-compat') ? { path, namespace: 'runtime-exports' } : undefined
      );
      onLoad({ filter: /./, namespace: 'runtime-exports' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(join(runtime, files[path.replace('@grafana/', '')]!))});`,
        resolveDir: folder,
      }));
    },
  };
}

/**
 * Resolves the imports of the page from the folder of the libraries. Imports inside a package need no help, because the
 * nearest node_modules is in the same folder.
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

const BROWSER_BUNDLE = {
  write: false,
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'error',
} as const satisfies BuildOptions;

/** The files of the page. @param root Folder of the project. */
export async function bundlePage(root: string, libraries: GrafanaLibraries): Promise<PageFiles> {
  const result = await build({
    ...BROWSER_BUNDLE,
    absWorkingDir: root,
    entryPoints: {
      page: join(root, 'demo/playground/page/main.tsx'),
      'editor-worker': join(packageOfGrafanaUi(libraries, 'monaco-editor'), 'esm/vs/editor/editor.worker.js'),
    },
    outdir: join(root, 'node_modules/.cache/playground'),
    loader: { '.ttf': 'file', '.svg': 'file', '.png': 'file' },
    plugins: [packagesFrom(libraries.folder), commonJsDefaults, scenesImports(libraries)],
    alias: {
      // Page and plugin share the copy that Grafana's components use.
      '@emotion/css': packageOfGrafanaUi(libraries, '@emotion/css'),
    },
  });
  let flameGraph: Promise<Uint8Array> | undefined;
  return new Map<string, PageFile>([
    ...result.outputFiles.map((file) => [`${FOLDER}${basename(file.path)}`, file.contents] as const),
    [`${FOLDER}flame-graph.js`, () => (flameGraph ??= bundleFlameGraph(root))],
  ]);
}

/**
 * Bundles @grafana/flamegraph with the versions of Grafana's packages and React that it needs. The page may have other
 * versions.
 */
async function bundleFlameGraph(root: string): Promise<Uint8Array> {
  const manifest = createRequire(join(root, 'demo/package.json')).resolve('@grafana/flamegraph/package.json');
  const { outputFiles } = await build({
    ...BROWSER_BUNDLE,
    absWorkingDir: root,
    entryPoints: [join(root, 'demo/playground/flame-graph/main.tsx')],
    outdir: join(root, 'node_modules/.cache/playground'),
    loader: { '.ttf': 'empty', '.svg': 'empty', '.png': 'empty', '.css': 'empty' },
    plugins: [packagesFrom(dirname(manifest)), commonJsDefaults],
  });
  return outputFiles[0].contents;
}
