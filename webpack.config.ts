// The scaffold's build of the frontend, with the additions of this project.
import path from 'node:path';
import webpack, { type Configuration } from 'webpack';
import { merge } from 'webpack-merge';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';
import { BACKEND_FILES } from './scripts/backend-files.ts';
import { DashboardsPlugin } from './scripts/dashboards-plugin.ts';
import { DocumentsPlugin } from './scripts/documents-plugin.ts';
import { LicensesPlugin } from './scripts/licenses-plugin.ts';
import { proxyFiles } from './scripts/proxy-bundle.ts';
import { SourceMapsPlugin } from './scripts/source-maps-plugin.ts';

/**
 * Maximum size of `module.js`, in bytes, uncompressed. Grafana loads this file with each page that has a panel of this
 * data source, so the editors and the parser are separate files. The production build fails beyond the limit.
 */
const MAX_MODULE_BYTES = 152_000;

/**
 * The version of JavaScript of the frontend. With ES2015, the scaffold's default, the files are larger by two thirds.
 * Grafana 12 and newer are built for the last two versions of each browser, and all of these run ES2022.
 */
const TARGET = 'es2022';

/** The folder of the SQL parser. */
const PARSER = 'node_modules/@guanmingchiu/sqlparser-ts/wasm';

/** The scaffold's configuration, whose compiler writes `TARGET`. */
async function scaffoldConfig(env: Env): Promise<Configuration> {
  const config = await grafanaConfig(env);
  for (const rule of config.module?.rules ?? []) {
    if (isCompilerRule(rule)) {
      rule.use.options.jsc.target = TARGET;
      return config;
    }
  }
  throw new Error('The configuration of the scaffold has no rule for swc-loader.');
}

interface CompilerRule {
  use: { loader: 'swc-loader'; options: { jsc: { target: string } } };
}

function isCompilerRule(rule: unknown): rule is CompilerRule {
  return (rule as Partial<CompilerRule> | undefined)?.use?.loader === 'swc-loader';
}

/** The build of the frontend, which consists of `src/` and of the files of `contract/` that `src/` imports. */
export default async (env: Env): Promise<Configuration> =>
  merge(await scaffoldConfig(env), {
    // src/plugin.json is a link, and webpack does not see when the file behind it changes.
    cache: { type: 'filesystem', buildDependencies: { pluginJson: [path.resolve('plugin.json')] } },
    plugins: [
      // Only Grafana itself calls the function of @grafana/i18n that loads this package.
      new webpack.IgnorePlugin({ resourceRegExp: /^i18next-pseudo$/ }),
      new DashboardsPlugin(path.resolve('dashboards')),
      new DocumentsPlugin(),
      ...(env.production ? [new LicensesPlugin(await proxyFiles()), new SourceMapsPlugin()] : []),
    ],
    resolve: {
      // The package of the parser exports only an entry that imports modules of Node.js. These aliases name its files.
      alias: {
        'sqlparser-wasm-module': path.resolve(PARSER, 'sqlparser_rs_wasm_bg.wasm'),
        'sqlparser-wasm': path.resolve(PARSER, 'sqlparser_rs_wasm.js'),
      },
    },
    performance: {
      hints: env.production ? 'error' : false,
      maxAssetSize: MAX_MODULE_BYTES,
      maxEntrypointSize: MAX_MODULE_BYTES,
      assetFilter: (file: string) => file.startsWith('module.js') && !file.endsWith('.map'),
    },
    // Keeps the files that the build of the backend writes into the same folder.
    output: {
      clean: { keep: BACKEND_FILES },
    },
    module: {
      rules: [
        // The package does not declare that its modules have no side effects. This rule declares it, so webpack drops
        // the unused ones of its twenty SQL dialects.
        { test: /[\\/]node_modules[\\/]sql-formatter[\\/]/, sideEffects: false },
        {
          // The parser's JavaScript refers to this file with `new URL(…, import.meta.url)`. The backend reads the same
          // file from dist/.
          test: /[\\/]sqlparser_rs_wasm_bg\.wasm$/,
          type: 'asset/resource',
          generator: { filename: `sql-parser.wasm${env.production ? '?_cache=[contenthash]' : ''}` },
        },
        {
          // The script of a worker, which the page starts from its URL.
          test: /-worker\.ts$/,
          dependency: 'url',
          enforce: 'post',
          type: 'asset/resource',
          use: path.resolve('scripts/worker-loader.ts'),
          generator: { filename: `sql-parser-worker.js${env.production ? '?_cache=[contenthash]' : ''}` },
        },
      ],
    },
  });
