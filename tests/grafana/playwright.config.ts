/** Tests of the plugin in a running Grafana. CONTRIBUTING.md says how to run them. */
import { type PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import { CONTEXT_OPTIONS } from './grafana';

const { GRAFANA_URL, CI } = process.env;
if (GRAFANA_URL === undefined) {
  throw new Error('GRAFANA_URL is not set. Set it to the address of a Grafana that has the plugin.');
}

export default defineConfig<PluginOptions>({
  testDir: '.',
  // These files only take pictures for docs/.
  testIgnore: process.env.UPDATE_PICTURES === '1' ? [] : ['**/*-pictures.spec.ts'],
  outputDir: '../../test-results/grafana',
  globalSetup: require.resolve('./set-up'),
  // Long enough for a busy machine, on which a page of Grafana may take 20 seconds to load.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  workers: 1,
  forbidOnly: CI !== undefined,
  reporter: [['list'], ['json', { outputFile: '../../test-results/grafana.json' }]],
  use: {
    ...CONTEXT_OPTIONS,
    baseURL: GRAFANA_URL,
    provisioningRootDir: join(__dirname, '../../provisioning'),
    actionTimeout: 60_000,
    screenshot: 'only-on-failure',
  },
});
