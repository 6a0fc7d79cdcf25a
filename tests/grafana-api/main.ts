/**
 * `npm run check:grafana-api`: compares what src/ imports from `@grafana/*` with the versions that the plugin supports.
 *
 * For each version, levitate reports missing exports, and exports with another type than in the installed version. The
 * packages come from the npm registry.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import packageJson from '../../package.json';

const PACKAGES = ['@grafana/data', '@grafana/ui', '@grafana/runtime'] as const;
type PackageName = (typeof PACKAGES)[number];

/**
 * For each minor version that `grafanaDependency` in plugin.json allows: the newest version that all three packages
 * have.
 */
const VERSIONS = ['12.3.3', '12.4.10', '13.0.2', '13.1.3', '13.2.3'];

/** An incompatibility that levitate reports. */
interface Incompatibility {
  package: PackageName;
  version: string;
  /** The export. */
  name: string;
  change: 'changed' | 'removed';
}

/** An incompatibility that does not concern the plugin, in exactly these versions. */
interface Exception extends Omit<Incompatibility, 'version'> {
  versions: readonly string[];
  reason: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    package: '@grafana/runtime',
    versions: ['12.3.3', '13.1.3', '13.2.3'],
    name: 'config',
    change: 'changed',
    reason:
      'Other members of its type changed, not the members that src/ reads: bootData, exploreEnabled, publicDashboardAccessToken, secureSocksDSProxyEnabled.',
  },
];

/** The part of `@grafana/levitate` that is used here. Its own types are installed only with the package. */
interface Levitate {
  createTsProgram(path: string): object;
  getIncompatibilitiesBetweenPackages(
    program: object,
    installed: string,
    other: string,
    ignored: object
  ): Promise<Array<{ name: string; removal?: object; sourceFile: { fileName: string } }>>;
}

const ROOT = join(__dirname, '../..');
// The name is in a variable: TypeScript would look for the package of a literal name, but the package may be missing.
const LEVITATE = '@grafana/levitate';

function isExpected({ version, ...found }: Incompatibility): boolean {
  return EXCEPTIONS.some(
    ({ versions, reason: _, ...exception }) => versions.includes(version) && isDeepStrictEqual(exception, found)
  );
}

/** @returns The number of incompatibilities without an exception. */
async function compare(levitate: Levitate, program: object, name: PackageName, version: string): Promise<number> {
  const installed = packageJson.dependencies[name];
  const incompatibilities = await levitate.getIncompatibilitiesBetweenPackages(
    program,
    `${name}@${installed}`,
    `${name}@${version}`,
    {}
  );
  let failures = 0;
  for (const { name: symbol, removal, sourceFile } of incompatibilities) {
    const change = removal === undefined ? 'changed' : 'removed';
    const isException = isExpected({ package: name, version, name: symbol, change });
    failures += isException ? 0 : 1;
    console.log(
      `${isException ? 'expected' : 'FAILED'}: ${name}@${version}: ${symbol} ${change}, ${sourceFile.fileName}`
    );
  }
  return failures;
}

async function main(): Promise<void> {
  const levitate: Levitate = await import(LEVITATE);
  const program = levitate.createTsProgram(join(ROOT, 'src/module.ts'));
  let failures = 0;
  for (const version of VERSIONS) {
    for (const name of PACKAGES) {
      failures += await compare(levitate, program, name, version);
    }
  }
  console.log(`Compared ${VERSIONS.length} versions: ${failures} incompatibilities.`);
  process.exitCode = failures === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
