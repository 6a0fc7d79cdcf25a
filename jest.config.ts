// Jest runs the tests without a browser: unit tests beside the code, and tests/integration, which start the built
// plugin as Grafana does. Playwright runs tests/e2e and tests/grafana.
import type { Config } from 'jest';
import { GRAFANA_MODULES } from './tests/jest/grafana-modules';

// Times in snapshots and messages are the same wherever the tests run.
process.env.TZ = 'UTC';
// i18next otherwise prints an advertisement for each test file.
process.env.I18NEXT_NO_SUPPORT_NOTICE = '1';

const scaffold: Config = require('./.config/jest.config');
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');

type Transform = NonNullable<Config['transform']>;

/** Packages that ship ES modules only: Jest 29 loads CommonJS, so they are transformed. */
const ES_MODULES = ['jose', 'openid-client', 'oauth4webapi', '@bufbuild/protobuf', '@guanmingchiu/sqlparser-ts'];
const swc: Transform[string] = [
  '@swc/jest',
  {
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: false } },
  },
];
/** Packages of this repository are imported from their sources, as tsconfig.json configures. */
const PACKAGE_SOURCES = {
  '^@micromegas/http2$': '<rootDir>/packages/http2/src/index.ts',
  '^@micromegas/http2/testing$': '<rootDir>/packages/http2/src/testing/index.ts',
};
/** An alias for a file of the package. The package itself exports only an entry that cannot be bundled. */
const SQL_PARSER = {
  '^sqlparser-wasm$': '<rootDir>/node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm.js',
};

/**
 * Globals that loops over bytes use. Jest runs modules in a context of `node:vm`, where each access to a global calls
 * an interceptor. Jest passes the listed globals to each module as parameters, which makes such loops up to ten times
 * as fast. The list omits globals that tests replace (clock, timers, `fetch`), and globals that a package declares
 * again (`Buffer`, `Map`, `Number`, `String`).
 */
const PARAMETERS = [
  'Array',
  'ArrayBuffer',
  'BigInt',
  'BigInt64Array',
  'DataView',
  'Float64Array',
  'Int32Array',
  'Math',
  'Object',
  'Uint32Array',
  'Uint8Array',
] as const;
// Jest accepts any name, but its type does not list all of these.
const sandboxInjectedGlobals = [...PARAMETERS] as Config['sandboxInjectedGlobals'];

/** Integration tests that measure time or memory, so that no other test may run beside them. */
const SERIAL = '\\.serial\\.test\\.ts$';

const node: Config = {
  testEnvironment: 'node',
  sandboxInjectedGlobals,
  transform: { '^.+\\.(t|j)s$': swc },
  transformIgnorePatterns: [nodeModulesToTransform(ES_MODULES)],
  moduleNameMapper: { ...PACKAGE_SOURCES, ...SQL_PARSER },
};

/** The frontend: Grafana's packages come from a bundle. */
const frontend: Config = {
  sandboxInjectedGlobals,
  globalSetup: '<rootDir>/tests/jest/grafana-modules.ts',
  setupFilesAfterEnv: ['<rootDir>/tests/jest/frontend-setup.js'],
  modulePaths: ['<rootDir>'],
  moduleNameMapper: { ...scaffold.moduleNameMapper, ...SQL_PARSER, ...GRAFANA_MODULES },
  transform: scaffold.transform,
  transformIgnorePatterns: [nodeModulesToTransform([...grafanaESModules, '@guanmingchiu/sqlparser-ts'])],
};

const config: Config = {
  projects: [
    {
      ...scaffold,
      ...frontend,
      displayName: 'frontend',
      testMatch: ['<rootDir>/src/**/*.test.tsx'],
    },
    {
      ...frontend,
      displayName: 'frontend-without-dom',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/src/**/*.test.ts'],
    },
    {
      ...node,
      displayName: 'backend',
      testMatch: [
        '<rootDir>/{contract,proxy,packages,dashboards,demo,migration,scripts,benchmarks}/**/*.test.ts',
        '<rootDir>/tests/conformance/*.test.ts',
        '<rootDir>/tests/packages/*.test.ts',
      ],
    },
    {
      ...node,
      displayName: 'integration',
      globalSetup: '<rootDir>/tests/jest/start-shared-servers.ts',
      globalTeardown: '<rootDir>/tests/jest/stop-shared-servers.ts',
      testMatch: ['<rootDir>/tests/integration/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', SERIAL],
    },
    {
      ...node,
      displayName: 'integration-serial',
      testMatch: ['<rootDir>/tests/integration/**/*.serial.test.ts'],
    },
  ],
  // Tests wait for events, and a machine with other work may be slow. The limit ends tests that never finish.
  testTimeout: 120_000,
};

export default config;
