/** Checks that the examples for deployment name images, versions, files, settings and variables that exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { PLUGIN_ID } from '../../contract/plugin-id';
import packageJson from '../../package.json';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const find = (...patterns: string[]) => globSync(patterns, { cwd: ROOT }).sort();

const EXAMPLES = [...find('deploy/**/*.{yaml,tf,service}', 'docker/*.Dockerfile'), 'docker-compose.yml'];
const PAGES = ['README.md', 'docs/admin/installation.md', 'docs/operator/operation.md', 'docs/admin/provisioning.md'];

/** The documents of a YAML file. */
function documents(file: string): unknown[] {
  return parseAllDocuments(read(file)).map((document) => document.toJS());
}

/**
 * All objects in a value, at any depth. A string that begins with `apiVersion:`, such as a file in a ConfigMap, is
 * parsed as YAML.
 */
function objectsIn(value: unknown): Array<Record<string, unknown>> {
  if (typeof value === 'string' && value.startsWith('apiVersion:')) {
    return objectsIn(parse(value));
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [{ ...value }, ...inner];
}

const CONTRACT = join(ROOT, 'contract/settings/settings.ts');
const program = ts.createProgram([CONTRACT], { strict: true, noLib: true });

function settingsOf(interfaceName: string): Set<string> {
  const declaration = program
    .getSourceFile(CONTRACT)
    ?.statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName);
  const properties = declaration && program.getTypeChecker().getTypeAtLocation(declaration).getProperties();
  return new Set(properties?.map(({ name }) => name));
}

const SETTINGS = settingsOf('MicromegasSettings');
const SECRETS = settingsOf('MicromegasSecrets');

it('finds the examples and the settings', () => {
  expect(EXAMPLES).toEqual(
    expect.arrayContaining(['deploy/helm/values.yaml', 'deploy/terraform/main.tf', 'docker/proxy.Dockerfile'])
  );
  expect(SETTINGS).toContain('oauthIssuer');
  expect(SECRETS).toContain('oauthClientSecret');
});

describe('the plugin', () => {
  it.each([...EXAMPLES, ...PAGES, '.github/workflows/ci.yml'])('has only its current version in %s', (file) => {
    const versions = [...read(file).matchAll(/micromegas-datasource[-@](\d+\.\d+\.\d+)/g)].map(
      ([, version]) => version
    );
    expect(versions.filter((version) => version !== packageJson.version)).toEqual([]);
  });

  it.each([...EXAMPLES, ...PAGES])('has only its own id in %s', (file) => {
    const ids = [...read(file).matchAll(/\b[\w-]*micromegas-datasource\b/g)].map(([id]) => id);
    expect(ids.filter((id) => id !== PLUGIN_ID)).toEqual([]);
  });
});

describe('images', () => {
  const imagesOf = (file: string) =>
    [...read(file).matchAll(/(?:image: |^FROM )([\w./-]+:\S+)/gm)].map(([, image]) => image);

  it('use one version of Grafana', () => {
    const compose = /grafana\/\$\{GRAFANA_IMAGE:-grafana\}:\$\{GRAFANA_VERSION:-([\d.]+)\}/.exec(
      read('docker-compose.yml')
    );
    const grafana = EXAMPLES.flatMap(imagesOf).filter((image) => image.startsWith('grafana/grafana:'));
    expect(grafana.length).toBeGreaterThan(4);
    expect(new Set(grafana)).toEqual(new Set([`grafana/grafana:${compose?.[1]}`]));
  });

  it('have a fixed version, except for the images of Micromegas', () => {
    const images = EXAMPLES.flatMap(imagesOf).filter((image) => !image.startsWith('marcantoinedesroches/'));
    expect(images.filter((image) => !/:v?\d/.test(image) && !image.includes('GRAFANA_VERSION'))).toEqual([]);
  });
});

describe('data sources', () => {
  const dataSource = z.object({
    type: z.literal(PLUGIN_ID),
    jsonData: z.record(z.string(), z.unknown()),
    secureJsonData: z.record(z.string(), z.unknown()).optional(),
  });
  const inYaml = find('deploy/**/*.yaml', 'provisioning/datasources/*.yaml').flatMap((file) =>
    objectsIn(documents(file)).flatMap((object) => {
      const { success, data } = dataSource.safeParse(object);
      return success
        ? [{ file, settings: Object.keys(data.jsonData), secrets: Object.keys(data.secureJsonData ?? {}) }]
        : [];
    })
  );
  const keysIn = (block: RegExp) =>
    [...read('deploy/terraform/main.tf').matchAll(block)].flatMap(([, body]) =>
      [...body.matchAll(/^\s+(\w+) +=/gm)].map(([, key]) => key)
    );
  const inTerraform = {
    file: 'deploy/terraform/main.tf',
    settings: keysIn(/[^_]json_data_encoded = jsonencode\(\{([^}]*)\}/g),
    secrets: keysIn(/secure_json_data_encoded = jsonencode\(\{([^}]*)\}/g),
  };

  it.each([...inYaml, inTerraform])('in $file have only settings of the contract', ({ settings, secrets }) => {
    expect(settings).toContain('host');
    expect(settings.filter((name) => !SETTINGS.has(name))).toEqual([]);
    expect(secrets.filter((name) => !SECRETS.has(name))).toEqual([]);
  });

  it('are in the Helm values, the Kubernetes manifests and the Terraform file', () => {
    const files = inYaml.map(({ file }) => file);
    expect(files).toEqual(
      expect.arrayContaining([
        'deploy/helm/values.yaml',
        'deploy/kubernetes/init-container.yaml',
        'deploy/kubernetes/sidecar.yaml',
      ])
    );
    expect(inTerraform.secrets).toEqual(['token', 'oauthClientSecret']);
  });
});

describe('settings of the operator', () => {
  const sources = find('proxy/**/*.ts').filter((file) => !file.endsWith('.test.ts'));
  const code = [...sources, 'scripts/launcher/gpx_micromegas.sh'].map(read).join('\n');
  const known = new Set(code.match(/GF_PLUGIN_[A-Z_]+[A-Z]/g));

  it.each([...EXAMPLES, ...PAGES])('in %s are variables that the plugin reads', (file) => {
    const variables = read(file).match(/GF_PLUGIN_[A-Z_]+[A-Z]/g) ?? [];
    expect(variables.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(PAGES)('in %s are keys that the plugin reads', (page) => {
    const sections = [...read(page).matchAll(/^\[plugin\.micromegas-micromegas-datasource\]\n((?:[^[`].*\n)*)/gm)];
    const keys = sections.flatMap(([, body]) => [...body.matchAll(/^(\w+) =/gm)].map(([, key]) => key));
    expect(keys.filter((key) => !known.has(`GF_PLUGIN_${key.toUpperCase()}`))).toEqual([]);
  });

  it.each([
    ['docker-compose.yml', /stop_grace_period: (\d+)s/],
    ['deploy/kubernetes/sidecar.yaml', /terminationGracePeriodSeconds: (\d+)/],
    ['deploy/systemd/micromegas-proxy.service', /TimeoutStopSec=(\d+)/],
  ])('in %s let the sidecar finish its queries before it is killed', (file, stopTime) => {
    const [, killedAfter] = stopTime.exec(read(file)) ?? [];
    const [, drain] = /GF_PLUGIN_DRAIN_SECONDS\W+(?:value: ')?(\d+)/.exec(read(file)) ?? [];
    expect(Number(drain)).toBeGreaterThan(0);
    expect(Number(killedAfter)).toBeGreaterThan(Number(drain) + 1);
  });

  it('include the keys of the Helm values', () => {
    for (const file of ['deploy/helm/values.yaml', 'deploy/helm/values-sidecar.yaml']) {
      const keys = objectsIn(documents(file)).flatMap((object) => Object.keys(object[`plugin.${PLUGIN_ID}`] ?? {}));
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !known.has(`GF_PLUGIN_${key.toUpperCase()}`))).toEqual([]);
    }
  });
});

describe('files', () => {
  it('are mounted by docker-compose.yml only if they exist or are built', () => {
    const mounts = [...read('docker-compose.yml').matchAll(/^ +- \.\/([\w./-]+):/gm)].map(([, path]) => path);
    expect(mounts).toContain('provisioning');
    // `npm run package` makes dist-packages.
    expect(mounts.filter((path) => path !== 'dist-packages' && !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('are not excluded by .dockerignore if a Dockerfile copies them', () => {
    const copied = find('docker/*.Dockerfile').flatMap((file) =>
      [...read(file).matchAll(/^COPY ([\w-]+)\//gm)].map(([, folder]) => folder)
    );
    expect(new Set(copied)).toEqual(new Set(['dist-packages']));
    expect(read('.dockerignore')).toContain('!dist-packages');
  });

  it('of the backend are in the image of the sidecar and in the documentation', () => {
    const built = [...read('scripts/proxy-bundle.ts').matchAll(/join\(folder, '([\w-]+\.(?:cjs|wasm))'\)/g)];
    // The sidecar does not need the command that reports the effects of an update.
    const names = built.map(([, name]) => name).filter((name) => name !== 'migration-report.cjs');
    expect(names).toContain('sql-parser.wasm');
    for (const name of ['proxy.cjs', ...names]) {
      expect(read('docker/proxy.Dockerfile')).toContain(` ${name} `);
      expect(read('docs/operator/operation.md')).toContain(`\`${name}\``);
    }
  });

  it('that start Node.js use the options of the launcher', () => {
    const [, option] = /(--max-semi-space-size=\d+)/.exec(read('scripts/launcher/gpx_micromegas.sh')) ?? [];
    expect(option).toBeDefined();
    expect(read('docker/proxy.Dockerfile')).toContain(`"${option}"`);
    expect(read('docs/operator/operation.md')).toContain(`node ${option} proxy.cjs`);
  });
});
