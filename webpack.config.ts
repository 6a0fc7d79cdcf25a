// The scaffold's build of the browser half, with the additions of this project.
import path from 'node:path';
import webpack, { type Configuration } from 'webpack';
import { merge } from 'webpack-merge';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';
import { LicensesPlugin } from './scripts/licenses-plugin.ts';
import { proxyFiles } from './scripts/proxy-bundle.ts';

/** The build covers `contract/` as well as `src/`. */
export default async (env: Env): Promise<Configuration> =>
  merge(await grafanaConfig(env), {
    plugins: [
      // Only Grafana itself calls the function of @grafana/i18n that loads this package.
      new webpack.IgnorePlugin({ resourceRegExp: /^i18next-pseudo$/ }),
      ...(env.production ? [new LicensesPlugin(await proxyFiles())] : []),
    ],
    resolve: {
      // The package exports only an entry that imports modules of Node.js.
      alias: { 'sqlparser-wasm': path.resolve('node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm.js') },
    },
    // The proxy's build puts its files into the same folder.
    output: { clean: { keep: /(gpx_micromegas_.*|proxy\.cjs(\.map)?|sql-parser\.(cjs|wasm))$/ } },
    // The size limit is for what every page loads.
    performance: { assetFilter: (file: string) => !/\.(map|wasm)(\?|$)/.test(file) },
    module: {
      rules: [
        // The package does not declare that its twenty SQL dialects are plain values. Webpack can leave out the unused ones.
        { test: /[\\/]node_modules[\\/]sql-formatter[\\/]/, sideEffects: false },
        {
          // Its JavaScript refers to the file with `new URL(…, import.meta.url)`. The proxy reads the same file from dist/.
          test: /[\\/]sqlparser_rs_wasm_bg\.wasm$/,
          type: 'asset/resource',
          generator: { filename: `sql-parser.wasm${env.production ? '?_cache=[contenthash]' : ''}` },
        },
      ],
    },
  });
