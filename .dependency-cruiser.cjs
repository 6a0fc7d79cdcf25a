/** Imports follow the tree of docs/developer/architecture.md: this file says which folder may look into which. */

/** A folder and the only folders and files of ours that it may import. Tests and their helpers in testing/ may import more. */
function only(folder, allowed, comment) {
  return {
    name: `only-${folder.replace(/\//g, '-')}`,
    comment,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: '(\\.test\\.tsx?|/testing/[^/]+)$' },
    to: {
      path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/',
      pathNot: [
        `^${folder}/`,
        ...allowed.map((to) => (to.endsWith('.ts') ? `^${to.replace('.', '\\.')}$` : `^${to}/`)),
      ],
    },
  };
}

/** What the folders below may import in any case. */
const BASE = ['proxy/base', 'proxy/observe/logging', 'proxy/observe/telemetry'];

/** The wings of the backend and what each may import, from the outside in. Only `main.ts` may import all of them. */
const WINGS = {
  grafana: ['query', 'observe', 'base'],
  handlers: ['query', 'views', 'frames', 'lakehouse', 'sql', 'observe', 'base'],
  query: ['views', 'frames', 'lakehouse', 'sql', 'observe', 'base'],
  views: ['frames', 'lakehouse', 'sql', 'observe', 'base'],
  frames: ['observe', 'base'],
  lakehouse: ['sql', 'observe', 'base'],
  sql: ['observe', 'base'],
  observe: ['base'],
  base: [],
};

/** The folders of the frontend and what each may import, from the outside in. `datasource.ts` and `module.ts` may import all of them. */
const FRONTEND = {
  settings: ['shared'],
  annotations: ['editor', 'shared'],
  variables: ['editor', 'shared'],
  editor: ['explore', 'shared'],
  explore: ['shared'],
  shared: [],
};

/** The folders of `contract/` and what each may import, from the outside in. Each may import the files beside them. */
const CONTRACT = {
  queries: ['builder', 'query-types', 'logs', 'messages', 'settings'],
  builder: ['query-types', 'sql'],
  'query-types': ['logs'],
  logs: ['resources'],
  sql: [],
  resources: ['messages'],
  problems: ['messages', 'settings'],
  messages: ['settings'],
  settings: [],
};

const CONTRACT_FILES = [
  'ascending-list',
  'audit',
  'is-object',
  'parse-json',
  'plugin-id',
  'result-format',
  'schemas',
  'string-map',
  'unique-names',
].map((name) => `contract/${name}.ts`);

/** The rules for the folders below `root`. Each may import `common` in any case. */
function layers(root, folders, common) {
  return Object.entries(folders).map(([folder, lower]) =>
    only(
      `${root}/${folder}`,
      [...common, ...lower.map((name) => `${root}/${name}`)],
      'docs/developer/architecture.md says what each folder is for.'
    )
  );
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-dependencies',
      comment: 'Webpack resolves module and amd-module, and Jest @grafana/ui/real.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(module|amd-module|@grafana/ui/real)$' },
    },
    {
      name: 'arrow-ipc-index',
      comment: 'Other folders use arrow-ipc through its index. Tests and their helpers may reach in.',
      severity: 'error',
      from: { pathNot: ['^proxy/frames/arrow-ipc/', '^tests/', '(\\.test\\.tsx?|/testing/[^/]+)$'] },
      to: { path: '^proxy/frames/arrow-ipc/', pathNot: '^proxy/frames/arrow-ipc/index\\.ts$' },
    },
    only('dashboards/source', ['contract'], 'Queries of dashboards are those that the editor saves.'),
    only('contract', [], 'What frontend and backend agree on stands alone.'),
    only('src', ['contract'], 'The frontend never imports the backend.'),
    ...layers('contract', CONTRACT, CONTRACT_FILES),
    ...layers('src', FRONTEND, ['contract']),
    ...layers('proxy', WINGS, ['contract', 'packages/http2']),
    {
      name: 'http2-for-connections-only',
      comment: 'The wire to Grafana and the wire to Micromegas.',
      severity: 'error',
      from: { path: '^proxy/', pathNot: ['^proxy/(grafana|lakehouse/flight-sql)/', '\\.test\\.ts$', '/testing/'] },
      to: { path: '^packages/http2/' },
    },
    only('proxy/base/errors', ['contract'], 'Everyone may import the errors; they import the messages only.'),
    only('proxy/base/async', ['proxy/base/errors'], 'Helpers that wait.'),
    only('proxy/base/protobuf', [], "Protobuf's wire format, without a notion of any message."),
    {
      name: 'only-proxy-grpc',
      comment: 'The parts of gRPC that do not depend on the direction of a call.',
      severity: 'error',
      from: { path: '^proxy/base/grpc\\.ts$' },
      to: { path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/' },
    },
    only('proxy/generated', [], 'Output of proto/.'),
    only('proxy/observe/logging', ['proxy/base'], 'Everyone may import the log.'),
    only(
      'proxy/observe/telemetry',
      ['proxy/observe/logging', 'proxy/base'],
      'What is measured. Everyone may report to it.'
    ),
    only('proxy/observe/memory', BASE, 'Counts bytes, whoever holds them.'),
    only('proxy/observe/metrics', BASE, 'Counters, to which the other folders report.'),
    only(
      'proxy/observe/tracing',
      ['contract', ...BASE],
      'A bundle of its own, which implements an interface of telemetry/.'
    ),
    {
      name: 'tracing-is-loaded-at-run-time',
      comment: 'An import would add OpenTelemetry to the bundle of the proxy.',
      severity: 'error',
      from: { pathNot: '^proxy/observe/tracing/' },
      to: { path: '^proxy/observe/tracing/' },
    },
    only('proxy/sql/guard', ['contract', 'proxy/base/errors'], 'SQL in, SQL that only reads out.'),
    only('proxy/sql/macros', ['contract', ...BASE], 'SQL in, SQL out.'),
    only('proxy/sql/edit', ['contract', ...BASE], 'SQL in, SQL out, with the SQL parser.'),
    only(
      'proxy/frames/arrow-ipc',
      ['proxy/observe/memory', 'proxy/base/errors', 'contract'],
      'Arrow as bytes. Knows nothing of Grafana.'
    ),
    only(
      'proxy/frames/data-frames',
      ['proxy/frames/arrow-ipc', 'proxy/observe/memory', 'contract', ...BASE],
      "Grafana's frames from Arrow."
    ),
    only(
      'proxy/lakehouse/network',
      ['contract', ...BASE],
      'Sockets, TLS and HTTP or SOCKS proxies. Knows nothing of what they carry.'
    ),
    only('proxy/lakehouse/operator', ['contract', ...BASE], 'The limits that the operator sets, read once.'),
    only(
      'proxy/lakehouse/oidc',
      ['proxy/lakehouse/network', 'contract', ...BASE],
      'Signing in. Knows nothing of queries.'
    ),
    only(
      'proxy/lakehouse/flight-sql',
      ['packages/http2', 'proxy/observe/memory', 'proxy/lakehouse/network', 'proxy/sql/guard', 'contract', ...BASE],
      'Its caller passes the token.'
    ),
    only(
      'proxy/views/lake-reader',
      ['proxy/frames', 'proxy/observe/memory', 'contract', ...BASE],
      'Statements in, rows out, for results of several statements.'
    ),
    only('proxy/views/images', ['proxy/views/lake-reader', 'contract', ...BASE], 'An address in, one image out.'),
    only(
      'proxy/views/perfetto',
      ['proxy/views/lake-reader', 'contract', ...BASE],
      'A process and a range in, bytes out.'
    ),
    ...['traces', 'profiles', 'processes', 'what-changed'].map((folder) =>
      only(
        `proxy/views/${folder}`,
        [
          'proxy/views/view-context.ts',
          'proxy/views/lake-reader',
          'proxy/frames/data-frames',
          'proxy/observe/memory',
          'contract',
          ...(folder === 'processes' ? ['proxy/views/images'] : []),
          ...(folder === 'what-changed' ? ['proxy/views/processes'] : []),
          ...BASE,
        ],
        'A request in, frames out, with statements of its own.'
      )
    ),
    {
      name: 'packages-stand-alone',
      comment: 'A package of this repository could live in another one, its tests and scripts included.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'packages-by-their-entries',
      comment: 'What a package does not export may change at any time.',
      severity: 'error',
      from: { pathNot: '^packages/' },
      to: { path: '^packages/', pathNot: '^packages/[^/]+/src/(testing/)?index\\.ts$' },
    },
    {
      name: 'testing-entries-for-tests-only',
      severity: 'error',
      from: { pathNot: '^(packages|tests)/|\\.test\\.tsx?$|/testing/' },
      to: { path: '^packages/[^/]+/src/testing/' },
    },
    only(
      'migration',
      ['contract', 'proxy/base', 'proxy/sql/guard'],
      'A command of its own; knows saved queries, not how they run.'
    ),
    only(
      'demo',
      ['contract', 'proxy/generated', 'proxy/frames/arrow-ipc'],
      'Never shipped; shares the wire formats only.'
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
