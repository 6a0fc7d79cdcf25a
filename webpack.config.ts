// The scaffold's build of the browser half, with what this project adds to it.
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';
import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';
import { LicensesPlugin } from './scripts/licenses-plugin.ts';
import { proxyFiles } from './scripts/proxy-bundle.ts';

/** Grafana's build, reading `contract/` as well as `src/`. */
export default async (env: Env): Promise<Configuration> =>
  merge(await grafanaConfig(env), {
    plugins: env.production ? [new LicensesPlugin(await proxyFiles())] : [],
    // The proxy's build puts its files into the same folder.
    output: { clean: { keep: /(gpx_micromegas_.*|proxy\.cjs(\.map)?)$/ } },
    module: {
      // Says what the package does not: its twenty SQL dialects are plain values, so unused ones can be left out.
      rules: [{ test: /[\\/]node_modules[\\/]sql-formatter[\\/]/, sideEffects: false }],
    },
  });
