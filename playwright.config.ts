import { defineConfig } from '@playwright/test';

// Each worker starts a playground of its own (tests/e2e/playground.ts): plugin, lakehouse and issuer on free ports.
export default defineConfig({
  testDir: './tests/e2e',
  // No tests, but a way to make pictures for docs/: UPDATE_PICTURES=1 npx playwright test tests/e2e/settings-pictures
  testIgnore: process.env.UPDATE_PICTURES === '1' ? [] : ['**/*-pictures.spec.ts'],
  outputDir: 'test-results/e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: { locale: 'en-US', timezoneId: 'UTC', viewport: { width: 1280, height: 900 }, trace: 'retain-on-failure' },
});
