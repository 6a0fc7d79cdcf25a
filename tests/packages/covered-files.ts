/** Finds the files of a package that neither the plugin's own licence nor a component of the SBOM covers. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../support/plugin';
import { filesOf } from './copies';

const sbom = z.object({
  components: z.array(
    z.object({
      group: z.string().optional(),
      name: z.string(),
      version: z.string(),
      licenses: z.array(z.unknown()).min(1),
      hashes: z.array(z.object({ content: z.string() })).default([]),
    })
  ),
});

interface Component {
  /** With the scope of an npm package. */
  name: string;
  version: string;
  hashes: readonly string[];
}

/** Files that contain only what this project wrote. */
const OWN = [
  /^(LICENSE|README\.md|CHANGELOG\.md|plugin\.json)$/,
  /^(THIRD_PARTY_LICENSES\.txt|sbom\.cdx\.json)$/,
  /^img\/[\w-]+\.(svg|png)$/,
  /^dashboards\/[\w-]+\.json$/,
  /^gpx_micromegas_(linux|darwin)_(amd64|arm64)$/,
];
/** Files that bundlers made of this project and of packages. They contain the paths of the packages. */
const BUNDLES = /^([\w-]+\.js(\.map)?|(proxy|tracing|migration-report|sql-parser)\.cjs)$/;
const PACKAGE_IN_BUNDLE = /node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g;
/** The file is Node.js with the backend in it, so it has no hash of Node.js. */
const WINDOWS_EXECUTABLE = 'gpx_micromegas_windows_amd64.exe';
const PARSER = 'sql-parser.wasm';
const PARSER_PACKAGE = '@guanmingchiu/sqlparser-ts';
const PARSER_FILE = join(ROOT, 'node_modules', PARSER_PACKAGE, 'wasm', 'sqlparser_rs_wasm_bg.wasm');

function componentsOf(plugin: string): Component[] {
  const { components } = sbom.parse(JSON.parse(readFileSync(join(plugin, 'sbom.cdx.json'), 'utf8')));
  return components.map(({ group, name, version, hashes }) => ({
    name: group === undefined ? name : `${group}/${name}`,
    version,
    hashes: hashes.map(({ content }) => content),
  }));
}

/** The reason why a file is not covered. Undefined if it is covered. */
function problemOf(plugin: string, path: string, components: readonly Component[]): string | undefined {
  if (OWN.some((pattern) => pattern.test(path))) {
    return undefined;
  }
  const names = new Set(components.map(({ name }) => name));
  const content = readFileSync(join(plugin, path));
  if (BUNDLES.test(path)) {
    const packages = [...content.toString('latin1').matchAll(PACKAGE_IN_BUNDLE)].map(([, name]) => name);
    const unlisted = [...new Set(packages)].filter((name) => !names.has(name));
    return unlisted.length === 0 ? undefined : `has packages that the SBOM does not list: ${unlisted.join(', ')}`;
  }
  if (path === PARSER) {
    const isListed = names.has(PARSER_PACKAGE) && names.has('sqlparser');
    return isListed && content.equals(readFileSync(PARSER_FILE)) ? undefined : `is not the file of ${PARSER_PACKAGE}`;
  }
  if (path === WINDOWS_EXECUTABLE) {
    return names.has('node') ? undefined : 'is Node.js, which the SBOM does not list';
  }
  const hash = createHash('sha256').update(content).digest('hex');
  return components.some(({ hashes }) => hashes.includes(hash)) ? undefined : 'is no component of the SBOM';
}

/** Components without an entry in THIRD_PARTY_LICENSES.txt. One entry has both libraries of GCC. */
function withoutLicense(plugin: string, components: readonly Component[]): string[] {
  const licenses = readFileSync(join(plugin, 'THIRD_PARTY_LICENSES.txt'), 'utf8');
  const headings = [...licenses.matchAll(/^={80}\n(.*) (\S+)\nLicence: \S.*\n={80}$/gm)].flatMap(([, names, version]) =>
    names.split(' and ').map((name) => `${name === 'Node.js' ? 'node' : name} ${version}`)
  );
  return components.map(({ name, version }) => `${name} ${version}`).filter((entry) => !headings.includes(entry));
}

/**
 * @param plugin The unpacked plugin's folder.
 * @returns One line for each file that is not covered, and for each component without a licence. Empty if all is well.
 */
export function licenseProblems(plugin: string): string[] {
  const components = componentsOf(plugin);
  const paths = filesOf(plugin).map((file) => relative(plugin, file).replaceAll(sep, '/'));
  const files = paths.flatMap((path) => {
    const problem = problemOf(plugin, path, components);
    return problem === undefined ? [] : [`${path} ${problem}`];
  });
  return [...files, ...withoutLicense(plugin, components).map((entry) => `${entry} has no licence text`)];
}
