import { defineConfig } from 'eslint/config';
import i18n from '@grafana/i18n/eslint-plugin';
import regexp from 'eslint-plugin-regexp';
import baseConfig from './.config/eslint.config.mjs';
import { words } from './scripts/lint/words.mjs';

const TYPED_ARRAY = '/^(Big)?(Uint|Int|Float)\\d+(Clamped)?Array$|^ArrayBuffer$/';
const CONSTANT = '/^[A-Z][A-Z0-9_]*$/';
const FROM_ACCOUNT =
  'Take the memory from the MemoryAccount of the query: docs/developer/decisions/0015-one-memory-account.md';
const WAIT_HELPER = 'Use proxy/base/async, which removes its timers and listeners.';

/** Members are hidden with `#name`, which the runtime enforces. Only a constructor needs the word `private`. */
const PRIVATE_KEYWORD = [
  "PropertyDefinition[accessibility='private']",
  "MethodDefinition[accessibility='private'][kind!='constructor']",
  "TSParameterProperty[accessibility='private']",
].map((selector) => ({ selector, message: 'Write #name instead of private name.' }));

/**
 * Defaults of array elements, such as `a[i] ?? 0`. The element must exist, and the default would hide a wrong index.
 */
const DEFAULTED_ELEMENTS = [
  '[right.raw=/^[0-9]/]',
  "[right.type='UnaryExpression']",
  "[right.type='NewExpression']",
].map((right) => ({
  selector: `LogicalExpression[operator='??'][left.type='MemberExpression'][left.computed=true]${right}`,
  message: 'Write a[i] if the element exists. If it may be missing, check the index or write a.at(i) ?? 0.',
}));

/** Maps and sets of strings. V8 compares a long string with all others of its length. Constant tables are no risk. */
const TEXT_KEYS = [
  "NewExpression[callee.name='Map'][typeArguments.params.0.type='TSStringKeyword']",
  "NewExpression[callee.name='Set'][typeArguments.params.0.type='TSStringKeyword']",
  "TSTypeReference[typeName.name=/^(Map|Set)$/][typeArguments.params.0.type='TSStringKeyword']",
  ':function NewExpression[callee.name=/^(Map|Set)$/][arguments.length>0]:not([typeArguments])',
].map((selector) => ({
  selector,
  message:
    'Use StringMap or StringSet for strings from outside (contract/string-map.ts), else state the type of the keys.',
}));

/** Strings in `t` without `escapeValue: false`. React escapes them again, and shows `&amp;`. */
const ESCAPED_VALUES = [
  {
    selector:
      "CallExpression[callee.name='t'] > ObjectExpression:not(:has(> Property[key.name=/^(interpolation|skipInterpolation)$/])):not(:has(> SpreadElement)) > Property:not([key.name=/^(number|count|max|limit|rowLimit|tables|seconds|minutes|late|missed|size)$/])",
    message: 'Add interpolation: { escapeValue: false }, or give a number one of the names in eslint.config.mjs.',
  },
];

/** Buffers whose size is not known when the code is written. */
const UNCOUNTED_BUFFERS = [
  `NewExpression[callee.name=${TYPED_ARRAY}][arguments.length=1]:not([arguments.0.type='Literal']):not([arguments.0.name=${CONSTANT}])`,
  `CallExpression[callee.object.name=${TYPED_ARRAY}][callee.property.name='from']`,
  `CallExpression[callee.object.name='Buffer'][callee.property.name=/^(concat|allocUnsafeSlow)$/]`,
  `CallExpression[callee.object.name='Buffer'][callee.property.name=/^alloc(Unsafe)?$/]:not([arguments.0.name=${CONSTANT}])`,
];

export default defineConfig([
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      'dist-packages/',
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
      'no-restricted-syntax': ['error', ...PRIVATE_KEYWORD],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // Prettier wraps code at 120 columns, but neither comments nor strings.
    files: ['**/*.{ts,tsx}'],
    rules: {
      'max-len': [
        'error',
        {
          code: 140,
          comments: 120,
          ignoreUrls: true,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
    },
  },
  {
    // The error of a promise that no code awaits is lost.
    files: ['{contract,src,proxy,packages,demo,migration,tests,scripts,benchmarks}/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/**/*.test.{ts,tsx}', 'src/testing/**'],
    plugins: { '@grafana/i18n': i18n },
    rules: {
      '@grafana/i18n/no-untranslated-strings': ['error', { calleesToIgnore: ['^css$'] }],
      '@grafana/i18n/no-translation-top-level': 'error',
    },
  },
  {
    files: ['{src,contract}/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', '**/testing/**', 'contract/string-map.ts'],
    rules: { 'no-restricted-syntax': ['error', ...PRIVATE_KEYWORD, ...TEXT_KEYS, ...ESCAPED_VALUES] },
  },
  {
    files: ['{proxy,src,contract,packages,migration}/**/*.{ts,tsx}'],
    plugins: { local: { rules: { words } } },
    rules: { 'local/words': 'error' },
  },
  {
    // stdout contains only the handshake, and stderr only hclog lines. See docs/developer/architecture.md.
    files: ['{proxy,packages/*/src}/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // Each call of these functions with a long-lived signal or promise leaks memory.
    files: ['proxy/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['any', 'timeout'].map((property) => ({ object: 'AbortSignal', property, message: WAIT_HELPER })),
        { object: 'Promise', property: 'race', message: WAIT_HELPER },
      ],
    },
  },
  {
    // The strings come from users, telemetry and servers, so each regular expression must take linear time. Sticky
    // regular expressions are tried at one position only.
    files: ['{contract,src,proxy,packages,demo,migration}/**/*.{ts,tsx}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true, ignorePartial: false }],
    },
  },
  {
    // The next entries replace this one for some files, so they repeat some of its selectors.
    files: ['proxy/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...PRIVATE_KEYWORD, ...TEXT_KEYS, ...DEFAULTED_ELEMENTS] },
  },
  {
    // Maps of strings are allowed here: their keys are messages of this program, and parts of secrets of the settings.
    files: ['proxy/observe/logging/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...PRIVATE_KEYWORD, ...DEFAULTED_ELEMENTS] },
  },
  {
    files: ['proxy/frames/**/*.ts', 'proxy/lakehouse/flight-sql/message-*.ts', 'proxy/grafana/request-body.ts'],
    ignores: [
      '**/*.test.ts',
      '**/testing/**',
      // Copies a buffer that is not aligned. The copy is no larger than the buffer.
      'proxy/frames/arrow-ipc/vector.ts',
      // Computes sizes before the memory of a conversion is reserved: at most eight bytes for each received row.
      'proxy/frames/arrow-ipc/row-sizes.ts',
      // A few bytes for each column, with its name and labels, and for each piece of a dictionary: all have limits.
      'proxy/frames/arrow-ipc/flatbuffer-bytes.ts',
      'proxy/frames/arrow-ipc/dictionary.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...PRIVATE_KEYWORD,
        ...TEXT_KEYS,
        ...DEFAULTED_ELEMENTS,
        ...UNCOUNTED_BUFFERS.map((selector) => ({ selector, message: FROM_ACCOUNT })),
      ],
    },
  },
  {
    files: ['{proxy,packages,demo,migration,tests,scripts,contract,dashboards}/**/*.ts'],
    rules: { 'react-hooks/rules-of-hooks': 'off' },
  },
]);
