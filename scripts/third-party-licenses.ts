/** Reads and checks the licences of the bundled third-party packages, and renders them as one document. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** SPDX identifiers of licences that require only the distribution of the licence text and notices. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unicode-3.0'];

/** For packages without a licence in package.json: the licence in the licence file of the package. */
const UNDECLARED: Readonly<Record<string, string>> = { '@grafana/plugin-ui': 'Apache-2.0' };

/**
 * For packages without a licence file in their folder: the files that contain the licence texts. Paths are relative to
 * the folder of the package. In a script, the licence text is the leading comment.
 */
const TEXT_FILES: Readonly<Record<string, readonly string[]>> = {
  // The package has the licence Apache-2.0, like this project. One of its files has BSD-3-Clause in its leading
  // comment.
  '@bufbuild/protobuf': [join(__dirname, '..', 'LICENSE'), 'dist/esm/wire/varint.js'],
  // The package has the licence Apache-2.0, but does not contain the licence text.
  '@grafana/lezer-logql': [join(__dirname, '..', 'LICENSE')],
  '@guanmingchiu/sqlparser-ts': ['wasm/LICENSE'],
};

const LICENSE_FILE = /^(LICEN[CS]E|COPYING)([-._].*)?$/i;
/** Apache-2.0, section 4d, requires the distribution of these files. */
const NOTICE_FILE = /^NOTICE([-._].*)?$/i;

const INTRODUCTION =
  'This plugin contains the following third-party packages. Each package is listed with its licence.';
const LINE = '='.repeat(80);

export interface LicensedPackage {
  name: string;
  version: string;
  /** SPDX expression. */
  license: string;
  /** Licence and notices. */
  text: string;
}

/** Texts of the files in a folder whose names match the pattern, sorted by name. */
function textsOf(folder: string, names: RegExp): string[] {
  const files = readdirSync(folder).filter((file) => names.test(file));
  return files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
}

function licenseTexts(name: string, folder: string): string[] {
  const files = TEXT_FILES[name];
  if (files === undefined) {
    return textsOf(folder, LICENSE_FILE).filter((text) => text !== '');
  }
  return files.map((file) => {
    const text = readFileSync(resolve(folder, file), 'utf8');
    return file.endsWith('.js') ? leadingComment(text) : text.trim();
  });
}

function leadingComment(script: string): string {
  const lines = script.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

/** True for a licence on the list, and for `(A AND B)` if both A and B are on the list. */
function isAllowed(license: string): boolean {
  const all = license.replace(/^\((.*)\)$/, '$1').split(' AND ');
  return all.every((one) => ALLOWED.includes(one));
}

/** Returns the licence of a package. @throws {Error} for a licence that is not on the list. */
export function checkedLicense(name: string, license: unknown): string {
  if (typeof license !== 'string' || !isAllowed(license)) {
    throw new Error(
      `${name} has the licence ${JSON.stringify(license)}, and only these are allowed: ${ALLOWED.join(', ')}.`
    );
  }
  return license;
}

/**
 * @param folder Folder of the package.
 * @throws {Error} for a package without a licence text, and for a licence that is not on the list.
 */
export function readLicense(folder: string): LicensedPackage {
  const manifest: { name: string; version: string; license?: unknown } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8')
  );
  const { name, version } = manifest;
  const license = checkedLicense(name, manifest.license ?? UNDECLARED[name]);
  const texts = licenseTexts(name, folder);
  if (texts.length === 0) {
    throw new Error(`${name} ${version} has no file with its licence.`);
  }
  return { name, version, license, text: [...texts, ...textsOf(folder, NOTICE_FILE)].join('\n\n') };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function entriesOf(packages: readonly LicensedPackage[]): string[] {
  const entries = packages.map(({ name, version, license, text }) => {
    const heading = [LINE, `${name} ${version}`, `Licence: ${license}`, LINE].join('\n');
    return `${heading}\n\n${text.replace(/[ \t\r]+$/gm, '')}`;
  });
  return entries.sort(compare);
}

/** Renders the licences. The result does not depend on the order of the packages. */
export function renderLicenses(packages: readonly LicensedPackage[]): string {
  return `${[INTRODUCTION, ...entriesOf(packages)].join('\n\n')}\n`;
}

/** Adds the licences of a runtime to a result of `renderLicenses`. */
export function addLicenses(rendered: string, packages: readonly LicensedPackage[]): string {
  return packages.length === 0 ? rendered : `${[rendered.trimEnd(), ...entriesOf(packages)].join('\n\n')}\n`;
}
