/** Imports follow the tree of docs/architecture.md: this file says which folder may look into which. */

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

const BASE = [
  'proxy/errors',
  'proxy/logging',
  'proxy/async',
  'proxy/telemetry',
  'proxy/environment.ts',
  'proxy/version.ts',
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-dependencies',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(module|amd-module)$' },
    },
    {
      name: 'arrow-ipc-index',
      comment: 'Other folders use arrow-ipc through its index. Tests and their helpers may reach in.',
      severity: 'error',
      from: { pathNot: ['^proxy/arrow-ipc/', '^tests/', '(\\.test\\.tsx?|/testing/[^/]+)$'] },
      to: { path: '^proxy/arrow-ipc/', pathNot: '^proxy/arrow-ipc/index\\.ts$' },
    },
    only('contract', [], 'What both halves agree on stands alone.'),
    only('src', ['contract'], 'The browser half never sees the proxy.'),
    only('proxy/errors', ['contract'], 'Everyone may import the errors; they import the texts only.'),
    only('proxy/logging', ['proxy/errors'], 'Everyone may import the log; it imports the errors only.'),
    only('proxy/async', ['proxy/errors'], 'Everyone may import the helpers that wait; they import the errors only.'),
    only(
      'proxy/telemetry',
      ['proxy/errors', 'proxy/logging', 'proxy/environment.ts'],
      'What is measured; everyone above may report to it.'
    ),
    only(
      'proxy/tracing',
      ['contract', ...BASE],
      'A bundle of its own, which implements an interface of proxy/telemetry.'
    ),
    {
      name: 'tracing-is-loaded-at-run-time',
      comment: 'An import would add OpenTelemetry to the bundle of the proxy.',
      severity: 'error',
      from: { pathNot: '^proxy/tracing/' },
      to: { path: '^proxy/tracing/' },
    },
    only('proxy/generated', [], 'Output of proto/.'),
    only('proxy/protobuf', [], "Protobuf's wire format, without a notion of any message."),
    only('proxy/sql-guard', ['contract', 'proxy/errors'], 'SQL in, SQL that only reads out.'),
    only('proxy/sql-macros', ['contract', ...BASE], 'Text in, text out.'),
    only('proxy/log-context', ['contract', ...BASE], 'A log line in, SQL out.'),
    only('proxy/sql-edit', ['contract', ...BASE], 'SQL in, SQL out.'),
    only('proxy/log-volume', ['proxy/sql-edit', 'contract', ...BASE], 'SQL in, SQL out, for the number of log lines.'),
    only('proxy/log-pages', ['proxy/sql-edit', 'contract', ...BASE], 'SQL in, SQL out, for more log lines.'),
    only('proxy/tail', ['proxy/sql-edit', 'contract', ...BASE], 'SQL in, SQL out, for the lines that arrived lately.'),
    only(
      'proxy/arrow-ipc',
      ['proxy/memory', 'proxy/errors', 'contract'],
      'Arrow as bytes, without a notion of Grafana.'
    ),
    only(
      'proxy/data-frames',
      ['proxy/arrow-ipc', 'proxy/memory', 'contract', ...BASE],
      "Grafana's meaning on top of Arrow."
    ),
    only(
      'proxy/lake-reader',
      ['proxy/data-frames', 'proxy/arrow-ipc', 'proxy/memory', 'contract', ...BASE],
      'Statements in, rows out, for answers of several statements.'
    ),
    only('proxy/images', ['proxy/lake-reader', 'contract', ...BASE], 'An address in, one image out.'),
    only('proxy/perfetto', ['proxy/lake-reader', 'contract', ...BASE], 'A process and a range in, bytes out.'),
    ...['traces', 'profiles', 'processes', 'what-changed'].map((folder) =>
      only(
        `proxy/${folder}`,
        [
          'proxy/lake-reader',
          'proxy/data-frames',
          'proxy/memory',
          'contract',
          ...(folder === 'processes' ? ['proxy/images'] : []),
          ...(folder === 'what-changed' ? ['proxy/processes'] : []),
          ...BASE,
        ],
        'A request in, frames out, with statements of its own.'
      )
    ),
    only('proxy/network', ['contract', ...BASE], 'Sockets, TLS and proxies; knows nothing of what they carry.'),
    only('proxy/operator', ['contract', ...BASE], "The operator's own limits, read once."),
    only('proxy/memory', BASE, 'Counts bytes, whoever holds them.'),
    only('proxy/oidc', ['proxy/network', 'contract', ...BASE], 'Signing in knows nothing of queries.'),
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
    {
      name: 'only-proxy-grpc',
      comment: 'The parts of gRPC that do not depend on the direction of a call.',
      severity: 'error',
      from: { path: '^proxy/grpc\\.ts$' },
      to: { path: '^(contract|src|proxy|packages|demo|migration|tests|scripts|benchmarks)/' },
    },
    only(
      'proxy/flight-sql',
      [
        'packages/http2',
        'proxy/grpc.ts',
        'proxy/protobuf',
        'proxy/memory',
        'proxy/network',
        'proxy/sql-guard',
        'contract',
        ...BASE,
      ],
      'Is handed its token; does not fetch it.'
    ),
    only(
      'proxy/instances',
      [
        'proxy/oidc',
        'proxy/flight-sql',
        'proxy/sql-guard',
        'proxy/network',
        'proxy/operator',
        'proxy/metrics',
        'contract',
        ...BASE,
      ],
      'Joins sign-in and connection.'
    ),
    only('proxy/metrics', BASE, 'Counters, fed by everyone above.'),
    only(
      'proxy/diagnostics',
      ['proxy/instances', 'proxy/memory', 'contract', ...BASE],
      'Describes a data source and the process, without secrets.'
    ),
    only(
      'proxy/lookups',
      ['proxy/instances', 'proxy/arrow-ipc', 'proxy/memory', 'contract', ...BASE],
      'Suggestions: a request in, a short list out.'
    ),
    only(
      'proxy/freshness',
      [
        'proxy/instances',
        'proxy/sql-edit',
        'proxy/data-frames',
        'proxy/arrow-ipc',
        'proxy/memory',
        'contract',
        ...BASE,
      ],
      'A query in, a notice out.'
    ),
    only(
      'proxy/handlers',
      [
        'proxy/instances',
        'proxy/freshness',
        'proxy/lookups',
        'proxy/lake-reader',
        'proxy/traces',
        'proxy/profiles',
        'proxy/processes',
        'proxy/what-changed',
        'proxy/images',
        'proxy/perfetto',
        'proxy/log-context',
        'proxy/sql-macros',
        'proxy/sql-edit',
        'proxy/log-volume',
        'proxy/log-pages',
        'proxy/tail',
        'proxy/data-frames',
        'proxy/oidc',
        'proxy/flight-sql',
        'proxy/arrow-ipc',
        'proxy/memory',
        'proxy/operator',
        'proxy/metrics',
        'contract',
        ...BASE,
      ],
      'Plain values only: no gRPC, no protobuf.'
    ),
    only(
      'proxy/plugin-protocol',
      ['proxy/handlers', 'packages/http2', 'proxy/grpc.ts', 'proxy/protobuf', 'proxy/memory', 'contract', ...BASE],
      'The door: wire types stop here.'
    ),
    only(
      'migration',
      ['contract', 'proxy/errors', 'proxy/async', 'proxy/sql-guard', 'proxy/environment.ts'],
      'A command of its own; knows saved queries, not how they run.'
    ),
    only('demo', ['contract', 'proxy/generated', 'proxy/arrow-ipc'], 'Never shipped; shares the wire formats only.'),
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
