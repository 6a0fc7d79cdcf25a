/**
 * Makes the source maps independent of the folder of the build.
 *
 * Webpack first names each chunk with a hash of its modules and of their maps, which contain absolute paths. Later,
 * webpack replaces this first hash in all scripts with a hash of the minified script, but leaves the first hash in the
 * maps. This plugin replaces the first hash in the maps too.
 */
import webpack from 'webpack';

const NAME = 'SourceMapsPlugin';
const HASHED = /^([\w-]+\.js)\?_cache=([0-9a-f]+)$/;

/** Replaces the first hash of each chunk in the maps with the final hash in the name of the script. */
export function withFinalHashes(maps: ReadonlyMap<string, string>, assets: readonly string[]): Map<string, string> {
  const final = new Map<string, string>();
  for (const asset of assets) {
    const [, file, hash] = HASHED.exec(asset) ?? [];
    if (hash !== undefined) {
      final.set(file, hash);
    }
  }
  const replacements: Array<[string, string]> = [];
  for (const content of maps.values()) {
    const [, file, first] = HASHED.exec((JSON.parse(content) as { file: string }).file) ?? [];
    const hash = final.get(file);
    if (hash !== undefined) {
      replacements.push([first, hash]);
    }
  }
  const replaced = ([name, content]: [string, string]): [string, string] => [
    name,
    replacements.reduce((changed, [first, hash]) => changed.replaceAll(first, hash), content),
  ];
  return new Map([...maps].map(replaced));
}

export class SourceMapsPlugin {
  apply(compiler: webpack.Compiler): void {
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, (assets) => {
        const names = Object.keys(assets);
        const maps = names
          .filter((name) => /\.js\.map(\?|$)/.test(name))
          .map((name): [string, string] => [name, assets[name].source().toString()]);
        for (const [name, content] of withFinalHashes(new Map(maps), names)) {
          compilation.updateAsset(name, new webpack.sources.RawSource(content));
        }
      });
    });
  }
}
