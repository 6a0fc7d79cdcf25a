/** Makes the links in dist/README.md and dist/CHANGELOG.md absolute. */
import webpack from 'webpack';
import { withAbsoluteLinks } from './absolute-links.ts';

const NAME = 'DocumentsPlugin';
const PAGES = ['README.md', 'CHANGELOG.md'];

export class DocumentsPlugin {
  apply(compiler: webpack.Compiler): void {
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      // The scaffold adds the pages in an earlier stage.
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_SUMMARIZE;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
        for (const page of PAGES) {
          const convert = (source: webpack.sources.Source) =>
            new webpack.sources.RawSource(withAbsoluteLinks(source.source().toString()));
          compilation.updateAsset(page, convert);
        }
      });
    });
  }
}
