/** The Rust crates in the WebAssembly file of an npm package. See licenses/sql-parser-wasm/README.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SbomComponent } from './sbom.ts';
import { checkedLicense, type LicensedPackage } from './third-party-licenses.ts';

const FOLDER = join(__dirname, 'licenses', 'sql-parser-wasm');
const NOTE = 'A Rust crate in sql-parser.wasm.';

interface CrateList {
  /** Name and version of the npm package. */
  package: string;
  version: string;
  crates: ReadonlyArray<{
    name: string;
    version: string;
    /** SPDX expression of the licence under which the crate is used. */
    license: string;
    /** File with the text of the licence. */
    text: string;
    /** Hexadecimal hash of the crate's file on crates.io. Missing for the standard library. */
    sha256?: string;
  }>;
}

export interface WasmCrate extends LicensedPackage {
  component: SbomComponent;
}

/**
 * @param packages The bundled npm packages.
 * @returns The crates of `crates.json`. Empty if their npm package is not bundled.
 * @throws {Error} if another version of the npm package is bundled, or a licence is not allowed.
 */
export function wasmCrates(packages: ReadonlyArray<Pick<LicensedPackage, 'name' | 'version'>>): WasmCrate[] {
  const list: CrateList = JSON.parse(readFileSync(join(FOLDER, 'crates.json'), 'utf8'));
  const bundled = packages.find(({ name }) => name === list.package);
  if (bundled === undefined) {
    return [];
  }
  if (bundled.version !== list.version) {
    throw new Error(
      `${list.package} ${bundled.version} is bundled. Update ${FOLDER}, which lists the crates of ${list.version}.`
    );
  }
  return list.crates.map(({ name, version, license, text, sha256 }) => ({
    name,
    version,
    license: checkedLicense(name, license),
    text: `${NOTE}\n\n${readFileSync(join(FOLDER, text), 'utf8').trim()}`,
    component: {
      name,
      version,
      license,
      purl: sha256 === undefined ? `pkg:github/rust-lang/rust@${version}` : `pkg:cargo/${name}@${version}`,
      hashes: sha256 === undefined ? undefined : { 'SHA-256': sha256 },
      type: 'library',
    },
  }));
}
