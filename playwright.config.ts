import { defineConfig } from '@playwright/test';
import { CONTEXT_OPTIONS, type PlaygroundOptions } from './tests/e2e/playground';

// These specs take the pictures of docs/ and test nothing: UPDATE_PICTURES=1 npm run test:e2e -- settings-pictures
const PICTURES = process.env.UPDATE_PICTURES === '1' ? [] : ['**/*-pictures.spec.ts'];

// Each worker starts a playground of its own (tests/e2e/playground.ts): plugin, lakehouse and issuer on free ports.
export default defineConfig<object, PlaygroundOptions>({
  testDir: './tests/e2e',
  outputDir: 'test-results/e2e',
  globalSetup: require.resolve('./tests/e2e/set-up'),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // A test waits for the page most of the time, so two of them share two cores well.
  workers: 2,
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: { ...CONTEXT_OPTIONS, screenshot: 'only-on-failure' },
  projects: [
    { name: 'grafana-12', testIgnore: [...PICTURES, '**/grouping.spec.ts'], use: { grafana: '12' } },
    { name: 'grafana-13', testIgnore: PICTURES, use: { grafana: '13' } },
  ],
});
