/**
 * Writes dist/THIRD_PARTY_LICENSES.txt: name, version, licence and licence text of each package in the bundles of the
 * frontend and the backend, and the same list as an SBOM. Both include the Rust crates in sql-parser.wasm. The list
 * comes from the bundlers, so it is always up to date.
 *
 * The build fails if a licence is missing or not allowed.
 */
import webpack from 'webpack';
import { packageFolders, registryHashes } from './bundled-packages.ts';
import { PLUGIN } from './plugin-name.ts';
import { hashesOf, npmPurl, renderSbom, type SbomComponent } from './sbom.ts';
import { readLicense, renderLicenses } from './third-party-licenses.ts';
import { type WasmCrate, wasmCrates } from './wasm-crates.ts';

const NAME = 'LicensesPlugin';

/** The modules that webpack concatenated into this one, or the module itself. */
function partsOf(module: webpack.Module & { modules?: Iterable<webpack.Module> }): Iterable<webpack.Module> {
  return module.modules ?? [module];
}

/** Paths of the files in the chunks. Files that webpack dropped as unused are not included. */
function chunkFiles({ modules, chunkGraph }: webpack.Compilation): string[] {
  const bundled = [...modules].filter((module) => chunkGraph.getNumberOfModuleChunks(module) > 0);
  return bundled.flatMap((module) => [...partsOf(module)].map((part) => part.nameForCondition() ?? ''));
}

function sbomOf(folders: readonly string[], crates: readonly WasmCrate[]): string {
  const integrity = registryHashes();
  const components = folders.map((folder): SbomComponent => {
    const { name, version, license } = readLicense(folder);
    const hashes = hashesOf(integrity(folder));
    return { name, version, license, purl: npmPurl(name, version), hashes, type: 'library' };
  });
  return renderSbom({ ...PLUGIN, components: [...components, ...crates.map(({ component }) => component)] });
}

export class LicensesPlugin {
  readonly #otherFiles: readonly string[];

  /** @param otherFiles Absolute paths of the files in bundles of other bundlers. */
  constructor(otherFiles: readonly string[]) {
    this.#otherFiles = otherFiles;
  }

  apply(compiler: webpack.Compiler): void {
    compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
      compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
        const folders = packageFolders([...chunkFiles(compilation), ...this.#otherFiles]);
        const packages = folders.map(readLicense);
        const crates = wasmCrates(packages);
        const licenses = renderLicenses([...packages, ...crates]);
        compilation.emitAsset('THIRD_PARTY_LICENSES.txt', new webpack.sources.RawSource(licenses));
        compilation.emitAsset('sbom.cdx.json', new webpack.sources.RawSource(sbomOf(folders, crates)));
      });
    });
  }
}
