/**
 * Copies `dashboards/*.json` to `dist/dashboards`.
 *
 * Each build reads the files. CopyWebpackPlugin keeps their content in the cache of webpack and compares only dates, so
 * a file that changes with its date unchanged stays the former one in dist/.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import webpack from 'webpack';

const NAME = 'DashboardsPlugin';

export class DashboardsPlugin {
  readonly #folder: string;

  /** @param folder Absolute path of the folder with the dashboards. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  apply(compiler: webpack.Compiler): void {
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
        compilation.contextDependencies.add(this.#folder);
        for (const name of globSync('*.json', { cwd: this.#folder })) {
          const content = readFileSync(join(this.#folder, name));
          compilation.emitAsset(`dashboards/${name}`, new webpack.sources.RawSource(content));
        }
      });
    });
  }
}
