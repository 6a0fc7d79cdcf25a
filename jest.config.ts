// Jest runs what needs no browser window: unit tests beside the code, and tests/integration, which start the built
// plugin as Grafana does. tests/e2e belongs to Playwright.
import type { Config } from 'jest';

// Times in snapshots and messages are the same wherever the tests run.
process.env.TZ = 'UTC';

const scaffold: Config = require('./.config/jest.config');
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');

/** Packages that ship ES modules only: Jest 29 loads CommonJS, so they are transformed. */
const ES_MODULES = ['jose', 'openid-client', 'oauth4webapi', '@bufbuild/protobuf', '@guanmingchiu/sqlparser-ts'];
const swc = [
  '@swc/jest',
  {
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: false } },
  },
];
/** Packages of this repository are used as their sources, as tsconfig.json says. */
const PACKAGE_SOURCES = {
  '^@micromegas/http2$': '<rootDir>/packages/http2/src/index.ts',
  '^@micromegas/http2/testing$': '<rootDir>/packages/http2/src/testing/index.ts',
};
/** The package exports only an entry that cannot be bundled. */
const SQL_PARSER = {
  '^sqlparser-wasm$': '<rootDir>/node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm.js',
};
const node: Config = {
  testEnvironment: 'node',
  transform: { '^.+\\.(t|j)s$': swc as Config['transform'] extends Record<string, infer T> | undefined ? T : never },
  transformIgnorePatterns: [nodeModulesToTransform(ES_MODULES)],
  moduleNameMapper: { ...PACKAGE_SOURCES, ...SQL_PARSER },
};

const config: Config = {
  projects: [
    {
      ...scaffold,
      displayName: 'browser-half',
      modulePaths: ['<rootDir>'],
      moduleNameMapper: { ...scaffold.moduleNameMapper, ...SQL_PARSER },
      // d3-color ships .mjs only, which the scaffold's pattern leaves out.
      transform: { '^.+\\.m?(t|j)sx?$': Object.values(scaffold.transform ?? {})[0] },
      transformIgnorePatterns: [nodeModulesToTransform([...grafanaESModules, '@guanmingchiu/sqlparser-ts'])],
    },
    {
      ...node,
      displayName: 'node-half',
      testMatch: [
        '<rootDir>/{contract,proxy,packages,dashboards,demo,migration,scripts}/**/*.test.ts',
        '<rootDir>/tests/conformance/*.test.ts',
      ],
    },
    {
      ...node,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/integration/**/*.test.ts'],
    },
  ],
  // Tests wait for events, and a machine with other work may be slow. The limit ends tests that never finish.
  testTimeout: 120_000,
};

export default config;
