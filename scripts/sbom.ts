/** Writes, validates and reads the CycloneDX SBOM of the bundled packages and runtime files. */
import { Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { z } from 'zod';

/** A third-party package, or a file of the runtime. */
export interface SbomComponent {
  /** Name. For an npm package, it includes the scope. */
  name: string;
  version: string;
  /** SPDX expression. */
  license: string;
  purl: string;
  cpe?: string;
  description?: string;
  /** Hexadecimal, by algorithm. For an npm package, the hash of the file in the registry. */
  hashes?: Readonly<Partial<Record<'SHA-256' | 'SHA-512', string>>>;
  /** `platform` for a runtime. */
  type: 'library' | 'platform';
}

export interface SbomSubject {
  name: string;
  version: string;
  components: readonly SbomComponent[];
}

const SPEC = Spec.Spec1dot6;
const TYPES = { library: Enums.ComponentType.Library, platform: Enums.ComponentType.Platform };
const ALGORITHMS = { 'SHA-256': Enums.HashAlgorithm['SHA-256'], 'SHA-512': Enums.HashAlgorithm['SHA-512'] };
const SINGLE_LICENSE = /^[\w.+-]+$/;

export function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** @param integrity The `integrity` of a package in package-lock.json. */
export function hashesOf(integrity: string | undefined): SbomComponent['hashes'] {
  const [algorithm, value] = integrity?.split('-') ?? [];
  return algorithm === 'sha512' && value !== undefined
    ? { 'SHA-512': Buffer.from(value, 'base64').toString('hex') }
    : undefined;
}

function isCpe(value: string | undefined): value is Models.Component['cpe'] & string {
  return value?.startsWith('cpe:2.3:') ?? false;
}

function modelOf({ name, version, license, purl, cpe, description, hashes, type }: SbomComponent): Models.Component {
  const [scope, scoped] = name.startsWith('@') ? name.split('/') : [];
  const component = new Models.Component(TYPES[type], scoped ?? name, {
    group: scope,
    version,
    description,
    purl,
    bomRef: purl,
    cpe: isCpe(cpe) ? cpe : undefined,
  });
  component.licenses.add(
    SINGLE_LICENSE.test(license) ? new Models.SpdxLicense(license) : new Models.LicenseExpression(license)
  );
  for (const algorithm of ['SHA-256', 'SHA-512'] as const) {
    const hash = hashes?.[algorithm];
    if (hash !== undefined) {
      component.hashes.set(ALGORITHMS[algorithm], hash);
    }
  }
  return component;
}

/** Renders the SBOM. It has no serial number and no time, so that the same packages always give the same file. */
export function renderSbom({ name, version, components }: SbomSubject): string {
  const plugin = new Models.Component(Enums.ComponentType.Application, name, { version, bomRef: name });
  plugin.licenses.add(new Models.SpdxLicense('Apache-2.0'));
  const models = components.map(modelOf);
  plugin.dependencies = new Models.BomRefRepository(models.map(({ bomRef }) => bomRef));
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: plugin }),
    components: new Models.ComponentRepository(models),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPEC));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/**
 * @throws {Error} with the findings, if the string is not an SBOM of this version of CycloneDX.
 */
export async function validateSbom(json: string): Promise<void> {
  const findings = await new Validation.JsonStrictValidator(SPEC.version).validate(json);
  if (findings !== null) {
    throw new Error(`The SBOM is not valid: ${JSON.stringify(findings)}`);
  }
}

const license = z.union([
  z.object({ license: z.object({ id: z.string() }) }).transform((entry) => entry.license.id),
  z.object({ expression: z.string() }).transform((entry) => entry.expression),
]);

const sbom = z.object({
  components: z.array(
    z.object({
      group: z.string().optional(),
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      licenses: z.tuple([license]),
      hashes: z.array(z.object({ alg: z.enum(['SHA-256', 'SHA-512']), content: z.string() })).default([]),
    })
  ),
});

/** Reads the components of an SBOM that contains only libraries. @param json A result of `renderSbom`. */
export function librariesOf(json: string): SbomComponent[] {
  return sbom.parse(JSON.parse(json)).components.map(({ group, name, version, purl, licenses, hashes }) => ({
    name: group === undefined ? name : `${group}/${name}`,
    version,
    license: licenses[0],
    purl,
    hashes: Object.fromEntries(hashes.map(({ alg, content }) => [alg, content])),
    type: 'library',
  }));
}
