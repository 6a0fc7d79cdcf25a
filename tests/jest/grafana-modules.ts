/**
 * Bundles Grafana's packages for Jest. Without the bundle, Jest would load the 2,800 modules of these packages
 * separately, and again for each test file. The bundle is one module. A test file evaluates only the packages that it
 * imports.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(__dirname, '..', '..');

const NAMES = [
  '@emotion/css',
  '@grafana/data',
  '@grafana/i18n',
  '@grafana/plugin-ui',
  '@grafana/runtime',
  '@grafana/scenes',
  '@grafana/schema',
  '@grafana/ui',
];

/** Packages that tests and the bundle share. The bundle needs no Monaco, because tests replace it. */
const EXTERNAL = ['react', 'react-dom', 'rxjs', 'lodash', 'monaco-editor'];

/** The bundle's folder. Its name contains a hash of `package-lock.json` and of this file. */
const FOLDER = join(
  ROOT,
  'node_modules/.cache/jest-grafana',
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(readFileSync(__filename))
    .digest('hex')
    .slice(0, 16)
);

function fileOf(name: string): string {
  return `${name.replace(/\W+/g, '-')}.cjs`;
}

/** For `moduleNameMapper`. A test that imports `@grafana/ui` gets `grafana-ui.js`, which imports `@grafana/ui/real`. */
export const GRAFANA_MODULES: Record<string, string> = {
  ...Object.fromEntries(NAMES.map((name) => [`^${name}$`, join(FOLDER, fileOf(name))])),
  '^@grafana/ui$': join(__dirname, 'grafana-ui.js'),
  '^@grafana/ui/real$': join(FOLDER, fileOf('@grafana/ui')),
};

/** Makes the bundle if it is missing. */
export default async function bundleGrafana(): Promise<void> {
  if (existsSync(FOLDER)) {
    return;
  }
  const grafanaUi = createRequire(join(ROOT, 'package.json')).resolve('@grafana/ui/package.json');
  const unfinished = `${FOLDER}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  await build({
    stdin: {
      contents: NAMES.map((name) => `exports[${JSON.stringify(name)}] = () => require('${name}');`).join('\n'),
      resolveDir: ROOT,
    },
    outfile: join(unfinished, 'all.cjs'),
    bundle: true,
    format: 'cjs',
    charset: 'utf8',
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    conditions: ['browser'],
    define: { 'process.env.NODE_ENV': '"test"' },
    loader: { '.svg': 'dataurl', '.css': 'empty' },
    external: EXTERNAL,
    alias: {
      // The version that `@grafana/ui` depends on, because Grafana shares it with plugins.
      '@emotion/css': dirname(createRequire(grafanaUi).resolve('@emotion/css/package.json')),
      '@emotion/sheet': join(__dirname, 'no-styles.ts'),
      'react-inlinesvg': join(ROOT, '.config/jest/mocks/react-inlinesvg.tsx'),
    },
    logLevel: 'error',
  });
  for (const name of NAMES) {
    writeFileSync(join(unfinished, fileOf(name)), `module.exports = require('./all.cjs')['${name}']();\n`);
  }
  // Another run may have created the folder at the same time.
  if (existsSync(FOLDER)) {
    rmSync(unfinished, { recursive: true });
  } else {
    renameSync(unfinished, FOLDER);
  }
}
