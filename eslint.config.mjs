import { defineConfig } from 'eslint/config';
import regexp from 'eslint-plugin-regexp';
import baseConfig from './.config/eslint.config.mjs';

export default defineConfig([
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/coverage',
      'proxy/generated/',
      '.config/',
      'test-results/',
      'playwright-report/',
      '**/.eslintcache',
    ],
  },
  ...baseConfig,
  {
    files: ['**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // Promises that nobody waits for lose their errors.
    files: ['{contract,src,proxy,demo,tests,scripts,benchmarks}/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    // stdout carries the handshake and nothing else; stderr carries hclog lines. See docs/architecture.md.
    files: ['proxy/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // Users, telemetry and servers choose the text: no regular expression may take more than linear time. Sticky ones are
    // tried at one place only.
    files: ['{contract,src,proxy,demo}/**/*.{ts,tsx}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true, ignorePartial: false }],
    },
  },
  {
    files: ['{proxy,demo,tests,scripts,contract}/**/*.ts'],
    rules: { 'react-hooks/rules-of-hooks': 'off' },
  },
]);
