/** Makes the links in dist/README.md and dist/CHANGELOG.md absolute, and adds their pictures to dist/img. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import webpack from 'webpack';
import { picturesOf, withAbsoluteLinks } from './absolute-links.ts';

const NAME = 'DocumentsPlugin';
const PAGES = ['README.md', 'CHANGELOG.md'];

export class DocumentsPlugin {
  apply(compiler: webpack.Compiler): void {
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      // The webpack configuration of the scaffold adds the pages in an earlier stage.
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_SUMMARIZE;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
        for (const page of PAGES) {
          const markdown = compilation.getAsset(page)?.source.source().toString() ?? '';
          compilation.updateAsset(page, new webpack.sources.RawSource(withAbsoluteLinks(markdown)));
          for (const picture of picturesOf(markdown)) {
            const path = join(compiler.context, '..', picture);
            compilation.fileDependencies.add(path);
            const name = `img/${basename(picture)}`;
            // The scaffold has already added pictures that are also screenshots in plugin.json.
            if (compilation.getAsset(name) === undefined) {
              compilation.emitAsset(name, new webpack.sources.RawSource(readFileSync(path)));
            }
          }
        }
      });
    });
  }
}
